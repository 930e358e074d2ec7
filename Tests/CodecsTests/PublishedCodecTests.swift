import Checkpoints
import Codecs
import Kernels
import Testing
import Tokens

/// A tiny model as its reference implementation saved it, with what that made of clips: written by Tools/goldens/published.py.
struct PublishedGolden {
    /// Every one has a hop of 40 samples and a second of 4000.
    static let names = streaming + ["tiny-hificodec", "tiny-wavtokenizer", "tiny-xcodec"]
    static let streaming = renamed
        + ["tiny-mimi", "tiny-snac", "tiny-snac-attention", "tiny-bigcodec", "tiny-vocos-encodec", "tiny-languagecodec"]
    /// Those of which the original repository has other names than Hugging Face.
    static let renamed = ["tiny-dac", "tiny-encodec-causal", "tiny-encodec-centred"]
    static let lengths = [1, 39, 41, 4000]

    let codec: any Codec
    private let file: SafetensorsFile

    init(_ name: String) throws {
        codec = try CodecRegistry.load(ModelFolder(path: Golden.path(name)))
        file = try SafetensorsFile(path: Golden.path("\(name).safetensors"))
    }

    func audio(_ samples: Int) throws -> AudioBlock { try block("audio.\(samples)") }

    /// Fewest codebooks that code.
    var fewestCodebooks: Int { codec.description.isTruncatable ? 1 : codec.description.layout.codebooks.count }

    func codes(_ samples: Int) throws -> Codes {
        if names(of: "codes.\(samples)").count > 1 {
            return Codes(
                streams: try names(of: "codes.\(samples)").map { try file.loadIntegers($0).values.map { Int32($0) } })
        }
        let (shape, values) = try file.loadIntegers("codes.\(samples)")
        return Codes(streams: (0..<shape[0]).map { k in values[(k * shape[1])..<((k + 1) * shape[1])].map { Int32($0) } })
    }

    /// How much farther the second-nearest codewords were, relative to the nearest.
    func margins(_ samples: Int) throws -> [Float] {
        try names(of: "margins.\(samples)").flatMap { try file.load($0).values }
    }

    /// `name` itself, or `name.0`, `name.1` … where each codebook has its own.
    private func names(of name: String) -> [String] {
        let numbered = codec.description.layout.codebooks.indices.map { "\(name).\($0)" }
        return file.info(numbered[0]) == nil ? [name] : numbered
    }

    /// What the reference decodes from the first codebooks, by their number.
    func outputs(_ samples: Int) throws -> [(codebooks: Int, audio: AudioBlock)] {
        try (1...codec.description.layout.codebooks.count).compactMap { count in
            let name = "output.\(samples).\(count)"
            return file.info(name) == nil ? nil : (count, try block(name))
        }
    }

    private func block(_ name: String) throws -> AudioBlock {
        let tensor = try file.load(name)
        let count = tensor.shape[1]
        return AudioBlock(channels: (0..<tensor.shape[0]).map { Array(tensor.values[($0 * count)..<(($0 + 1) * count)]) })
    }
}

@Suite struct PublishedCodecTests {
    @Test(arguments: PublishedGolden.names, PublishedGolden.lengths)
    func codesEqualTheReferences(name: String, samples: Int) throws {
        let golden = try PublishedGolden(name)
        #expect(try golden.margins(samples).allSatisfy { $0 > 5e-4 })
        let codes = try golden.codes(samples)
        #expect(try golden.codec.codes(of: golden.audio(samples), codebooks: codes.codebookCount) == codes)
    }

    @Test(arguments: PublishedGolden.names, PublishedGolden.lengths)
    func audioEqualsTheReferencesAtEveryBitrate(name: String, samples: Int) throws {
        let golden = try PublishedGolden(name)
        let codes = try golden.codes(samples)
        let outputs = try golden.outputs(samples)
        #expect(outputs.last?.codebooks == codes.codebookCount)
        #expect(outputs.count > 1 || golden.fewestCodebooks == codes.codebookCount)
        for (codebooks, expected) in outputs {
            let audio = try golden.codec.block(of: codes.prefix(codebooks))
            #expect(audio.sampleCount == codes.streams[0].count * golden.codec.description.layout.codebooks[0].stride * 40)
            for (channel, reference) in zip(audio.channels, expected.channels) {
                #expect(relativeError(Array(channel.prefix(reference.count)), reference) < 1e-5)
                // DAC's odd strides give a little less than whole frames.
                #expect(channel.count - reference.count <= 2)
                #expect(channel.dropFirst(reference.count).allSatisfy { $0 == 0 })
            }
        }
    }

    @Test(arguments: PublishedGolden.names, [1, 7, 40, 41, 1009])
    func piecesGiveWhatTheWholeGives(name: String, chunk: Int) throws {
        let golden = try PublishedGolden(name)
        let (audio, codes) = (try golden.audio(4000), try golden.codes(4000))
        #expect(try golden.codec.codes(of: audio, codebooks: codes.codebookCount, chunk: chunk) == codes)
        let whole = try golden.codec.block(of: codes)
        #expect(try golden.codec.block(of: codes, chunk: chunk) == whole)
    }

    @Test(arguments: PublishedGolden.names) func noSamplesAreNoFrames(name: String) throws {
        let golden = try PublishedGolden(name)
        let empty = AudioBlock(channelCount: golden.codec.description.channels)
        let codebooks = golden.fewestCodebooks
        #expect(try golden.codec.codes(of: empty, codebooks: codebooks) == Codes(codebooks: codebooks))
        #expect(try golden.codec.block(of: Codes(codebooks: codebooks)) == empty)
    }

    /// Fed sample by sample, the decoder is never further behind than the stated latency, and once as far.
    @Test(arguments: PublishedGolden.streaming) func theLatencyIsTheOneStated(name: String) throws {
        let golden = try PublishedGolden(name)
        let audio = try golden.audio(4000)
        var encoder = try golden.codec.makeEncoder(codebooks: 1)
        var decoder = try golden.codec.makeDecoder(codebooks: 1)
        var (decoded, greatest) = (0, 0)
        for taken in 1...4000 {
            let codes = try encoder.push(audio.slice((taken - 1)..<taken))
            decoded += try decoder.push(codes).sampleCount
            greatest = max(greatest, taken - decoded)
        }
        #expect(golden.codec.description.latency == greatest + 1)
    }

    @Test(arguments: PublishedGolden.names) func aCodecThatNeedsTheWholeSignalSaysSo(name: String) throws {
        let golden = try PublishedGolden(name)
        let codebooks = golden.codec.description.layout.codebooks.count
        var encoder = try golden.codec.makeEncoder(codebooks: codebooks)
        var decoder = try golden.codec.makeDecoder(codebooks: codebooks)
        let waits = try encoder.push(golden.audio(4000)).isEmpty || decoder.push(golden.codes(4000)).isEmpty
        #expect(waits == !golden.codec.description.isStreaming)
        #expect(waits == CodecRegistry.wholeSignalTypes.contains(golden.codec.description.modelType))
    }

    @Test func xCodecRefusesALongRecordingAsSoonAsItIsTooLong() throws {
        var encoder = try PublishedGolden("tiny-xcodec").codec.makeEncoder(codebooks: 4)
        let limit = 300 * 4000
        #expect(try encoder.push(AudioBlock(mono: [Float](repeating: 0, count: limit))).isEmpty)
        #expect { try encoder.push(AudioBlock(mono: [0])) } throws: {
            "\($0)" == "tiny-xcodec codes a recording as a whole, of 300 s at most; cut it into pieces"
                && ($0 as? CodecError)?.kind == .badData
        }
    }

    /// Longer than the pieces in which the convolutions run.
    @Test func xCodecsPiecesDoNotShow() throws {
        let codec = try PublishedGolden("tiny-xcodec").codec
        let second = try PublishedGolden("tiny-xcodec").audio(4000).channels[0]
        let audio = (0..<20).flatMap { i in second.map { $0 * Float(i % 7) / 7 } }
        let codes = try codec.codes(of: audio, codebooks: 4)
        #expect(codes.streams[0].count == 2000)
        #expect(try codec.codes(of: audio, codebooks: 4, chunk: 30_001) == codes)
    }

    /// The norms of Vocos depend on the bandwidth, not on the codes alone.
    @Test func vocosDecodesTheSameCodesOtherwiseAtEachBandwidth() throws {
        let golden = try PublishedGolden("tiny-vocos-encodec")
        let codes = try golden.codes(41)
        let two = try golden.codec.block(of: codes.prefix(2))
        var three = codes.prefix(3)
        three.streams[2] = three.streams[2].map { _ in 0 }
        #expect(try golden.codec.block(of: three) != two)
        #expect(golden.codec.description.layout.codebooks.count == 4 && golden.codec.description.isTruncatable)
    }

    @Test func snacsStreamsMayRunAheadOfEachOther() throws {
        let golden = try PublishedGolden("tiny-snac")
        let codes = try golden.codes(4000)
        var decoder = try golden.codec.makeDecoder(codebooks: 3)
        var audio = AudioBlock(channelCount: 1)
        for k in 0..<3 {
            var part = Codes(codebooks: 3)
            part.streams[k] = codes.streams[k]
            audio.append(try decoder.push(part))
            #expect(audio.isEmpty == (k < 2))
        }
        audio.append(try decoder.finish())
        #expect(try audio == golden.codec.block(of: codes))
    }

    @Test func snacRefusesAnIncompleteSuperframe() throws {
        var decoder = try PublishedGolden("tiny-snac").codec.makeDecoder(codebooks: 3)
        #expect(try decoder.push(Codes(streams: [[0], [1, 2], [3, 4, 5]])).isEmpty)
        #expect(throws: (any Error).self) { try decoder.finish() }
        var other = try PublishedGolden("tiny-snac").codec.makeDecoder(codebooks: 3)
        #expect(throws: (any Error).self) { try other.push(Codes(streams: [[0], [1, 2]])) }
        #expect(throws: (any Error).self) { try other.push(Codes(streams: [[0], [1, 16], [3, 4, 5, 6]])) }
    }

    @Test func hiFiCodecHasAllItsCodebooksOrNone() throws {
        let golden = try PublishedGolden("tiny-hificodec")
        for count in [1, 2, 3, 5] {
            #expect(throws: CodecError.codebookCount(requested: count, available: 4...4)) {
                try golden.codec.makeEncoder(codebooks: count)
            }
            #expect(throws: CodecError.codebookCount(requested: count, available: 4...4)) {
                try golden.codec.makeDecoder(codebooks: count)
            }
        }
    }
}
