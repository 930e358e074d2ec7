import CCodetta
import Codetta
import Kernels
import Quantizers
import TokenFiles
import Tokens

/// How audio is encoded, as C asks for it.
struct EncodeSettings {
    let choice: CodebookChoice
    let downmix: Bool
    let entropy: EntropyMode
    let preset: PageLayout.Preset
    let search: CodeSearch?
    let cancel: CancelFlag

    /// - Throws: `ArgumentError` for options that make no sense.
    init(_ pointer: UnsafePointer<codetta_encode_options>?) throws {
        let options = try Argument.options(pointer, "options", codetta_encode_options())
        guard options.kilobits.isFinite, options.kilobits >= 0 else { throw ArgumentError("options", "kilobits is \(options.kilobits)") }
        guard options.codebooks >= 0 else { throw ArgumentError("options", "codebooks is \(options.codebooks)") }
        if options.kilobits > 0 && options.codebooks > 0 { throw ArgumentError("options", "kilobits cannot be combined with codebooks") }
        choice = options.kilobits > 0 ? .kilobits(options.kilobits) : options.codebooks > 0 ? .count(Int(options.codebooks)) : .all
        downmix = try Argument.isOn(options.downmix, "options: downmix")
        entropy = try options.entropy.mode("options") ?? .none
        preset = try options.preset.preset("options") ?? .archive
        search = try options.search.map {
            let text = try Argument.text($0, "options: search")
            guard let search = CodeSearch(argument: text) else { throw ArgumentError("options", "there is no search \"\(text)\"") }
            return search
        }
        cancel = CancelFlag(options.cancel)
    }

    /// `model` with the search that is asked for.
    func applied(to model: Model) throws -> Model { try search.map(model.searching) ?? model }

    /// An encoder for some audio.
    /// - Throws: as `AudioEncoder`.
    func makeEncoder(_ model: Model, _ original: OriginalAudio) throws -> AudioEncoder {
        try AudioEncoder(
            model: try applied(to: model), original: original, choice: choice, downmix: downmix, entropy: entropy, preset: preset)
    }

    /// The codes of a whole array.
    /// - Throws: as `AudioEncoder`; `SampleError`; `Cancelled`.
    func encode(_ array: AudioArray, sampleRate: Int, _ model: Model) throws -> CodesObject {
        var encoder = try makeEncoder(
            model, OriginalAudio(sampleRate: sampleRate, channels: array.channels, sampleCount: array.samples))
        var tracks = [Codes](noneOf: encoder.header)
        try array.forEachBlock {
            try cancel.check()
            try tracks.append(withinBudget: try encoder.push($0))
        }
        try cancel.check()
        tracks.append(tracks: try encoder.finish())
        return CodesObject(EncodedAudio(header: encoder.header, tracks: tracks, samples: array.samples))
    }
}

/// How codes are decoded, as C asks for it.
struct DecodeSettings {
    let codebooks: Int?
    let ignoresWeights: Bool
    let isLive: Bool
    let cancel: CancelFlag

    /// - Throws: `ArgumentError` for options that make no sense.
    init(_ pointer: UnsafePointer<codetta_decode_options>?) throws {
        let options = try Argument.options(pointer, "options", codetta_decode_options())
        guard options.codebooks >= 0 else { throw ArgumentError("options", "codebooks is \(options.codebooks)") }
        codebooks = options.codebooks == 0 ? nil : Int(options.codebooks)
        ignoresWeights = try Argument.isOn(options.ignore_weights, "options: ignore_weights")
        isLive = try Argument.isOn(options.live, "options: live")
        cancel = CancelFlag(options.cancel)
    }

    /// The header of those codebooks that are decoded.
    /// - Throws: `PipelineError.fewerCodebooks`.
    func header(_ header: TokenHeader) throws -> TokenHeader {
        guard let codebooks else { return header }
        var header = header
        guard codebooks <= header.layout.codebooks.count else {
            throw PipelineError.fewerCodebooks(requested: codebooks, found: header.layout.codebooks.count)
        }
        header.layout = header.layout.prefix(codebooks)
        return header
    }

    /// The codes of those codebooks that are decoded.
    func tracks(_ tracks: [Codes]) -> [Codes] { codebooks.map { count in tracks.map { $0.prefix(count) } } ?? tracks }

    /// A decoder for codes like these.
    /// - Throws: as `AudioDecoder`.
    func makeDecoder(_ model: Model, _ header: TokenHeader) throws -> AudioDecoder {
        try AudioDecoder(model: model, header: try self.header(header), ignoringWeights: ignoresWeights)
    }

    /// A decoder for a stream of codes like these, whose length is not known.
    /// - Throws: as `AudioDecoder`.
    func makeStreamDecoder(_ model: Model, _ header: TokenHeader) throws -> AudioDecoder {
        var header = header
        // Of a signal that goes on, nothing is held back.
        header.original.sampleCount = isLive ? 1 << 48 : nil
        return try makeDecoder(model, header)
    }

    /// Decodes all codes into an array of their size.
    /// - Throws: `ArgumentError` for an array of another size; as `AudioDecoder`; `Cancelled`.
    func decode(_ audio: EncodedAudio, into array: AudioArray, _ model: Model) throws {
        guard array.samples == audio.samples, array.channels == audio.header.decodedChannels else {
            throw ArgumentError(
                "audio",
                "has room for \(array.samples) samples on \(array.channels) channel(s), the codes stand for \(audio.samples) on \(audio.header.decodedChannels)"
            )
        }
        var decoder = try makeDecoder(model, audio.header)
        let layout = decoder.header.layout
        try model.description.checkSegments(audio.tracks)
        var done = 0
        for piece in tracks(audio.tracks).pieces(frames: StepSize.frames(layout), layout: layout) {
            try cancel.check()
            let block = try decoder.push(piece)
            array.store(block, at: done)
            done += block.sampleCount
        }
        try cancel.check()
        array.store(try decoder.finish(total: audio.samples), at: done)
    }
}
