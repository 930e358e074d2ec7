import Platform
import Tokens

/// The payload of edition 2's header.
enum PagedHeader {
    /// The least edition that reads the file, and the one that this code writes: 2.0.
    static let major = 2
    static let minor = 0
    /// Bytes of the identity of the weights that the header holds.
    static let identityLength = 8

    /// What stands behind the fields that every header has.
    private struct Fields: OptionSet {
        let rawValue: Int
        static let channels = Fields(rawValue: 1)
        static let identity = Fields(rawValue: 2)
        static let samples = Fields(rawValue: 4)
        static let tail = Fields(rawValue: 8)
        static let cut = Fields(rawValue: 16)
        static let context = Fields(rawValue: 32)
        static let tags = Fields(rawValue: 64)
    }

    /// Names of sample formats, by number; others are spelt out.
    private static let subtypes = ["", "pcm16", "pcm24", "pcm32", "float", "double", "pcm8", "u8", "mulaw", "alaw", "generated", "mp3", "vorbis", "opus"]
    /// Model types, by number from 1 on. The list is edition 2's for ever; others are spelt out.
    private static let modelTypes = [
        "soundstream", "lyra", "encodec", "dac", "mimi", "snac", "wavtokenizer", "vocos-encodec", "hificodec", "bigcodec", "xcodec", "languagecodec",
    ]
    private static let spelt: UInt8 = 255

    static func encode(_ header: TokenHeader, _ paging: Paging) throws(TokenStreamError) -> [UInt8] {
        try header.validate()
        let original = header.original
        var present: Fields = []
        if header.channels != 1 || original.channels != 1 || header.trackCount != 1 { present.insert(.channels) }
        if header.weights != .zero { present.insert(.identity) }
        if original.sampleCount != nil { present.insert(.samples) }
        if paging.tailFrames != nil { present.insert(.tail) }
        if paging.firstFrame != 0 || paging.skippedSamples != 0 { present.insert(.cut) }
        if paging.context != nil { present.insert(.context) }
        if header.tags?.isEmpty == false { present.insert(.tags) }
        var fields = FieldWriter()
        fields.put(UInt8(minor))
        fields.put(varint: present.rawValue)
        fields.put(varint: header.layout.sampleRate)
        fields.put(varint: header.layout.hopLength)
        fields.put(varint: original.sampleRate == header.layout.sampleRate ? 0 : original.sampleRate)
        fields.put(header.entropy.rawValue)
        fields.put(varint: paging.layout.framesPerPacket)
        if header.entropy != .none { fields.put(UInt8(PageCoder.tableBits(header, paging.layout))) }
        putCodebooks(header.layout.codebooks, into: &fields)
        fields.put(text: header.codecName)
        put(header.modelType, number: typeNumber(header.modelType, codecName: header.codecName), into: &fields)
        put(original.subtype, number: subtypeNumber(original.subtype), into: &fields)
        if let model = header.entropyModel { fields.put(bytes: model.bytes) }
        if present.contains(.channels) {
            fields.put(varint: header.channels)
            fields.put(varint: original.channels)
            fields.put(varint: header.trackCount)
        }
        if present.contains(.identity) { fields.put(bytes: header.weights.bytes.prefix(identityLength)) }
        if let samples = original.sampleCount { fields.put(varint: samples) }
        if let tail = paging.tailFrames { fields.put(varint: tail) }
        if present.contains(.cut) {
            fields.put(varint: paging.firstFrame)
            fields.put(varint: paging.skippedSamples)
        }
        if let context = paging.context {
            fields.put(varint: context.framesBefore.map { $0 + 1 } ?? 0)
            fields.put(varint: context.framesAfter)
            fields.put(varint: context.alignment)
        }
        return fields.bytes
    }

    /// What a header's payload says.
    struct Content {
        /// Without the tags, which stand in a block of their own.
        var header: TokenHeader
        var paging: Paging
        /// In entropy modes `adaptive` and `lm`, the exponent of the size of the table of contexts.
        var tableBits: Int
        /// Whether a block of tags follows.
        var hasTags: Bool
    }

    /// Bytes behind the fields that are known here are a later edition's.
    /// - Parameter offset: of the payload in the stream.
    static func decode(_ payload: [UInt8], offset: Int) throws(TokenStreamError) -> Content {
        var fields = FieldReader(payload, part: "header", offset: offset)
        _ = try fields.take(UInt8.self)
        let present = Fields(rawValue: try fields.takeVarint("fields"))
        let sampleRate = try fields.takeVarint("codec sample rate", in: FormatLimits.sampleRate)
        let hopLength = try fields.takeVarint("hop length", in: FormatLimits.hopLength)
        let originalRate = try fields.takeVarint("original sample rate", in: 0...FormatLimits.sampleRate.upperBound)
        guard originalRate != sampleRate else {
            throw fields.invalid("original sample rate", found: originalRate, expected: "0, since it is the codec's")
        }
        let mode = try fields.take(UInt8.self)
        guard let entropy = EntropyMode(rawValue: mode) else { throw .unknownEntropyMode(Int(mode)) }
        let framesPerPacket = try fields.takeVarint("frames per packet", in: 1...FormatLimits.framesPerChunk)
        let tableBits = entropy == .none ? 0 : Int(try fields.take(UInt8.self))
        let codebooks = try takeCodebooks(&fields)
        let name = try fields.takeText("codec name", length: try fields.takeVarint("length of the codec name", in: FormatLimits.nameBytes))
        let type = try takeModelType(&fields, codecName: name)
        let subtype = try takeSubtype(&fields)
        let model = entropy == .lm ? EntropyModelName(bytes: try fields.take(bytes: EntropyModelName.byteCount)) : nil
        var (channels, originalChannels, tracks) = (1, 1, 1)
        if present.contains(.channels) {
            channels = try fields.takeVarint("codec channels", in: FormatLimits.channelCount)
            originalChannels = try fields.takeVarint("original channels", in: FormatLimits.channelCount)
            tracks = try fields.takeVarint("track count", in: FormatLimits.trackCount)
            guard (channels, originalChannels, tracks) != (1, 1, 1) else {
                throw fields.invalid("channels", found: "1, 1, 1", expected: "no such field, since all are 1")
            }
        }
        var weights = ContentDigest.zero
        if present.contains(.identity), let found = ContentDigest(beginning: try fields.take(bytes: identityLength)) {
            weights = found
            guard weights != .zero else { throw fields.invalid("identity", found: "zeros", expected: "no such field where it is not known") }
        }
        let samples = present.contains(.samples) ? try fields.takeVarint("sample count", in: FormatLimits.sampleCount) : nil
        var paging = Paging(
            PageLayout(framesPerPacket: framesPerPacket, framesPerPage: framesPerPacket, pagesPerModel: 1, pagesPerEntry: 1))
        if present.contains(.tail) { paging.tailFrames = try fields.takeVarint("tail", in: FormatLimits.sampleCount) }
        if present.contains(.cut) {
            paging.firstFrame = try fields.takeVarint("first frame", in: FormatLimits.sampleCount)
            paging.skippedSamples = try fields.takeVarint("skipped samples", in: FormatLimits.sampleCount)
        }
        if present.contains(.context) {
            let before = try fields.takeVarint("frames looked back", in: FormatLimits.sampleCount)
            paging.context = DecodingContext(
                framesBefore: before > 0 ? before - 1 : nil,
                framesAfter: try fields.takeVarint("frames looked ahead", in: FormatLimits.sampleCount),
                alignment: try fields.takeVarint("alignment", in: 1...FormatLimits.framesPerChunk))
        }
        var header = TokenHeader(
            codecName: name, modelType: type, weights: weights,
            layout: CodeLayout(codebooks: codebooks, hopLength: hopLength, sampleRate: sampleRate), channels: channels, trackCount: tracks,
            original: OriginalAudio(
                sampleRate: originalRate == 0 ? sampleRate : originalRate, channels: originalChannels, subtype: subtype, sampleCount: samples),
            entropy: entropy, entropyModel: model)
        header.paging = paging
        try header.validate(offset: offset)
        if let preset = header.preset {
            paging.layout = PageLayout(preset, layout: header.layout, trackCount: tracks, entropy: entropy)
            header.paging = paging
        }
        guard entropy == .none || AdaptiveModel.tableSizes.contains(tableBits) else {
            throw .invalidField(
                part: "header", field: "table size", found: "\(tableBits)",
                expected: "\(AdaptiveModel.tableSizes.lowerBound) to \(AdaptiveModel.tableSizes.upperBound)", offset: offset)
        }
        return Content(header: header, paging: paging, tableBits: tableBits, hasTags: present.contains(.tags))
    }

    /// A sound payload that says whether tags follow, and all else as `payload` does, also what a later edition put there.
    static func announcing(tags: Bool, _ payload: [UInt8]) -> [UInt8] {
        var changed = payload
        // The fields' flags stand behind one byte; this one is among the lowest seven bits, so that the number keeps its length.
        let flag = UInt8(Fields.tags.rawValue)
        if tags { changed[1] |= flag } else { changed[1] &= ~flag }
        return changed
    }

    /// The part of a name before its first hyphen: where it is the model type as well, that is not spelt out.
    private static func family(of name: String) -> String { String(name.prefix { $0 != "-" }) }

    /// Runs of codebooks that are alike, behind the number of all.
    private static func putCodebooks(_ codebooks: [CodeLayout.Codebook], into fields: inout FieldWriter) {
        fields.put(varint: codebooks.count)
        var rest = codebooks[...]
        while let first = rest.first {
            let run = rest.prefix { $0 == first }.count
            fields.put(varint: run)
            fields.put(varint: first.size)
            fields.put(varint: first.stride)
            rest = rest.dropFirst(run)
        }
    }

    private static func takeCodebooks(_ fields: inout FieldReader) throws(TokenStreamError) -> [CodeLayout.Codebook] {
        let count = try fields.takeVarint("codebook count", in: FormatLimits.codebookCount)
        var codebooks: [CodeLayout.Codebook] = []
        while codebooks.count < count {
            let run = try fields.takeVarint("codebooks alike", in: 1...(count - codebooks.count))
            let size = try fields.takeVarint("size of codebook \(codebooks.count)", in: FormatLimits.codebookSize)
            let stride = try fields.takeVarint("stride of codebook \(codebooks.count)", in: FormatLimits.stride)
            let codebook = CodeLayout.Codebook(size: size, stride: stride)
            guard codebook != codebooks.last else {
                throw fields.invalid("codebook \(codebooks.count)", found: "as the one before", expected: "one run of all that are alike")
            }
            codebooks += Array(repeating: codebook, count: run)
        }
        return codebooks
    }

    private static func typeNumber(_ type: String, codecName: String) -> UInt8? {
        // Where the type is the codec name's beginning, up to its first hyphen, that says it.
        if type == family(of: codecName) { return 0 }
        return modelTypes.firstIndex(of: type).map { UInt8($0 + 1) }
    }

    private static func takeModelType(_ fields: inout FieldReader, codecName: String) throws(TokenStreamError) -> String {
        let field = "model type"
        let number = try fields.take(UInt8.self)
        if number == 0 { return family(of: codecName) }
        let listed = Int(number) - 1
        if modelTypes.indices.contains(listed) {
            let type = modelTypes[listed]
            guard type != family(of: codecName) else { throw fields.invalid(field, found: number, expected: "0, since the codec's name says it") }
            return type
        }
        guard number == spelt else { throw fields.invalid(field, found: number, expected: "0 to \(modelTypes.count) or \(spelt)") }
        let type = try fields.takeText(field, length: try fields.takeVarint("length of the \(field)", in: 0...255))
        if let number = typeNumber(type, codecName: codecName) { throw fields.invalid(field, found: type, expected: "its number, \(number)") }
        return type
    }

    private static func subtypeNumber(_ subtype: String) -> UInt8? { subtypes.firstIndex(of: subtype).map { UInt8($0) } }

    private static func takeSubtype(_ fields: inout FieldReader) throws(TokenStreamError) -> String {
        let field = "original subtype"
        let number = try fields.take(UInt8.self)
        guard number == spelt else {
            // One of a later edition says nothing here.
            return Int(number) < subtypes.count ? subtypes[Int(number)] : ""
        }
        let subtype = try fields.takeText(field, length: try fields.takeVarint("length of the subtype", in: 0...255))
        if let number = subtypeNumber(subtype) { throw fields.invalid(field, found: subtype, expected: "its number, \(number)") }
        return subtype
    }

    /// A text by its number, or spelt out where it has none.
    private static func put(_ text: String, number: UInt8?, into fields: inout FieldWriter) {
        fields.put(number ?? spelt)
        if number == nil { fields.put(text: text) }
    }
}
