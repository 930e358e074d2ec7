import Codetta
import Evaluation
import Foundation
import Platform
import TestSupport
import Testing

/// Real codecs: the shipped model, and Opus where it is installed.
@Suite struct SystemTests {
    private static let models = PackageFolder.path("Models")
    private static let hasOpus = ["opusenc", "opusdec"].allSatisfy { program in
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
            FileManager.default.isExecutableFile(atPath: "\($0)/\(program)")
        }
    }

    private func speech(channels: Int = 1) throws -> Clip {
        let path = Self.models + "/../Samples/speech-en.wav"
        let audio = try AudioReader(path: path).read(upTo: 48_000)
        return Clip(audio: AudioBlock(channels: Array(repeating: audio.channels[0], count: channels)), sampleRate: 24000)
    }

    private func load(_ name: String) throws -> Model {
        try Model(ModelLocator(directories: [Self.models]).locate(name))
    }

    @Test func theShippedModelsRatesAreThoseOfItsCodes() throws {
        let system = try ModelSystem(try load("codetta-24k"), choice: .bitrate(1500))
        #expect(system.description.id == "codetta-24k@1.5" && system.description.nominalRate == 1.5)
        #expect(system.description.parameters["codebooks"] == "3")
        let coded = try system.code(try speech())
        #expect(coded.decoded.sampleCount == 48_000 && coded.codebooks.count == 3)
        // 50 frames a second of 3 · 10 bits, and a few frames that flush the lookahead.
        let frames = try #require(coded.codebooks.first?.total)
        #expect((100...106).contains(frames) && coded.codebooks.allSatisfy { $0.total == frames })
        #expect(abs(coded.rates.payload - Double(30 * frames) / 2000) < 1e-9)
        let entropy = try #require(coded.rates.entropy)
        #expect(coded.rates.file > coded.rates.payload && entropy < coded.rates.payload)
        let report = try TokenFileReport(reading: MemorySource(try #require(coded.tokens)))
        #expect(report.isSound && report.totals.samples == 48_000)
    }

    @Test func anEntropyCoderAndASearchByRateSaveBits() throws {
        let model = try load("codetta-24k")
        let clip = try speech()
        var last = 3.2
        for (search, entropy, name) in [
            (CodeSearch.greedy, EntropyMode.none, "codetta-24k@3"), (.greedy, .lm, "codetta-24k (lm)@3"),
            (CodeSearch(beamWidth: 4, rateWeight: 1), .lm, "codetta-24k (rate:4:1) (lm)@3"),
        ] {
            let system = try ModelSystem(model, choice: .bitrate(3000), search: search, entropy: entropy)
            #expect(system.description.id == name && system.description.parameters["entropy"] == entropy.name)
            let coded = try system.code(clip)
            #expect(coded.rates.payload < 0.97 * last && coded.rates.payload < coded.rates.file, "\(name)")
            last = coded.rates.payload
            let tokens = try EncodedAudio(source: MemorySource(try #require(coded.tokens))) { try? EntropyModels(model).model(for: $0) }
            #expect(tokens.samples == 48_000)
        }
        #expect(throws: PipelineError.self) {
            try ModelSystem(model, choice: .all, search: CodeSearch(beamWidth: 4, rateWeight: 1))
        }
    }

    @Test func aBitrateThatTheModelLacksIsRefused() throws {
        let model = try load("codetta-24k")
        #expect(throws: PipelineError.self) { try ModelSystem(model, choice: .bitrate(50)) }
    }

    @Test(.enabled(if: SystemTests.hasOpus, "opus-tools is not installed"), arguments: [1, 2, 3])
    func opusReallyRuns(channels: Int) throws {
        let systems = try Peers.systems("opus:16") { try load($0) }
        #expect(systems.unavailable == nil)
        let clip = try speech(channels: channels)
        let coded = try systems.systems[0].code(clip)
        #expect(coded.decoded.channelCount == channels && abs(coded.decoded.sampleCount - 48_000) <= 1)
        // Three channels are coded one by one.
        let total = 16 * Double(channels > 2 ? channels : 1)
        #expect(coded.rates.nominal == total)
        #expect((0.6 * total...1.4 * total).contains(coded.rates.payload) && coded.rates.file > coded.rates.payload + 1)
        let report = try ReconstructionReport.measure(
            reference: clip.audio, degraded: coded.decoded.slice(0..<min(48_000, coded.decoded.sampleCount)), sampleRate: 24000)
        #expect(try #require(report.overall[.snr].number) > 3, "decoded audio is not where it should be")
    }

    @Test(arguments: ["opus", "opus:", "opus:x", "opus:900", "mp3:32.5", "codec2:3", "noise:4", "lyra:0", "lyra"])
    func peersThatMakeNoSenseAreWrongUsage(specification: String) {
        let error = #expect(throws: EvaluationError.self) { try Peers.systems(specification) { try load($0) } }
        #expect(error?.kind == .usage)
    }

    @Test func lyraWithoutItsModelIsThereAndSaysWhatIsMissing() throws {
        let lyra = try Peers.systems("lyra:3.2,6") { _ in throw CheckpointError.modelNotFound(name: "lyra-v2", searched: []) }
        #expect(lyra.systems.map(\.description.id) == ["lyra@3.2", "lyra@6"])
        #expect(lyra.unavailable == .missingLyra)
        #expect(throws: EvaluationError.missingLyra) { try lyra.systems[0].code(try speech()) }
    }
}
