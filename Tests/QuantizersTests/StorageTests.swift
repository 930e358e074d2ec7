import Checkpoints
import Foundation
import Platform
import Quantizers
import TestSupport
import Testing

@Suite struct StorageTests {
    /// Writes bytes to a file for as long as `body` runs.
    private func withFile<R>(_ bytes: [UInt8], _ body: (String) throws -> R) throws -> R {
        let folder = try ScratchFolder()
        return try withExtendedLifetime(folder) { try body(folder.write(bytes, to: "quantizer.safetensors")) }
    }

    @Test func everyKindSurvivesItsFile() throws {
        var random = SplitMix64(seed: 21)
        let latents = random.frames(40, 10)
        for quantizer in try random.oneOfEachKind() {
            let bytes = try QuantizerFile.encode(quantizer, metadata: ["note": "a \"quoted\" note"])
            let again = try withFile(bytes) { try QuantizerFile.load(path: $0) }
            #expect(type(of: again) == type(of: quantizer))
            #expect(again.config == quantizer.config)
            let codes = quantizer.quantize(latents)
            #expect(again.quantize(latents) == codes, "\(quantizer.config.kind)")
            #expect(try again.dequantize(codes) == quantizer.dequantize(codes))
            #expect(try QuantizerFile.encode(again, metadata: ["note": "a \"quoted\" note"]) == bytes)
        }
    }

    @Test func everyKindIsCovered() throws {
        var random = SplitMix64(seed: 22)
        let kinds = Set(try random.oneOfEachKind().flatMap { [$0.config.kind] + ($0.config.parts ?? []).map(\.kind) })
        let missing = Set(QuantizerConfig.Kind.allCases).subtracting(kinds)
        #expect(missing.isEmpty)
    }

    @Test func packedProjectionsAreNotStored() throws {
        var random = SplitMix64(seed: 23)
        let quantizer = VectorQuantizer(
            codebook: random.codebook(size: 4, dimension: 2),
            projections: Projections(inward: random.linear(3, 2), outward: random.linear(2, 3)))
        #expect(throws: QuantizerError.self) { try QuantizerFile.encode(quantizer) }
    }

    @Test(arguments: [
        "", "[]", "{}", #"{"kind":"vq","dimension":2}"#, #"{"kind":"none","dimension":2}"#, #"{"kind":"vq","dimension":-1,"size":2}"#,
        #"{"kind":"vq","dimension":9223372036854775807,"size":9223372036854775807}"#, #"{"kind":"rvq","dimension":2,"parts":[]}"#,
        #"{"kind":"rvq","dimension":2,"parts":[{"kind":"units","dimension":2,"size":2}]}"#,
        #"{"kind":"fsq","dimension":2,"levels":[3],"bound":"published"}"#, #"{"kind":"fsq","dimension":1,"levels":[3],"bound":"odd"}"#,
        #"{"kind":"lattice","dimension":1,"codebook_levels":[]}"#, #"{"kind":"lattice","dimension":2,"codebook_levels":[[3,3]]}"#,
        #"{"kind":"lfq","dimension":1,"bits":[99]}"#, #"{"kind":"rfsq","dimension":1,"levels":[3],"stages":1000000000}"#,
        #"{"kind":"product","dimension":2,"parts":[{"kind":"fsq","dimension":9223372036854775807,"levels":[3],"bound":"clamped"}]}"#,
    ]) func brokenConfigsAreRefused(config: String) throws {
        let bytes = SafetensorsWriter(metadata: ["quantizer_config": config]).serialized()
        #expect(throws: (any Error).self) { try withFile(bytes) { try QuantizerFile.load(path: $0) } }
    }

    @Test func missingTensorsAreNamed() throws {
        for config in [
            #"{"kind":"units","dimension":2,"size":3}"#, #"{"kind":"lattice","dimension":2,"codebook_levels":[[3,3]]}"#,
            #"{"kind":"rvq","dimension":2,"parts":[{"kind":"vq","dimension":2,"size":3}]}"#,
        ] {
            let bytes = SafetensorsWriter(metadata: ["quantizer_config": config]).serialized()
            do {
                _ = try withFile(bytes) { try QuantizerFile.load(path: $0) }
                Issue.record("accepted \(config)")
            } catch CheckpointError.mismatch(let mismatch) {
                #expect(!mismatch.problems.isEmpty)
            }
        }
    }
}
