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
            let reader = try ContainerReader(source: try InputFile(path).byteSource(), mode: .lenient,
                entropyModel: EntropyModels.standard.model(for:))
            var counts = CodeCounts.counters(reader.header.layout)
            while let chunk = try reader.next() {
                if !chunk.isConcealed { for track in chunk.tracks { counts.push(track) } }
            }
            guard let totals = reader.totals else { throw TokenStreamError.truncated(part: "the end mark", offset: 0) }
            return TokenCost(header: reader.header, totals: totals, codebooks: counts.map(\.use))
        }
    }

    private init(header: TokenHeader, totals: TokenTotals, codebooks: [CodebookUse]) {
        let bitrate = Bitrate(
            layout: header.layout, fileBytes: totals.byteCount, sampleCount: totals.samples,
            sampleRate: header.original.sampleRate, frames: totals.frames, tracks: header.trackCount)
        bytes = totals.byteCount
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
