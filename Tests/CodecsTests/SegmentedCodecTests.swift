import Checkpoints
import Codecs
import Foundation
import Kernels
import Quantizers
import Testing
import Tokens

/// A tiny EnCodec that codes segments of 1000 samples, 100 of which overlap the next, each at its own level; and what its
/// reference makes of clips. Written by Tools/goldens/published.py.
private struct SegmentedGolden {
    static let name = "tiny-encodec-segments"
    static let lengths = PublishedGolden.lengths

    let codec: any Codec
    private let golden: PublishedGolden
    private let file: SafetensorsFile

    init() throws {
        golden = try PublishedGolden(Self.name)
        codec = golden.codec
        file = try SafetensorsFile(path: Golden.path("\(Self.name).safetensors"))
    }

    func audio(_ samples: Int) throws -> AudioBlock { try golden.audio(samples) }
    func outputs(_ samples: Int) throws -> [(codebooks: Int, audio: AudioBlock)] { try golden.outputs(samples) }
    func margins(_ samples: Int) throws -> [Float] { try golden.margins(samples) }

    /// With the segments that the reference made.
    func codes(_ samples: Int) throws -> Codes {
        var codes = try golden.codes(samples)
        let scales = try file.load("scales.\(samples)").values
        var start = 0
        for (frames, scale) in zip(try file.loadIntegers("frames.\(samples)").values, scales) {
            codes.segments.append(CodeSegment(frame: start, scale: scale))
            start += frames
        }
        return codes
    }
}

@Suite struct SegmentedCodecTests {
    @Test(arguments: SegmentedGolden.lengths) func codesAndScalesEqualTheReferences(samples: Int) throws {
        let golden = try SegmentedGolden()
        #expect(try golden.margins(samples).allSatisfy { $0 > 5e-4 })
        let expected = try golden.codes(samples)
        let codes = try golden.codec.codes(of: golden.audio(samples), codebooks: expected.codebookCount)
        #expect(codes.streams == expected.streams)
        #expect(codes.segments.map(\.frame) == expected.segments.map(\.frame))
        for (segment, reference) in zip(codes.segments, expected.segments) {
            #expect(abs(segment.scale / reference.scale - 1) < 1e-6)
        }
    }

    @Test(arguments: SegmentedGolden.lengths) func audioEqualsTheReferencesAtEveryBitrate(samples: Int) throws {
        let golden = try SegmentedGolden()
        let codes = try golden.codes(samples)
        let outputs = try golden.outputs(samples)
        #expect(outputs.count == 2)
        for (codebooks, expected) in outputs {
            let audio = try golden.codec.block(of: codes.prefix(codebooks))
            #expect(audio.sampleCount == expected.sampleCount)
            for (channel, reference) in zip(audio.channels, expected.channels) {
                #expect(relativeError(channel, reference) < 1e-5)
            }
        }
    }

    @Test(arguments: [1, 7, 24, 25, 26, 1009]) func piecesGiveWhatTheWholeGives(chunk: Int) throws {
        let golden = try SegmentedGolden()
        let audio = try golden.audio(4000)
        let codes = try golden.codec.codes(of: audio, codebooks: 4)
        #expect(try golden.codec.codes(of: audio, codebooks: 4, chunk: chunk) == codes)
        let whole = try golden.codec.block(of: codes)
        #expect(try golden.codec.block(of: codes, chunk: chunk) == whole)
    }

    /// Around every length at which a segment begins, ends or takes one frame more.
    @Test(arguments: [900, 901, 940, 960, 961, 999, 1000, 1001, 1040, 1041, 1800, 1801]) func everyLengthIsCovered(samples: Int) throws {
        let golden = try SegmentedGolden()
        let audio = try golden.audio(4000).slice(0..<samples)
        let codes = try golden.codec.codes(of: audio, codebooks: 1)
        #expect(codes.segments.count == (samples + 899) / 900)
        let decoded = try golden.codec.block(of: codes)
        #expect(decoded.sampleCount >= samples && decoded.channels.allSatisfy { $0.allSatisfy(\.isFinite) })
        #expect(try golden.codec.block(of: codes, chunk: 3) == decoded)
    }

    @Test(arguments: [1009, 4000]) func latentsAreWhatTheCodesAreOf(chunk: Int) throws {
        let golden = try SegmentedGolden()
        let audio = try golden.audio(4000)
        var encoder = try #require(try golden.codec.makeEncoder(codebooks: 4) as? any LatentEncoder)
        var latents = try encoder.latents(of: audio.slice(0..<chunk))
        for start in stride(from: chunk, to: 4000, by: chunk) {
            latents.append(try encoder.latents(of: audio.slice(start..<min(4000, start + chunk))))
        }
        latents.append(try encoder.finalLatents())
        #expect(encoder.quantize(latents).streams == (try golden.codes(4000)).streams)
    }

    @Test func theLatencyIsOneSegment() throws {
        let golden = try SegmentedGolden()
        #expect(golden.codec.description.latency == 1000 && golden.codec.description.isStreaming)
        let audio = try golden.audio(4000)
        var (encoder, decoder) = (try golden.codec.makeEncoder(codebooks: 1), try golden.codec.makeDecoder(codebooks: 1))
        var (decoded, greatest) = (0, 0)
        for taken in 1...4000 {
            decoded += try decoder.push(encoder.push(audio.slice((taken - 1)..<taken))).sampleCount
            greatest = max(greatest, taken - decoded)
        }
        #expect(golden.codec.description.latency == greatest + 1)
    }

    @Test func codesWithoutTheirScalesAreRefused() throws {
        let golden = try SegmentedGolden()
        let codes = Codes(streams: try golden.codes(41).streams)
        #expect(throws: CodecError.noSegments(model: SegmentedGolden.name)) { try golden.codec.block(of: codes) }
    }

    @Test func codesOfOtherShapesAreRefused() throws {
        var decoder = try SegmentedGolden().codec.makeDecoder(codebooks: 2)
        for streams in [[[0]], [[0], [1, 2]], [[0], [1], [2]]] as [[[Int32]]] {
            #expect(throws: QuantizerError.self) { try decoder.push(Codes(streams: streams)) }
        }
    }

    /// As where damage took a segment's beginning: its frames are decoded at the level before, and the next one is in place again.
    @Test func aSegmentThatLostItsScaleTakesTheOneBefore() throws {
        let golden = try SegmentedGolden()
        let codes = try golden.codes(4000)
        var damaged = codes
        damaged.segments.remove(at: 1)
        var levelled = codes
        levelled.segments[1].scale = codes.segments[0].scale
        #expect(try golden.codec.block(of: damaged) == golden.codec.block(of: levelled))
    }

    @Test func theOriginalRepositorysNamesLoad() throws {
        let golden = try SegmentedGolden()
        let file = try SafetensorsFile(path: Golden.path("\(SegmentedGolden.name)/model.safetensors"))
        var writer = SafetensorsWriter()
        for tensor in file.header.tensors { writer.add(originalEnCodecName(tensor.name), try file.load(tensor.name)) }
        let renamed = try loadTinyModel(SegmentedGolden.name, weights: Data(writer.serialized()))
        let codes = try golden.codes(41)
        #expect(try renamed.codes(of: golden.audio(41), codebooks: 4).streams == codes.streams)
        #expect(try renamed.block(of: codes) == golden.codec.block(of: codes))
    }
}
