import Codetta

/// What a token file costs, and how much of its codebooks it uses.
struct TokenCost: Encodable {
    var bytes: Int
    /// bit/s.
    var nominalBitrate: Double
    var packedBitrate: Double
    var actualBitrate: Double?
    var challengeBitrate: Double?
    /// Over all tracks; frames that were lost do not count.
    var codebooks: [CodebookUse]

    init(_ path: PathName) throws {
        self = try FileFailure.naming(path.description) {
            let input = try InputFile(path)
            let (format, source) = try TokenFileReader.identify(try input.byteSource())
            if format != .codetta { return try TokenCost(TokenFileReader(source: source), bytes: input.status.size) }
            let reader = try ContainerReader(source: source, mode: .lenient, entropyModel: EntropyModels.standard.model(for:))
            var counts = CodeCounts.counters(reader.header.layout)
            while let chunk = try reader.next() {
                if !chunk.isConcealed { for track in chunk.tracks { counts.push(track) } }
            }
            guard let totals = reader.totals else { throw TokenStreamError.truncated(part: "the end mark", offset: 0) }
            if try reader.nextLink() { throw TokenStreamError.chained }
            return TokenCost(
                header: reader.header, bytes: totals.byteCount, samples: totals.samples, frames: totals.frames, codebooks: counts.map(\.use))
        }
    }

    /// A file of another format than the container.
    private init(_ reader: TokenFileReader, bytes: Int) throws {
        guard let header = reader.header else { throw PipelineError.unnamedCodec }
        var counts = CodeCounts.counters(header.layout)
        var frames = 0
        while let codes = try reader.next() {
            for track in codes { counts.push(track) }
            frames += header.layout.frames(of: codes)
        }
        self.init(header: header, bytes: bytes, samples: reader.samples ?? 0, frames: frames, codebooks: counts.map(\.use))
    }

    private init(header: TokenHeader, bytes: Int, samples: Int, frames: Int, codebooks: [CodebookUse]) {
        let bitrate = Bitrate(
            layout: header.layout, fileBytes: bytes, sampleCount: samples, sampleRate: header.original.sampleRate, frames: frames,
            tracks: header.trackCount)
        self.bytes = bytes
        nominalBitrate = bitrate.nominal
        packedBitrate = bitrate.packed
        actualBitrate = bitrate.actual.number
        challengeBitrate = bitrate.challenge.number
        self.codebooks = codebooks
    }

    var rows: [(String, String)] {
        let use = codebooks.map { "\($0.used)/\($0.size)" }.joined(separator: " ")
        return [
            ("Tokens", Format.bytes(bytes)),
            ("  Bitrate, nominal", Format.bitrate(nominalBitrate)),
            ("  Bitrate, whole bits", Format.bitrate(packedBitrate)),
            ("  Bitrate, file", Format.bitrate(actualBitrate)),
            ("  Bitrate, all codes", "\(Format.bitrate(challengeBitrate))  (Interspeech 2024 challenge)"),
            ("  Codewords used", use),
        ]
    }
}
