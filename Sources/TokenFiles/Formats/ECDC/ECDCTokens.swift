import Tokens

/// Writes the `.ecdc` files that `ECDCReader` describes, byte for byte as the encodec package does without its language model.
public enum ECDCTokens {
    /// The file of a document of EnCodec's 24 or 48 kHz model. It holds neither the original's rate and channels nor the weights.
    /// - Throws: `TokenStreamError.foreign` for codes that the format has no place for; as `ContainerWriter` for an unsound document.
    public static func encode(_ document: EncodedAudio) throws -> [UInt8] {
        try document.validate()
        let header = document.header
        guard header.modelType == ECDCModel.modelType, header.trackCount == 1,
            let model = ECDCModel.all.first(where: { $0.layout(codebooks: header.layout.codebooks.count) == header.layout }),
            model.channels == header.channels, model.codebookCounts.contains(header.layout.codebooks.count)
        else {
            throw refusal(
                "holds one track of EnCodec at 24 kHz (mono) or 48 kHz (stereo), not \(header.trackCount) of \(header.codecName) "
                    + "(\(header.modelType), \(header.layout.sampleRate) Hz)")
        }
        let codes = document.tracks[0]
        let samples = try codecSamples(document, codes, model)
        let metadata = "{\"m\": \"\(model.name)\", \"al\": \(samples), \"nc\": \(codes.codebookCount), \"lm\": false}"
        var bytes = ECDCReader.magic + [0] + bigEndian(UInt32(metadata.utf8.count)) + Array(metadata.utf8)
        var start = 0
        for index in 0..<model.segmentCount(samples: samples) {
            if model.segment != nil { bytes += bigEndian(codes.segments[index].scale.bitPattern) }
            let end = start + model.frames(ofSegment: index, samples: samples)
            bytes += packed(codes, start..<end)
            start = end
        }
        return bytes
    }

    private static func refusal(_ reason: String) -> TokenStreamError { .foreign(format: "ecdc", reason: reason) }

    /// The length at the model's rate of which the reference makes these very frames and segments.
    private static func codecSamples(_ document: EncodedAudio, _ codes: Codes, _ model: ECDCModel) throws -> Int {
        let frames = codes.streams[0].count
        guard frames > 0 else { throw refusal("cannot hold a recording without samples") }
        let (rate, originalRate) = (Double(model.sampleRate), Double(document.header.original.sampleRate))
        let converted = (Double(document.samples) * rate / originalRate).rounded()
        // Resampling may round the other way at either end of the last frame.
        let count = max(1, codes.segments.count)
        let lastStart = (count - 1) * (model.segment?.stride ?? 0)
        let lastFrames = frames - (codes.segments.last?.frame ?? 0)
        let range = (lastStart + (lastFrames - 1) * ECDCModel.hopLength + 1)...(lastStart + lastFrames * ECDCModel.hopLength)
        let samples = converted < Double(range.lowerBound)
            ? range.lowerBound : converted > Double(range.upperBound) ? range.upperBound : Int(converted)
        var starts: [Int] = []
        var next = 0
        for index in 0..<model.segmentCount(samples: samples) {
            starts.append(next)
            next += model.frames(ofSegment: index, samples: samples)
        }
        guard next == frames, codes.segments.map(\.frame) == (model.segment == nil ? [] : starts) else {
            throw refusal("the frames are not in the segments that EnCodec cuts \(samples) samples into")
        }
        return samples
    }

    private static func packed(_ codes: Codes, _ frames: Range<Int>) -> [UInt8] {
        let width = CodeLayout.Codebook(size: ECDCModel.codebookSize).bits
        var bits = BitWriter()
        for t in frames {
            for stream in codes.streams { bits.write(UInt32(bitPattern: stream[t]), bits: width) }
        }
        return bits.finish()
    }
}

/// The bytes of `value`, the most significant first.
func bigEndian(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value.bigEndian) { Array($0) } }
