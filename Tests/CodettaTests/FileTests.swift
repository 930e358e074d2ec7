import Codetta
import Foundation
import TestSupport
import Testing

/// Files from URL to URL: progress, cancellation, and nothing left behind.
@Suite struct FileTests {
    private let model: Model
    private let scratch: ScratchFolder
    private let length = 300_000

    init() throws {
        (model, scratch) = (try tinyModel(), try ScratchFolder())
        try scratch.writeAudio("talk.wav", tones(length, channels: 2), rate: 44_100)
    }

    private struct Enough: Error {}

    @Test func aFileComesBackWithRateChannelsAndLength() async throws {
        let reports = Locked<[FileProgress]>([])
        let encoded = try await model.encode(
            scratch.file("talk.wav"), to: scratch.file("talk.codetta"), bitrate: .count(1), entropy: .adaptive
        ) { progress in reports.update { $0.append(progress) } }
        #expect(encoded.samples == length && encoded.header.layout.codebooks.count == 1)
        #expect(reports.value.last?.fraction == 1 && reports.value.count > 2)
        let decoded = try await model.decode(scratch.file("talk.codetta"), to: scratch.file("back.flac")) { progress in reports.update { $0.append(progress) } }
        #expect(decoded.samples == length && decoded.channels == 2 && decoded.container == .flac)
        #expect(reports.value.allSatisfy { (0...1).contains($0.fraction) })
        let audio = try AudioReader(path: scratch.file("back.flac").path)
        #expect(audio.sampleRate == 44_100 && audio.totalSamples == length)
        #expect(try scratch.entries() == ["back.flac", "talk.codetta", "talk.wav"])
    }

    @Test(arguments: 0..<4)
    func whatProgressThrowsLeavesTheFolderAsItWas(blocks: Int) async throws {
        try Data([1, 2, 3]).write(to: scratch.file("old.codetta"))
        let reports = Locked<[FileProgress]>([])
        for target in ["new.codetta", "old.codetta"] {
            await #expect(throws: Enough.self) {
                try await model.encode(scratch.file("talk.wav"), to: scratch.file(target)) { progress in
                    reports.update { $0.append(progress) }
                    if reports.value.count > blocks { throw Enough() }
                }
            }
        }
        #expect(try scratch.entries() == ["old.codetta", "talk.wav"])
        #expect(try Data(contentsOf: scratch.file("old.codetta")) == Data([1, 2, 3]))
    }

    @Test func whatProgressThrowsLeavesNoDecodedFile() async throws {
        try await model.encode(scratch.file("talk.wav"), to: scratch.file("talk.codetta"))
        await #expect(throws: Enough.self) {
            try await model.decode(scratch.file("talk.codetta"), to: scratch.file("talk.wav")) { _ in throw Enough() }
        }
        #expect(try scratch.entries() == ["talk.codetta", "talk.wav"])
        #expect(try AudioReader(path: scratch.file("talk.wav").path).totalSamples == length)
    }

    @Test(arguments: [0, 1, 7, 23])
    func aCancelledTaskLeavesTheFolderAsItWas(milliseconds: Int) async throws {
        try await model.encode(scratch.file("talk.wav"), to: scratch.file("talk.codetta"))
        try Data([1, 2, 3]).write(to: scratch.file("old.wav"))
        let (model, scratch) = (model, scratch)
        for (source, target) in [("talk.wav", "new.codetta"), ("talk.codetta", "new.wav"), ("talk.codetta", "old.wav")] {
            let task = Task {
                // Goes on for ever unless it is cancelled.
                while true {
                    if source == "talk.wav" {
                        try await model.encode(scratch.file(source), to: scratch.file(target)) { _ in try Self.waitForCancellation() }
                    } else {
                        try await model.decode(scratch.file(source), to: scratch.file(target)) { _ in try Self.waitForCancellation() }
                    }
                }
            }
            // From outside of the tasks' threads, which the work may hold up meanwhile.
            DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(milliseconds)) { task.cancel() }
            let result = await task.result
            #expect(throws: CancellationError.self) { try result.get() }
        }
        #expect(try scratch.entries() == ["old.wav", "talk.codetta", "talk.wav"])
        #expect(try Data(contentsOf: scratch.file("old.wav")) == Data([1, 2, 3]))
    }

    /// Holds the work up until its task is cancelled, so that it never ends well.
    private static func waitForCancellation() throws {
        for _ in 0..<20_000 where !Task.isCancelled { usleep(1000) }
    }

    @Test func workRunsOffTheCallersActor() async throws {
        let ranOnMain = Locked<[FileProgress]>([])
        try await Task { @MainActor in
            _ = try await model.encode(scratch.file("talk.wav"), to: scratch.file("talk.codetta")) { progress in
                if Thread.isMainThread { ranOnMain.update { $0.append(progress) } }
            }
        }.value
        #expect(ranOnMain.value.isEmpty)
    }

    @Test func refusalsMakeNoFile() async throws {
        await #expect(throws: PipelineError.self) {
            try await model.encode(scratch.file("missing.wav"), to: scratch.file("x.codetta"))
        }
        await #expect(throws: PipelineError.self) {
            try await model.encode(scratch.file("talk.wav"), to: scratch.file("talk.wav"))
        }
        await #expect(throws: PipelineError.self) {
            try await model.encode(URL(string: "https://example.org/talk.wav")!, to: scratch.file("x.codetta"))
        }
        try await model.encode(scratch.file("talk.wav"), to: scratch.file("talk.codetta"))
        await #expect(throws: AudioError.self) {
            try await model.decode(scratch.file("talk.codetta"), to: scratch.file("x.unheard-of"))
        }
        await #expect(throws: PipelineError.exists) {
            try await model.decode(scratch.file("talk.codetta"), to: scratch.file("talk.wav"), overwrite: false)
        }
        #expect(try scratch.entries() == ["talk.codetta", "talk.wav"])
    }
}
