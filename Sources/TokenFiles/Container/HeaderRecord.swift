import Platform
import Tokens

/// The payload of the HEAD section.
enum HeaderRecord {
    /// The sample count that stands for "not known yet".
    static let unknownSampleCount = UInt64.max

    static func encode(_ header: TokenHeader) throws(TokenStreamError) -> [UInt8] {
        try header.validate()
        guard header.weights.isWhole else {
            throw .usage("a file of edition 1 needs the whole identity of the weights, of which edition 2 holds the beginning; name the model")
        }
        var fields = FieldWriter()
        fields.put(bytes: header.weights.bytes)
        fields.put(UInt32(header.layout.sampleRate))
        fields.put(UInt32(header.layout.hopLength))
        fields.put(UInt32(header.original.sampleRate))
        fields.put(UInt16(header.channels))
        fields.put(UInt16(header.original.channels))
        fields.put(header.original.sampleCount.map { UInt64($0) } ?? unknownSampleCount)
        fields.put(UInt16(header.trackCount))
        fields.put(UInt16(header.layout.codebooks.count))
        fields.put(UInt16(header.framesPerChunk))
        fields.put(header.entropy.rawValue)
        fields.put(UInt8(header.original.subtype.utf8.count))
        for codebook in header.layout.codebooks {
            fields.put(UInt32(codebook.size))
            fields.put(UInt32(codebook.stride))
        }
        for name in [header.codecName, header.modelType] {
            fields.put(UInt8(name.utf8.count))
            fields.put(bytes: name.utf8)
        }
        fields.put(bytes: header.original.subtype.utf8)
        if let model = header.entropyModel { fields.put(bytes: model.bytes) }
        return fields.bytes
    }

    /// `offset` is the payload's place in the stream.
    static func decode(_ payload: [UInt8], offset: Int) throws(TokenStreamError) -> TokenHeader {
        var fields = FieldReader(payload, part: "header", offset: offset)
        guard let weights = ContentDigest(bytes: try fields.take(bytes: ContentDigest.byteCount)) else {
            throw .truncated(part: "header", offset: offset)
        }
        let sampleRate = Int(try fields.take(UInt32.self))
        let hopLength = Int(try fields.take(UInt32.self))
        let originalRate = Int(try fields.take(UInt32.self))
        let channels = Int(try fields.take(UInt16.self))
        let originalChannels = Int(try fields.take(UInt16.self))
        let sampleCount = try fields.take(UInt64.self)
        let trackCount = Int(try fields.take(UInt16.self))
        let codebookCount = Int(try fields.take(UInt16.self))
        let framesPerChunk = Int(try fields.take(UInt16.self))
        let mode = try fields.take(UInt8.self)
        guard let entropy = EntropyMode(rawValue: mode) else { throw .unknownEntropyMode(Int(mode)) }
        let subtypeLength = Int(try fields.take(UInt8.self))
        var codebooks: [CodeLayout.Codebook] = []
        for _ in 0..<codebookCount {
            let size = Int(try fields.take(UInt32.self))
            codebooks.append(.init(size: size, stride: Int(try fields.take(UInt32.self))))
        }
        let codecName = try fields.takeText("codec name", length: Int(fields.take(UInt8.self)))
        let modelType = try fields.takeText("model type", length: Int(fields.take(UInt8.self)))
        let subtype = try fields.takeText("original subtype", length: subtypeLength)
        let entropyModel = entropy == .lm ? EntropyModelName(bytes: try fields.take(bytes: EntropyModelName.byteCount)) : nil
        try fields.finish()
        let header = TokenHeader(
            codecName: codecName, modelType: modelType, weights: weights,
            layout: CodeLayout(codebooks: codebooks, hopLength: hopLength, sampleRate: sampleRate),
            channels: channels, trackCount: trackCount,
            original: OriginalAudio(
                sampleRate: originalRate, channels: originalChannels, subtype: subtype,
                sampleCount: sampleCount == unknownSampleCount ? nil : Int(clamping: sampleCount)),
            entropy: entropy, entropyModel: entropyModel, framesPerChunk: framesPerChunk)
        try header.validate(offset: offset)
        return header
    }
}
