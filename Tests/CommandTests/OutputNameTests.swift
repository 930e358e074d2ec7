import Codetta
import Foundation
import TestSupport
import Testing

/// What the name of an output means, and who can read what goes to the standard output.
@Suite struct OutputNameTests {
    private let scratch: ScratchFolder

    /// A recording and its tokens.
    init() throws {
        scratch = try ScratchFolder()
        try scratch.writeAudio("a.wav", tones(22_050, channels: 1, rate: 22_050), rate: 22_050)
        #expect(try run("encode", "a.wav", "-m", Command.tinyModel).status == 0)
    }

    private func run(_ arguments: String...) throws -> CommandResult { try Command.run(arguments, in: scratch.url) }

    private func isOpus(_ name: String) throws -> Bool { try scratch.bytes(name).dropFirst(28).starts(with: Array("OpusHead".utf8)) }

    @Test(arguments: [
        ["decode", "a.codetta", "-o", "x.opus"], ["decode", "a.codetta", "-o", "x.OPUS"], ["decode", "a.codetta", "--container", "opus", "-o", "x.ogg"],
        ["decode", "a.codetta", "--container", "OPUS", "-o", "x"], ["decode", "a.codetta", "--container", "ogg", "-o", "x.opus"],
        ["decode", "a.codetta", "--subtype", "opus", "-o", "x.oga"], ["roundtrip", "a.wav", "-o", "x.opus"],
    ])
    func opusIsOpusAndKeepsTheLength(arguments: [String]) throws {
        let result = try Command.run(arguments + ["-m", Command.tinyModel], in: scratch.url)
        #expect(result.status == 0 && result.errors.contains("Opus has no sample rate of 22050 Hz; the audio was resampled to 24000 Hz"))
        let name = try #require(try scratch.entries().first { $0.hasPrefix("x") })
        #expect(try isOpus(name))
        let (audio, rate) = try scratch.readAudio(name)
        #expect(rate == 24_000 && audio.sampleCount == 24_000)
    }

    @Test func aFolderOfOpusHasItsExtension() throws {
        let result = try run("decode", "a.codetta", "-o", "out/", "--container", "opus", "-m", Command.tinyModel)
        #expect(result.status == 0 && scratch.exists("out/a.opus"))
        #expect(try isOpus("out/a.opus"))
    }

    @Test func theLibraryGoesByTheNameToo() async throws {
        let model = try Model(ModelFolder(path: Command.tinyModel))
        _ = try await model.decode(scratch.url.appendingPathComponent("a.codetta"), to: scratch.url.appendingPathComponent("x.Opus"))
        #expect(try isOpus("x.Opus"))
        await #expect(throws: PipelineError.self) {
            try await model.encode(scratch.url.appendingPathComponent("a.wav"), to: scratch.url.appendingPathComponent("y.wav"))
        }
        #expect(!scratch.exists("y.wav"))
    }

    @Test(arguments: [
        ["encode", "a.wav", "-o", "x.wav"], ["encode", "a.wav", "-o", "x.FLAC"], ["encode", "a.wav", "-o", "x.opus", "--format", "codetta"],
        ["encode", "a.wav", "-o", "x.m4a"], ["encode", "a.wav", "-o", "x.pcm"], ["encode", "a.wav", "-o", "x.png"], ["encode", "a.wav", "-o", "x.csv"],
        ["encode", "a.wav", "--latents", "-o", "x.wav"], ["encode", "a.wav", "--latents", "-o", "x.codetta"],
        ["encode", "a.wav", "--features", "mfcc", "-o", "x.json"],
        ["decode", "a.codetta", "-o", "x.codetta"], ["decode", "a.codetta", "-o", "x.npz"], ["decode", "a.codetta", "-o", "x.m4a"],
        ["decode", "a.codetta", "-o", "x.codetta", "--container", "wav"], ["decode", "a.codetta", "-o", "x.opus", "--container", "wav"],
        ["decode", "a.codetta", "-o", "x.opus", "--subtype", "vorbis"], ["decode", "a.codetta", "-o", "x.svg"],
        ["convert", "a.codetta", "-o", "x.wav"], ["convert", "a.codetta", "-o", "x.mp3", "--format", "npz"],
        ["roundtrip", "a.wav", "-o", "x.codetta"], ["roundtrip", "a.wav", "-o", "x.png"], ["plot", "a.wav", "-o", "x.wav"],
        ["plot", "a.wav", "-o", "x.codetta", "--format", "png"], ["plot", "a.codetta", "-o", "x.jpg"],
        ["generate", "-o", "x.png"], ["generate", "-o", "x.wav", "--format", "codetta"], ["generate", "-o", "x.codetta", "--format", "wav"],
        ["quantizer", "fit", "-i", "a.npy", "-o", "x.wav"], ["evaluate", "a.wav", "a.wav", "--json", "x.wav"], ["evaluate", "--json", "a.wav", "a.wav"],
    ])
    func namesOfAnotherKindOfFileAreRefused(arguments: [String]) throws {
        let before = try scratch.entries()
        let result = try Command.run(arguments, in: scratch.url)
        #expect(result.status == 64, "\(arguments): \(result.status) \(result.errors)")
        #expect(!result.errors.isEmpty && result.output.isEmpty)
        #expect(try scratch.entries() == before)
    }

    @Test func severalInputsDoNotGoToTheNameOfAFile() throws {
        try scratch.writeAudio("b.wav", tones(100, channels: 1, rate: 8000), rate: 8000)
        let result = try run("encode", "a.wav", "b.wav", "-o", "all.codetta", "-m", Command.tinyModel)
        #expect(result.status == 73 && !scratch.exists("all.codetta"))
        #expect(try run("encode", "a.wav", "b.wav", "-o", "all.codetta/", "-m", Command.tinyModel).status == 0)
    }

    private static func find(_ program: String) -> Bool {
        ["/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"].contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(program)") }
    }

    @Test(.enabled(if: find("sox")), arguments: ["wav", "au", "aiff", "aifc", "rf64", "flac", "ogg"])
    func soxReadsWhatDecodeSends(container: String) throws {
        let result = try Command.shell("\"$codetta\" decode a.codetta -o - -q -m \"$model\" --container \(container) | sox - -n stat 2>&1", in: scratch.url)
        #expect(result.status == 0 && result.text.contains("22050"), "\(result.text)")
    }

    @Test(.enabled(if: find("ffmpeg")), arguments: ["wav", "au", "aiff", "aifc", "rf64", "caf", "w64", "flac", "ogg", "opus", "mp3"])
    func ffmpegReadsWhatDecodeSends(container: String) throws {
        let result = try Command.shell(
            "\"$codetta\" decode a.codetta -o - -q -m \"$model\" --container \(container) | ffmpeg -v error -i - -f s16le -ac 1 -", in: scratch.url)
        // Opus plays at 48 kHz, and MP3 players may leave the encoder's padding in.
        let samples = result.output.count / 2
        #expect(container == "mp3" ? samples >= 22_050 && samples < 26_000 : samples == (container == "opus" ? 48_000 : 22_050), "\(result.errors)")
    }
}
