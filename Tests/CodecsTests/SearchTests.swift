import Checkpoints
import Codecs
import Kernels
import Quantizers
import Testing
import Tokens

/// Searching for codes through whole codecs.
@Suite struct SearchTests {
    private let codec: any Codec
    private let audio: [Float]

    init() throws {
        codec = try CodecRegistry.load(ModelFolder(path: Golden.path("tiny-waveform-causal")))
        audio = Array(try Golden("tiny-waveform-causal").audio.prefix(9000))
    }

    @Test(arguments: [1, 7, 480, 5000]) func encodingInPiecesGivesTheSameCodes(chunk: Int) throws {
        let searching = try codec.searching(CodeSearch(beamWidth: 8, refinementPasses: 8))
        let whole = try searching.codes(of: audio, codebooks: 3)
        #expect(try searching.codes(of: audio, codebooks: 3, chunk: chunk) == whole)
        #expect(try whole != codec.codes(of: audio, codebooks: 3))
    }

    @Test func theGreedySearchChangesNothing() throws {
        let greedy = try codec.codes(of: audio, codebooks: 3)
        let beam = try codec.searching(CodeSearch(beamWidth: 4, refinementPasses: 0))
        #expect(try codec.searching(.greedy).codes(of: audio, codebooks: 3) == greedy)
        #expect(try beam.searching(.greedy).codes(of: audio, codebooks: 3) == greedy)
    }

    @Test func anyDecoderReadsSearchedCodes() throws {
        let searching = try codec.searching(CodeSearch(beamWidth: 8, refinementPasses: 8))
        let codes = try searching.codes(of: audio, codebooks: 2)
        #expect(try codec.audio(of: codes) == searching.audio(of: codes))
        #expect(searching.description == codec.description)
    }

    @Test func aCodecWithoutResidualQuantizerSaysSo() throws {
        let search = CodeSearch(beamWidth: 2, refinementPasses: 1)
        #expect(throws: CodecError.searchUnsupported(model: "plain", search: "beam:2:1")) { try Plain().searching(search) }
        #expect(try Plain().searching(.greedy).description.name == "plain")
    }

    @Test func aSearchByRateNeedsLatentsThatTellAll() throws {
        struct Free: CodeRates {
            func bits(of codebook: Int, given frames: [[Int32]]) -> [[Float]] { frames.map { _ in [Float](repeating: 0, count: 16) } }
            mutating func advance(by frame: [Int32]) {}
        }
        let search = CodeSearch(beamWidth: 2, rateWeight: 0.5)
        #expect(try codec.makeRateSearch(codebooks: 2, rates: Free()) as Any? == nil)
        var found = try #require(try codec.searching(search).makeRateSearch(codebooks: 2, rates: Free()))
        #expect(found.quantize(Frames(zeros: 5, channels: 8)).map(\.count) == [5, 5])
        let segmented = try CodecRegistry.load(ModelFolder(path: Golden.path("tiny-encodec-segments"))).searching(search)
        #expect(throws: CodecError.searchUnsupported(model: segmented.description.name, search: "rate:2:0.5")) {
            try segmented.makeRateSearch(codebooks: 1, rates: Free())
        }
    }

    private struct Plain: Codec {
        var description: CodecDescription {
            CodecDescription(
                name: "plain", modelType: "plain", sampleRate: 8000, channels: 1,
                layout: CodeLayout(uniform: 1, size: 2, hopLength: 1, sampleRate: 8000), isTruncatable: false, latency: 0,
                parameterCount: 0, license: "none")
        }
        func makeEncoder(codebooks: Int) throws -> any CodecEncoder { throw CodecError.codebookCount(requested: codebooks, available: 1...1) }
        func makeDecoder(codebooks: Int) throws -> any CodecDecoder { throw CodecError.codebookCount(requested: codebooks, available: 1...1) }
    }
}

/// The continuous latents before quantization.
@Suite struct LatentTests {
    @Test(arguments: ["tiny-waveform-causal", "tiny-waveform"], [1, 7, 480, 9000]) func quantizedLatentsAreTheCodes(name: String, chunk: Int) throws {
        let codec = try CodecRegistry.load(ModelFolder(path: Golden.path(name)))
        let audio = Array(try Golden(name).audio.prefix(9000))
        var encoder = try #require(try codec.makeEncoder(codebooks: 3) as? any LatentEncoder)
        var latents: Frames?
        for start in stride(from: 0, to: audio.count, by: chunk) {
            let piece = Array(audio[start..<min(start + chunk, audio.count)])
            let frames = try encoder.latents(of: AudioBlock(mono: piece))
            if latents == nil { latents = frames } else { latents?.append(frames) }
        }
        latents?.append(try encoder.finalLatents())
        let all = try #require(latents)
        #expect(try encoder.quantize(all) == codec.codes(of: audio, codebooks: 3))
    }
}
