import Codetta
import Foundation
import TestSupport
import Testing

/// What reads one token format reads them all.
@Suite struct TokenFormatTests {
    private let scratch: ScratchFolder
    private static let formats = ["codetta", "npz", "safetensors", "json", "npy"]

    init() throws {
        scratch = try ScratchFolder()
        try scratch.writeAudio("a.wav", tones(12_000, channels: 1, rate: 24_000), rate: 24_000)
    }

    private func run(_ arguments: String...) throws -> CommandResult { try Command.run(arguments, in: scratch.url) }

    private func encode(_ format: String) throws {
        let result = try run("encode", "a.wav", "-qo", "a.\(format)", "-m", Command.tinyModel)
        #expect(result.status == 0, "\(result.errors)")
    }

    @Test(arguments: formats) func infoAndVerifyReadIt(format: String) throws {
        try encode(format)
        let info = try run("info", "a.\(format)")
        #expect(info.status == 0 && info.text.contains(format) && info.lines.count >= 4, "\(info.errors)")
        let json = try run("info", "a.\(format)", "--json").json()
        if format != "npy" {
            #expect((json["header"] as? [String: Any])?["codecName"] as? String == "tiny-waveform-causal")
            #expect(json["duration"] as? Double == 0.5)
        } else {
            #expect(json["codebooks"] as? Int == 3 && (json["frames"] as? Int ?? 0) > 1)
        }
        // By its content too, whatever its name, and through a pipe.
        try FileManager.default.copyItem(atPath: scratch.path("a.\(format)"), toPath: scratch.path("odd.bin"))
        #expect(try run("info", "odd.bin").text == info.text)
        let piped = try Command.run(["info", "-", "--json"], in: scratch.url, input: Data(try scratch.bytes("a.\(format)")))
        #expect(piped.status == 0)
        let verified = try run("verify", "a.\(format)", "odd.bin")
        #expect(verified.status == 0 && verified.lines.count == 2 && verified.lines.allSatisfy { $0.contains(": sound, ") })
        let bytes = try scratch.bytes("a.\(format)")
        try scratch.write(bytes.dropLast(bytes.count / 3), to: "cut.\(format)")
        for verb in ["info", "verify"] {
            let cut = try run(verb, "cut.\(format)")
            #expect(cut.status == 65 && cut.errorLines.count == 1, "\(verb) \(cut.errors)")
        }
    }

    @Test func foreignFilesOfPublishedCodecsAreRead() throws {
        let folder = PackageFolder.path("Tests/TokenFilesTests/Fixtures")
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) where name.hasSuffix(".ecdc") || name.hasSuffix(".dac") {
            let decodes = try run("convert", "\(folder)/\(name)", "-o", "-")
            let info = try run("info", "\(folder)/\(name)")
            let verify = try run("verify", "\(folder)/\(name)")
            // A .dac file needs its model to be converted, and none to be looked at.
            if decodes.status == 0 || name.hasSuffix(".dac") {
                #expect(info.status == 0 && verify.status == 0, "\(name): \(info.errors)")
            } else {
                #expect(info.status == 65 && verify.status == 65, "\(name)")
            }
        }
    }

    @Test func statisticsAndCostsAreTheSameInEveryFormat() throws {
        try encode("codetta")
        let statistics = try run("quantizer", "statistics", "a.codetta", "--json")
        #expect(statistics.status == 0)
        for format in Self.formats.dropFirst() {
            try encode(format)
            let found = try run("quantizer", "statistics", "a.\(format)", "--json", "-m", Command.tinyModel)
            #expect(found.status == 0 && found.output == statistics.output, "\(format): \(found.errors)")
        }
        try scratch.writeAudio("b.wav", tones(12_000, channels: 1, rate: 24_000), rate: 24_000)
        for format in ["codetta", "npz", "safetensors", "json"] {
            let result = try run("evaluate", "a.wav", "b.wav", "--measures", "snr", "--tokens", "a.\(format)", "--json")
            let tokens = try #require(try result.json()["tokens"] as? [String: Any], "\(format): \(result.errors)")
            #expect(tokens["bytes"] as? Int == (try scratch.bytes("a.\(format)").count))
            #expect((tokens["codebooks"] as? [Any])?.count == 3)
        }
    }

    @Test func aFolderOfTokensIsVerifiedWithForeignOnes() throws {
        try encode("codetta")
        try FileManager.default.createDirectory(atPath: scratch.path("tokens"), withIntermediateDirectories: true)
        try FileManager.default.moveItem(atPath: scratch.path("a.codetta"), toPath: scratch.path("tokens/a.codetta"))
        try scratch.write("ECDC, but not really", to: "tokens/b.ecdc")
        try scratch.write("{}", to: "tokens/results.json")
        let result = try run("verify", "tokens")
        #expect(result.status == 65 && result.errors.contains("b.ecdc") && result.errors.contains("1 file passed over: 1 .json"))
    }

    @Test func measuresAreNamedInAnyCaseAndListed() throws {
        try scratch.writeAudio("b.wav", noise(samples: 12_000, channels: 1), rate: 24_000)
        let plain = try run("evaluate", "a.wav", "b.wav", "--measures", "siSDR,snr", "--json")
        #expect(plain.status == 0)
        for names in ["SISDR,SNR", "sisdr,snr", "si-sdr,Snr", "SI-SDR,SNR"] {
            #expect(try run("evaluate", "a.wav", "b.wav", "--measures", names, "--json").output == plain.output, "\(names)")
        }
        #expect(try run("evaluate", "a.wav", "b.wav", "--measures", "ALL").status == 0)
        for wrong in ["snr,nonsense", "", "snr,", "all,snr"] {
            let result = try run("evaluate", "a.wav", "b.wav", "--measures", wrong)
            #expect(result.status == 64 && result.errors.contains("known are snr, ") && result.errors.contains("visqolSpeech"), "\(wrong)")
        }
    }
}
