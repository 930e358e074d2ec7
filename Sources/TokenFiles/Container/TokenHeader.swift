import Platform
import Tokens

/// How chunk payloads code their codes.
public enum EntropyMode: UInt8, CaseIterable, Sendable, Hashable, Codable {
    /// Each code takes the fixed number of bits of its codebook.
    case none = 0
    /// A range coder with a model that learns from the codes before; never larger than `none`. Integers alone.
    case adaptive = 1
    /// As `adaptive`, with an `EntropyModel` that was trained on the codec's codes. Integers alone.
    case lm = 2

    /// As on a command line.
    public var name: String {
        switch self {
        case .none: return "none"
        case .adaptive: return "adaptive"
        case .lm: return "lm"
        }
    }
}

/// The audio that was encoded, as it was before any resampling or downmix to the codec's own format.
public struct OriginalAudio: Sendable, Hashable, Codable {
    /// In Hz.
    public var sampleRate: Int
    /// Channels of the audio as it was. Those of several tracks add up to it; a single track may stand for all channels, mixed to one.
    public var channels: Int
    /// Sample format of the original as a short text such as `pcm16`, for decoders that want to give it back; may be empty.
    public var subtype: String
    /// Samples per channel, when it was known before encoding began.
    public var sampleCount: Int?

    /// Nothing is checked before the header's `validate()`.
    public init(sampleRate: Int, channels: Int, subtype: String = "", sampleCount: Int? = nil) {
        self.sampleRate = sampleRate
        self.channels = channels
        self.subtype = subtype
        self.sampleCount = sampleCount
    }
}

/// What a `.codetta` file says about itself before its first chunk.
public struct TokenHeader: Sendable, Hashable, Codable {
    /// Name of the model that coded, e.g. `codetta-24k`. A label: never use it as a path.
    public var codecName: String
    /// The model's family, e.g. `codetta`.
    public var modelType: String
    /// Identity of the model's weights; `.zero` for a codec without weights, and where they are not known.
    public var weights: ContentDigest
    /// Codebooks of one track, with the codec's hop and sample rate.
    public var layout: CodeLayout
    /// Channels that the codec codes jointly, in one track.
    public var channels: Int
    /// Tracks: streams coded independently of each other.
    public var trackCount: Int
    /// What decoders give back.
    public var original: OriginalAudio
    /// How chunk payloads are coded.
    public var entropy: EntropyMode
    /// The entropy model in mode `lm`, otherwise nil.
    public var entropyModel: EntropyModelName?
    /// Base frames of every chunk but the last, a multiple of the layout's superframe.
    public var framesPerChunk: Int
    /// What edition 2 says beyond; nil for a file of edition 1.
    public var paging: Paging?
    /// Texts about the recording, by key (`TokenTags`); nil for none. Edition 1 keeps none.
    public var tags: [String: String]?

    /// `framesPerChunk` nil chooses `defaultFramesPerChunk`. Nothing is checked before `validate()`.
    public init(
        codecName: String, modelType: String, weights: ContentDigest, layout: CodeLayout, channels: Int = 1,
        trackCount: Int = 1, original: OriginalAudio, entropy: EntropyMode = .none,
        entropyModel: EntropyModelName? = nil, framesPerChunk: Int? = nil
    ) {
        self.codecName = codecName
        self.modelType = modelType
        self.weights = weights
        self.layout = layout
        self.channels = channels
        self.trackCount = trackCount
        self.original = original
        self.entropy = entropy
        self.entropyModel = entropyModel
        self.framesPerChunk = framesPerChunk ?? Self.defaultFramesPerChunk(layout, trackCount: trackCount)
    }

    /// The preset that cuts the codes into packets as the file does, nil for none.
    public var preset: PageLayout.Preset? {
        guard let packet = paging?.layout.framesPerPacket else { return nil }
        return PageLayout.preset(framesPerPacket: packet, layout: layout, trackCount: trackCount, entropy: entropy)
    }

    /// Has edition 2 cut the codes by `preset`, whatever it did before.
    public mutating func page(by preset: PageLayout.Preset) {
        let new = PageLayout(preset, layout: layout, trackCount: trackCount, entropy: entropy)
        if paging == nil { paging = Paging(new) } else { paging?.layout = new }
    }

    /// Σ over tracks of the layout's nominal bitrate, in bit/s.
    public var nominalBitrate: Double { layout.nominalBitrate * Double(trackCount) }

    /// The length in base frames nearest to the shortest of 2, 4 and 8 s whose payload reaches 512 bytes: a chunk costs 40 bytes
    /// of framing, and is what damage loses.
    public static func defaultFramesPerChunk(_ layout: CodeLayout, trackCount: Int) -> Int {
        framesPerPiece(layout, trackCount: trackCount, bytes: 512)
    }

    /// The length in base frames nearest to the shortest of 2, 4 and 8 s whose payload reaches so many bytes.
    static func framesPerPiece(_ layout: CodeLayout, trackCount: Int, bytes: Double) -> Int {
        let superframe = layout.superframe
        guard layout.hopLength > 0, layout.sampleRate > 0, superframe <= FormatLimits.framesPerChunk else { return superframe }
        let bitrate = layout.nominalBitrate * Double(trackCount)
        let seconds = [2.0, 4.0].first { $0 * bitrate >= 8 * bytes } ?? 8
        let perSuperframe = layout.codebooks.reduce(0.0) { $0 + Double(superframe) / Double(max($1.stride, 1)) }
        let wanted = seconds * layout.frameRate / Double(superframe)
        let most = min(
            Double(FormatLimits.framesPerChunk / superframe),
            Double(FormatLimits.codesPerChunk) / max(perSuperframe * Double(trackCount), 1))
        return superframe * max(1, Int(min(wanted.rounded(), most)))
    }
}

/// The bounds that the format sets, so that every size is known to be small before anything is allocated.
enum FormatLimits {
    static let codebookSize = 2...(1 << 31)
    static let codebookCount = 1...1024
    static let stride = 1...65535
    static let trackCount = 1...256
    static let channelCount = 1...1024
    static let sampleRate = 1...((1 << 24) - 1)
    static let hopLength = 1...((1 << 24) - 1)
    static let framesPerChunk = 65535
    /// Codes of all tracks in a full chunk.
    static let codesPerChunk = 1 << 22
    static let sampleCount = 0...(1 << 48)
    static let nameBytes = 1...255
    static let subtypeBytes = 0...255
    static let payloadBytes = 1 << 24
    static let indexEntries = 65536
    /// Chunks in a row that a lenient reader replaces.
    static let concealedChunks = 65536
}

extension TokenHeader {
    /// Checks every field against the format's bounds.
    /// - Throws: `TokenStreamError.invalidField` naming the first field that is out of bounds.
    public func validate() throws(TokenStreamError) {
        try validate(offset: 0)
    }

    /// As `validate()`, for a header found at `offset`.
    func validate(offset: Int) throws(TokenStreamError) {
        func require(
            _ valid: Bool, _ field: String, _ found: some CustomStringConvertible, _ expected: String
        ) throws(TokenStreamError) {
            if !valid {
                throw .invalidField(
                    part: "header", field: field, found: found.description, expected: expected, offset: offset)
            }
        }
        func require(_ value: Int, in range: ClosedRange<Int>, _ field: String) throws(TokenStreamError) {
            try require(range.contains(value), field, value, "\(range.lowerBound) to \(range.upperBound)")
        }
        try Self.checkText(codecName, bytes: FormatLimits.nameBytes, "codec name", offset)
        try Self.checkText(modelType, bytes: FormatLimits.nameBytes, "model type", offset)
        try Self.checkText(original.subtype, bytes: FormatLimits.subtypeBytes, "original subtype", offset)
        try require(layout.sampleRate, in: FormatLimits.sampleRate, "codec sample rate")
        try require(layout.hopLength, in: FormatLimits.hopLength, "hop length")
        try require(channels, in: FormatLimits.channelCount, "codec channels")
        try require(trackCount, in: FormatLimits.trackCount, "track count")
        try require(original.sampleRate, in: FormatLimits.sampleRate, "original sample rate")
        try require(original.channels, in: FormatLimits.channelCount, "original channels")
        try require(
            trackCount == 1 || trackCount * channels == original.channels, "original channels", original.channels,
            "\(trackCount * channels), those of all tracks")
        if let count = original.sampleCount { try require(count, in: FormatLimits.sampleCount, "sample count") }
        try require(layout.codebooks.count, in: FormatLimits.codebookCount, "codebook count")
        for (k, codebook) in layout.codebooks.enumerated() {
            try require(codebook.size, in: FormatLimits.codebookSize, "size of codebook \(k)")
            try require(codebook.stride, in: FormatLimits.stride, "stride of codebook \(k)")
        }
        try require(
            (entropy == .lm) == (entropyModel != nil), "entropy model", entropyModel == nil ? "none" : "one",
            "one in entropy mode lm alone")
        if entropy == .lm {
            let kinds = Set(layout.codebooks)
            try require(
                kinds.count == 1 && kinds.first?.stride == 1, "codebooks", "of several sizes or strides",
                "one size and stride 1 in entropy mode lm")
        }
        let superframe = layout.superframe
        try require(
            (1...FormatLimits.framesPerChunk).contains(framesPerChunk) && framesPerChunk % superframe == 0,
            "frames per chunk", framesPerChunk, "a multiple of \(superframe) in 1 to \(FormatLimits.framesPerChunk)")
        let codes = trackCount * layout.codebooks.reduce(0) { $0 + framesPerChunk / $1.stride }
        try require(
            codes <= FormatLimits.codesPerChunk, "codes in a chunk", codes,
            "at most \(FormatLimits.codesPerChunk); use fewer frames per chunk")
        if let tags, let flaw = TokenTags.flaw(tags) {
            throw .invalidField(part: "tags", field: flaw.field, found: flaw.found, expected: flaw.expected, offset: offset)
        }
        guard let paging else { return }
        let (packet, page) = (paging.layout.framesPerPacket, paging.layout.framesPerPage)
        try require(
            (1...FormatLimits.framesPerChunk).contains(packet) && packet % superframe == 0, "frames per packet", packet,
            "a multiple of \(superframe) in 1 to \(FormatLimits.framesPerChunk)")
        try require(
            (packet...FormatLimits.framesPerChunk).contains(page) && page % packet == 0
                && layout.codebooks.reduce(0) { $0 + page / $1.stride } <= FormatLimits.codesPerChunk / trackCount,
            "frames per page", page, "a multiple of \(packet) with at most \(FormatLimits.codesPerChunk) codes")
        try require(paging.layout.pagesPerModel, in: 1...FormatLimits.framesPerChunk, "pages per model")
        try require(paging.layout.pagesPerEntry, in: 1...FormatLimits.framesPerChunk, "pages per entry")
        try require(paging.firstFrame, in: FormatLimits.sampleCount, "first frame")
        try require(paging.skippedSamples, in: FormatLimits.sampleCount, "skipped samples")
        try require(SampleSpan(self).samplesBefore(frame: paging.firstFrame) != nil, "first frame", paging.firstFrame, "one within 2⁴⁸ samples")
        if let tail = paging.tailFrames { try require(tail, in: FormatLimits.sampleCount, "tail") }
        if let context = paging.context {
            if let before = context.framesBefore { try require(before, in: 0...(FormatLimits.sampleCount.upperBound - 1), "frames looked back") }
            try require(context.framesAfter, in: FormatLimits.sampleCount, "frames looked ahead")
            try require(
                (1...FormatLimits.framesPerChunk).contains(context.alignment) && context.alignment % superframe == 0, "alignment",
                context.alignment, "a multiple of \(superframe) in 1 to \(FormatLimits.framesPerChunk)")
        }
    }

    /// Checks a text's length in UTF-8 and that it holds no control characters, since it ends up on terminals.
    private static func checkText(
        _ text: String, bytes range: ClosedRange<Int>, _ field: String, _ offset: Int
    ) throws(TokenStreamError) {
        let length = text.utf8.count
        guard range.contains(length) else {
            throw .invalidField(
                part: "header", field: field, found: "of \(length) bytes",
                expected: "\(range.lowerBound) to \(range.upperBound) bytes of UTF-8", offset: offset)
        }
        guard text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) }) else {
            throw .invalidField(
                part: "header", field: field, found: "with control characters", expected: "none", offset: offset)
        }
    }
}
