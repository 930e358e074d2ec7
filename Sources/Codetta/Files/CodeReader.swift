import Audio
import TokenFiles
import Tokens

/// Reads what a language model takes for a recording: its codes, without those that stand for padding, of audio or of a token file.
public struct CodeReader: Sendable {
    /// The codec that codes audio, and that made the codes of token files.
    public var model: Model
    /// Codebooks to read, from the first on.
    public var codebooks: Int
    /// Take even what other weights of the same codec made.
    public var ignoresWeights: Bool
    /// Whether all channels are mixed to one first.
    public var downmix: Bool

    /// - Parameters:
    ///   - model: the model.
    ///   - codebooks: to read, from the first on.
    ///   - ignoresWeights: whether codes of other weights are decoded all the same.
    ///   - downmix: whether all channels are mixed to one first.
    public init(model: Model, codebooks: Int, ignoresWeights: Bool = false, downmix: Bool = false) {
        self.model = model
        self.codebooks = codebooks
        self.ignoresWeights = ignoresWeights
        self.downmix = downmix
    }

    /// Codes of the audio that do not depend on what comes after it, one entry per track, in whole superframes.
    ///
    /// The frame that the end cuts is left out: filled with silence it would tell a model that the recording ends there.
    /// - Throws: `AudioError`, `PipelineError.channels` or `.codebooks`, `CodecError`.
    public func codes(of reader: AudioReader) throws -> [Codes] {
        let original = OriginalAudio(sampleRate: reader.sampleRate, channels: reader.channelCount)
        var encoder = try AudioEncoder(
            model: model, original: original, choice: .count(codebooks), downmix: downmix)
        var tracks = [Codes](noneOf: encoder.header)
        while true {
            let block = try reader.read(upTo: StepSize.samples)
            if block.isEmpty { break }
            tracks.append(tracks: try encoder.push(block))
        }
        return tracks.map { $0.wholeSuperframes(encoder.header.layout) }
    }

    /// The file's codes, one entry per track, up to the last whole superframe of its samples.
    /// - Throws: `TokenStreamError`; `PipelineError.codecMismatch` or `.weightsMismatch` for another codec's codes, and
    ///   `.languageModel` for fewer codebooks than asked for.
    public func codes(of reader: TokenFileReader) throws -> [Codes] {
        try reader.adopt(model)
        guard let header = reader.header else { throw PipelineError.unnamedCodec }
        _ = try AudioDecoder(model: model, header: header, ignoringWeights: ignoresWeights)
        guard header.layout.codebooks.count >= codebooks else {
            throw PipelineError.languageModel("has \(header.layout.codebooks.count) codebooks, the language model needs \(codebooks)")
        }
        var tracks = Array(repeating: Codes(codebooks: codebooks), count: header.trackCount)
        while let chunk = try reader.next() {
            try model.description.checkSegments(chunk)
            for (track, codes) in chunk.enumerated() { tracks[track].append(codes.prefix(codebooks)) }
        }
        let layout = header.layout.prefix(codebooks)
        let seconds = Double(reader.samples ?? 0) / Double(header.original.sampleRate)
        try reader.requireNoOther()
        // A hair of tolerance for the division; compared as numbers of any size before one becomes an Int.
        let spanned = (seconds * layout.frameRate + 1e-6).rounded(.down)
        return tracks.map { codes in
            let whole = layout.frames(of: codes)
            return codes.wholeSuperframes(layout, most: spanned < Double(whole) ? Int(spanned) : whole)
        }
    }
}

extension Codes {
    /// The leading superframes that every stream has in full, no more than `most` frames.
    func wholeSuperframes(_ layout: CodeLayout, most: Int = .max) -> Codes {
        let frames = Swift.min(most, layout.frames(of: self))
        return slice(frames: 0..<(frames - frames % layout.superframe), layout: layout)
    }
}
