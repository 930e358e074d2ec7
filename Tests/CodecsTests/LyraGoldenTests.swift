import Checkpoints
import Codecs
import Foundation
import Kernels
import Platform
import TestSupport
import Testing
import Tokens

/// Lyra's published weights against a run of its own graphs. Both come from a folder that is not part of this repository:
/// `CODETTA_LYRA_DIR`, or `../shared/lyra` beside the package, converted by Tools/convert/lyra.py.
private struct LyraReference {
    let codec: SoundStreamCodec
    let audio: [Float]
    /// Latents `[time, 64]`, before and after quantization.
    let features: [Float]
    let lossy: [Float]
    let codes: Codes
    let output: [Float]

    private static let dump = ProcessInfo.processInfo.environment["CODETTA_LYRA_DIR"].map { URL(fileURLWithPath: $0) }
        ?? PackageFolder.url.appendingPathComponent("../shared/lyra").standardizedFileURL

    static let isAvailable =
        FileManager.default.fileExists(atPath: dump.appendingPathComponent("golden.npz").path)
        && (try? python(["-c", "import numpy"])) == 0

    /// Converted once for all tests.
    static let shared = Result { try LyraReference() }

    private init() throws {
        let scratch = try ScratchFolder()
        let (model, golden) = (scratch.path("lyra-v2"), scratch.path("golden.safetensors"))
        let converter = PackageFolder.path("Tools/convert/lyra.py")
        let status = try Self.python([converter, Self.dump.path, model, "--golden", golden])
        try #require(status == 0, "Tools/convert/lyra.py failed")

        codec = try #require(try CodecRegistry.load(ModelFolder(path: model)) as? SoundStreamCodec)
        let file = try SafetensorsFile(path: golden)
        audio = try file.load("audio").values
        features = try file.load("features").values
        lossy = try file.load("lossy").values
        output = try file.load("out").values
        let (shape, values) = try file.loadIntegers("indices")
        codes = Codes(
            streams: (0..<shape[1]).map { k in (0..<shape[0]).map { t in Int32(values[t * shape[1] + k]) } })
    }

    private static func python(_ arguments: [String]) throws -> Int32 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3"] + arguments
        process.standardOutput = FileHandle.nullDevice
        // What went wrong with the converter is worth reading; that numpy is missing is said by the skip.
        if arguments.first == "-c" { process.standardError = FileHandle.nullDevice }
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }
}

@Suite(
    .enabled(
        if: LyraReference.isAvailable,
        "needs Lyra's dumped weights in CODETTA_LYRA_DIR (default ../shared/lyra) and a python3 with numpy"))
struct LyraGoldenTests {
    private let reference: LyraReference

    init() throws { reference = try LyraReference.shared.get() }

    /// The reference ignores the samples after its last whole frame.
    private var wholeFrames: [Float] { Array(reference.audio.prefix(reference.output.count)) }

    /// The reference computes in Float32 too: it is itself up to 1.7e-4 away from a Float64 run. Kernels that add the
    /// products in its order, with fused multiply-add, come closer to it than exact arithmetic does.
    @Test func latentsEqualTheReferences() throws {
        let input = Frames(count: wholeFrames.count, channels: 1, values: wholeFrames)
        let latents = reference.codec.encoder(input).values
        #expect(latents.count == reference.features.count)
        #expect(try #require(zip(latents, reference.features).map { abs($0 - $1) }.max()) <= 1e-4)
        #expect(relativeError(latents, reference.features) < 1e-5)
    }

    @Test(arguments: [nil, 320, 1009]) func codesEqualTheReferences(chunk: Int?) throws {
        let codes = try reference.codec.codes(of: wholeFrames, codebooks: 46, chunk: chunk)
        #expect(codes.streams.map(\.count) == reference.codes.streams.map(\.count))
        let different = zip(codes.streams.joined(), reference.codes.streams.joined()).count { $0 != $1 }
        #expect(different <= 7, "\(different) of 7912 codes differ")
    }

    @Test func codewordsSumToTheReferencesLatents() throws {
        let latents = try reference.codec.quantizer.dequantize(reference.codes.streams).values
        #expect(try #require(zip(latents, reference.lossy).map { abs($0 - $1) }.max()) <= 1e-4)
    }

    @Test(arguments: [nil, 1, 7]) func audioEqualsTheReferences(chunk: Int?) throws {
        let audio = try reference.codec.audio(of: reference.codes, chunk: chunk)
        #expect(audio.count == reference.output.count)
        #expect(try #require(zip(audio, reference.output).map { abs($0 - $1) }.max()) <= 1e-3)
    }

    @Test(arguments: [7, 320, 1009, 16_000]) func stepsGiveWhatTheWholeGives(chunk: Int) throws {
        let codec = reference.codec
        let codes = try codec.codes(of: reference.audio, codebooks: 46)
        #expect(codes.streams[0].count == 173)
        #expect(try codec.codes(of: reference.audio, codebooks: 46, chunk: chunk) == codes)
        #expect(try codec.audio(of: codes, chunk: max(1, chunk / 320)) == codec.audio(of: codes))
    }

    /// In steps of 20 ms, every step of samples gives its codes and every step of codes its samples, at once.
    @Test func aStepInIsAStepOut() throws {
        var encoder = try reference.codec.makeEncoder(codebooks: 16)
        var decoder = try reference.codec.makeDecoder(codebooks: 16)
        for start in stride(from: 0, to: 3200, by: 320) {
            let codes = try encoder.push(AudioBlock(mono: Array(reference.audio[start..<(start + 320)])))
            #expect(codes.streams.map(\.count) == Array(repeating: 1, count: 16))
            #expect(try decoder.push(codes).sampleCount == 320)
        }
        #expect(try encoder.finish().isEmpty)
        #expect(try decoder.finish().isEmpty)
    }

    @Test func everyOperatingPointDecodes() throws {
        let codec = reference.codec
        let layout = codec.description.layout
        #expect([16, 30, 46].map { layout.prefix($0).nominalBitrate } == [3200, 6000, 9200])
        let all = try codec.codes(of: wholeFrames, codebooks: 46)
        let errors = try [16, 30, 46].map { count in
            let codes = try codec.codes(of: wholeFrames, codebooks: count)
            #expect(codes == all.prefix(count))
            return relativeError(try codec.audio(of: codes), reference.output)
        }
        #expect(errors[0] > errors[1] && errors[1] > errors[2], "\(errors)")
    }

    @Test func theDescriptionSaysWhatTheModelIs() throws {
        let description = reference.codec.description
        #expect(description.name == "lyra-v2")
        #expect(description.modelType == "lyra")
        #expect(description.license == "Apache-2.0")
        #expect(description.sampleRate == 16_000)
        #expect(description.latency == 320)
        #expect(description.layout.frameRate == 50)
        #expect(description.isTruncatable)
    }
}
