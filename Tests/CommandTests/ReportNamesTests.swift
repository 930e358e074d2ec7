import Codetta
import Foundation
import TestSupport
import Testing

/// Scripts read `--json` by these names.
@Suite struct ReportNamesTests {
    private let scratch: ScratchFolder

    init() throws {
        scratch = try ScratchFolder()
        try scratch.writeAudio("a.wav", tones(4800, channels: 2, rate: 24000), rate: 24000)
        _ = try Command.run(["encode", "a.wav", "-m", Command.tinyModel], in: scratch.url)
    }

    @Test(arguments: [
        (
            ["encode", "a.wav", "-o", "b.codetta", "-m"],
            "actualBitrate bytes channels codebooks duration model nominalBitrate peak realTimeFactor sampleRate samples "
                + "sanitizedSamples tracks warnings"
        ),
        (
            ["encode", "a.wav", "-o", "b.npy", "--latents", "-m"],
            "bytes dimension duration frameRate frames model realTimeFactor tracks"
        ),
        (
            ["decode", "a.codetta", "-o", "b.wav", "-m"],
            "channels clippedSamples concealedFrames container duration lostFrames model predictedCodebooks realTimeFactor sampleRate "
                + "samples subtype warnings"
        ),
        (
            ["convert", "a.codetta", "-o", "b.npz", "-m"],
            "bytes channels codebooks duration from model sampleRate samples to tracks warnings"
        ),
    ])
    func reportsOfFilesHaveTheirNames(arguments: [String], names: String) throws {
        let line = try Command.run(arguments + [Command.tinyModel, "--json"], in: scratch.url).json()
        #expect(Set(line.keys) == ["details", "input", "output", "status"])
        let details = try #require(line["details"] as? [String: Any])
        #expect(details.keys.sorted().joined(separator: " ") == names)
    }

    @Test func theReportOfARoundTripHasItsNames() throws {
        let report = try Command.run(["roundtrip", "a.wav", "-m", Command.tinyModel, "--json"], in: scratch.url).json()
        let names = "actualBitrate bytes codebooks decodingSpeed duration encodingSpeed model nominalBitrate reconstruction tracks"
        #expect(report.keys.sorted().joined(separator: " ") == names)
    }

    /// A duration of zero has no bitrate and no speed: what JSON cannot hold is left out.
    @Test func numbersThatJSONLacksAreLeftOut() throws {
        try scratch.writeAudio("none.wav", AudioBlock(channelCount: 1), rate: 24000)
        let line = try Command.run(["encode", "none.wav", "-m", Command.tinyModel, "--json"], in: scratch.url).json()
        let details = try #require(line["details"] as? [String: Any])
        #expect(details["actualBitrate"] == nil && details["duration"] as? Double == 0 && details["samples"] as? Int == 0)
    }

    @Test func helpNamesTheEntropyModesAndTheirDefault() throws {
        let help = try Command.run(["encode", "--help"], in: scratch.url).text
        #expect(help.contains("none, adaptive, lm") && help.contains("default: none"))
    }
}
