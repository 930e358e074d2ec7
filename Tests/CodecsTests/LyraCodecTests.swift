import Checkpoints
import Codecs
import Foundation
import Kernels
import Testing
import Tokens

/// A tiny Lyra whose fixture Tools/goldens/lyra.py writes.
@Suite struct LyraCodecTests {
    private let golden: Golden
    private let codec: SoundStreamCodec

    init() throws {
        golden = try Golden("tiny-lyra")
        codec = try #require(try CodecRegistry.load(ModelFolder(path: Golden.path("tiny-lyra"))) as? SoundStreamCodec)
    }

    @Test func latentsEqualThePlainReading() throws {
        let features = try SafetensorsFile(path: Golden.path("tiny-lyra.safetensors")).load("features").values
        let padded = golden.audio + [Float](repeating: 0, count: features.count / 8 * 40 - golden.audio.count)
        let latents = codec.encoder(Frames(count: padded.count, channels: 1, values: padded)).values
        #expect(latents.count == features.count)
        #expect(relativeError(latents, features) < 1e-5)
    }

    @Test func codesEqualThePlainReading() throws {
        #expect(golden.margins.allSatisfy { $0.allSatisfy { $0 > 1e-3 } })
        #expect(try codec.codes(of: golden.audio, codebooks: 4).streams == golden.codes)
    }

    @Test func audioEqualsThePlainReading() throws {
        let codes = Codes(streams: golden.codes)
        let whole = try codec.audio(of: codes)
        #expect(whole.count == golden.output.count)
        #expect(relativeError(whole, golden.output) < 1e-5)
        #expect(relativeError(try codec.audio(of: codes.prefix(2)), golden.outputHalf) < 1e-5)
    }

    @Test(arguments: [1, 7, 40, 41, 1009]) func piecesGiveWhatTheWholeGives(chunk: Int) throws {
        let codes = try codec.codes(of: golden.audio, codebooks: 4)
        #expect(try codec.codes(of: golden.audio, codebooks: 4, chunk: chunk) == codes)
        #expect(try codec.audio(of: codes, chunk: chunk) == codec.audio(of: codes))
    }

    @Test(arguments: [0, 1, 39, 40, 41, 1000]) func everyLengthIsCovered(count: Int) throws {
        let codes = try codec.codes(of: Array(golden.audio.prefix(count)), codebooks: 3)
        #expect(codes.streams.map(\.count) == Array(repeating: (count + 39) / 40, count: 3))
        #expect(try codec.audio(of: codes).count == (count + 39) / 40 * 40)
    }

    @Test func copiesOfAnEncoderGoTheirOwnWay() throws {
        var encoder = try codec.makeEncoder(codebooks: 4)
        _ = try encoder.push(AudioBlock(mono: Array(golden.audio[..<777])))
        var copy = encoder
        let rest = AudioBlock(mono: Array(golden.audio[777...]))
        let first = try encoder.push(rest)
        _ = try encoder.finish()
        #expect(try copy.push(rest) == first)
    }

    @Test func codebookCountsAndChannelsAreChecked() throws {
        #expect(throws: CodecError.codebookCount(requested: 5, available: 1...4)) { try codec.makeEncoder(codebooks: 5) }
        #expect(throws: CodecError.codebookCount(requested: 0, available: 1...4)) { try codec.makeDecoder(codebooks: 0) }
        var encoder = try codec.makeEncoder(codebooks: 1)
        #expect(throws: CodecError.channelCount(expected: 1, found: 2)) {
            try encoder.push(AudioBlock(channels: [[0], [0]]))
        }
        var decoder = try codec.makeDecoder(codebooks: 1)
        #expect(throws: (any Error).self) { try decoder.push(Codes(streams: [[16]])) }
    }
}

@Suite struct LyraConfigTests {
    private func load(_ changes: [String: String?]) throws { _ = try loadTinyModel("tiny-lyra", changes: changes) }

    @Test func aGoodConfigLoads() throws { try load([:]) }

    @Test(arguments: [
        ("sampling_rate", "0"),
        ("channels", "[]"),
        ("channels", "[6, 8, 9000000000000000000]"),
        ("channels", "[6, 8, -12]"),
        ("groups", "[1, 2]"),
        ("groups", "[1, 3, 4]"),
        ("groups", "[1, 0, 4]"),
        ("strides", "[4, 5, 2, 2]"),
        ("strides", "[4, 5, 0]"),
        ("kernel_sizes", "[11, 10, 1]"),
        ("kernel_sizes", "[11, 10, 100000]"),
        ("dilations", "[1, 0]"),
        ("dilations", "[1, 1000000]"),
        ("dilations", "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]"),
        ("unit_kernel_size", "0"),
        ("latent_kernel_size", "256"),
        ("negative_slope", "-0.5"),
        ("codebook_dim", "0"),
        ("num_codebooks", "257"),
        ("codebook_size", "1"),
        ("codebook_size", nil),
    ])
    func aBadFieldIsNamed(field: String, value: String?) throws {
        do {
            try load([field: value])
            Issue.record("loaded with \(field) = \(value ?? "nothing")")
        } catch let error as CheckpointError {
            #expect(error.kind == .badConfig)
            #expect(error.description.contains(field), "\(error)")
        }
    }

    @Test func aHopLongerThanAnyIsRefused() throws {
        do {
            try load(["strides": "[1024, 1024, 2]", "kernel_sizes": "[1024, 1024, 4]"])
            Issue.record("loaded")
        } catch let error as CheckpointError {
            #expect(error.kind == .badConfig)
            #expect(error.description.contains("strides"), "\(error)")
        }
    }

    @Test(arguments: [
        ("channels", "[6, 8, 16]", "decoder.input.weight"),
        ("dilations", "[1]", "encoder.stages.0.units.1.depthwise.weight"),
        ("dilations", "[1, 3, 9]", "decoder.stages.1.units.2.output.bias"),
        ("num_codebooks", "5", "quantizer.codebooks"),
    ])
    func weightsThatDoNotFitAreListed(field: String, value: String, tensor: String) throws {
        do {
            try load([field: value])
            Issue.record("loaded with \(field) = \(value)")
        } catch CheckpointError.mismatch(let mismatch) {
            #expect(mismatch.problems.contains { "\($0)".contains("\(tensor) ") }, "\(mismatch)")
        }
    }
}
