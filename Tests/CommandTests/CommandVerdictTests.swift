import Codetta
import Foundation
import Platform
import TestSupport
import Testing

/// One verdict of `verify`, `info`, `decode` and `convert` on a `.codetta` file. The numbers are those of `TokenFilesTests.VerdictTests`.
@Suite struct CommandVerdictTests {
    private let scratch: ScratchFolder

    init() throws { scratch = try ScratchFolder() }

    private func run(_ arguments: String...) throws -> CommandResult { try Command.run(arguments, in: scratch.url) }

    /// `a.codetta`: nine seconds of tones by the tiny model, in several chunks of edition 1.
    private func encode() throws -> TakenApart {
        try scratch.writeAudio("a.wav", tones(9 * 24000, channels: 1, rate: 24000), rate: 24000)
        #expect(try run("encode", "a.wav", "-m", Command.tinyModel).status == 0)
        var document = try EncodedAudio(source: MemorySource(Array(try scratch.bytes("a.codetta"))))
        document.header.paging = nil
        document.header.original.sampleCount = nil
        document.header.weights = try Model(contentsOf: URL(fileURLWithPath: Command.tinyModel)).weights
        let sink = MemorySink()
        try document.write(to: sink)
        try scratch.write(Data(sink.bytes), to: "a.codetta")
        return TakenApart(sink.bytes)
    }

    /// What each of the commands says of `file`, without the names of files.
    private func lines(_ file: TakenApart) throws -> [String] {
        try scratch.write(Data(file.bytes), to: "f.codetta")
        return try [
            ["verify", "f.codetta"], ["info", "f.codetta"], ["decode", "f.codetta", "-o", "f.wav", "-m", Command.tinyModel],
            ["convert", "f.codetta", "-o", "f.npz"], ["convert", "f.codetta", "-o", "g.codetta", "--model", Command.tinyModel],
        ].map { arguments in
            let result = try Command.run(arguments, in: scratch.url)
            #expect(result.status == 65 && result.errorLines.count == 1, "\(arguments): \(result.status) \(result.errors)")
            #expect(!scratch.exists("f.wav") && !scratch.exists("f.npz") && !scratch.exists("g.codetta"))
            return result.errors
        }
    }

    @Test func contradiction1ChunksOutOfOrderAre65ToAll() throws {
        var file = try encode()
        #expect(file.sections.filter { $0.type == 2 }.count > 1)
        file.sections.swapAt(1, 2)
        file.makeConsistent()
        for line in try lines(file) { #expect(line.contains("are missing"), "\(line)") }
    }

    @Test func contradiction3FramesFarBeyondTheSamplesAre65ToAll() throws {
        var file = try encode()
        let end = file.sections.count - 1
        file.sections[end].payload.replaceSubrange(8..<16, with: littleEndian(UInt64(1)))
        for line in try lines(file) { #expect(line.contains("end mark has sample total 1, expected as many as"), "\(line)") }
        // To a pipe, which cannot take samples back: none from a file, and from a pipe in the end the same line.
        let raw = try Command.shell("\"$codetta\" decode f.codetta -o - --container raw -m \"$model\"", in: scratch.url)
        #expect(raw.status == 65 && raw.output.isEmpty && raw.errors.contains("sample total 1"), "\(raw.errors)")
        let piped = try Command.shell("cat f.codetta | \"$codetta\" decode - -o - --container raw -m \"$model\"", in: scratch.url)
        #expect(piped.status == 65 && piped.errors.contains("sample total 1"), "\(piped.errors)")
    }

    @Test func foreignFilesOfAnImpossibleLengthAreBadDataAndNoWrongUsage() throws {
        _ = try encode()
        for format in ["json", "npz", "safetensors"] { #expect(try run("convert", "a.codetta", "-o", "a.\(format)").status == 0) }
        let text = String(decoding: try scratch.bytes("a.json"), as: UTF8.self)
        for samples in ["1", "9000000"] {
            try scratch.write(Data(text.replacingOccurrences(of: "\"samples\":216000", with: "\"samples\":\(samples)").utf8), to: "b.json")
            for arguments in [["verify", "b.json"], ["convert", "b.json", "-o", "b.codetta"]] {
                let result = try Command.run(arguments, in: scratch.url)
                #expect(result.status == 65 && result.errors.contains("frames"), "\(result.errors)")
            }
        }
    }

    @Test func contradiction6SegmentsOfACodecWithoutAnyAreRefusedByName() throws {
        _ = try encode()
        let input = try EncodedAudio(source: MemorySource(Array(try scratch.bytes("a.codetta"))))
        var cut = input
        cut.tracks[0].segments = [CodeSegment(frame: 0, scale: 0.5), CodeSegment(frame: 9, scale: 0)]
        let sink = MemorySink()
        try cut.write(to: sink)
        try scratch.write(Data(sink.bytes), to: "f.codetta")
        for arguments in [["decode", "f.codetta", "-o", "f.wav"], ["convert", "f.codetta", "-o", "g.npz"]] {
            let result = try Command.run(arguments + ["-m", Command.tinyModel], in: scratch.url)
            #expect(result.status == 65 && result.errors.contains("has no segments"), "\(result.errors)")
        }
        // Only the codec knows: without it the file is as sound as any.
        #expect(try run("verify", "f.codetta").status == 0)
        #expect(try run("convert", "f.codetta", "-o", "g.npz").status == 0)
    }

    @Test func contradiction8ConversionsSayThatTheyDropOptionalSections() throws {
        var file = try encode()
        file.sections.insert(.init(type: 0x8123, payload: [1, 2, 3]), at: 2)
        file.makeConsistent()
        try scratch.write(Data(file.bytes), to: "f.codetta")
        let result = try run("convert", "f.codetta", "-o", "g.codetta", "--json")
        #expect(result.status == 0 && result.errors.contains("1 optional section(s)"), "\(result.errors)")
        let details = try #require(try result.json()["details"] as? [String: Any])
        #expect((details["warnings"] as? [String])?.contains { $0.contains("not copied") } == true)
        #expect(try run("convert", "a.codetta", "-o", "h.codetta").errors.contains("optional") == false)
        #expect(try scratch.bytes("g.codetta") == scratch.bytes("h.codetta"))
    }
}
