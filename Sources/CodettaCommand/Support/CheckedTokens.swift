import Codetta

/// A token file of any format in figures, for `info` and `verify`.
enum CheckedTokens: Encodable, Sendable {
    case container(TokenFileReport)
    case other(ForeignTokens)

    /// Reads the whole of a file: a container leniently, so that each of its flaws is listed; the other formats up to the first flaw.
    /// - Throws: as `TokenFileReport` and `TokenFileReader`.
    init(reading input: InputFile) throws {
        let (format, source) = try TokenFileReader.identify(try input.byteSource())
        if format == .codetta {
            self = .container(try TokenFileReport(reading: source, entropyModel: EntropyModels.standard.model(for:)))
        } else {
            self = .other(try ForeignTokens(source, bytes: input.status.type == .regular ? input.status.size : nil))
        }
    }

    /// - Throws: `UnsoundFile` with all flaws.
    func requireSound() throws {
        if case .container(let report) = self, !report.isSound { throw UnsoundFile(report: report) }
    }

    func encode(to encoder: any Encoder) throws {
        switch self {
        case .container(let report): try report.encode(to: encoder)
        case .other(let tokens): try tokens.encode(to: encoder)
        }
    }
}

/// A sound token file of another format than the container.
struct ForeignTokens: Encodable, Sendable {
    var format: String
    /// Nil for a file that does not name its codec.
    var header: TokenHeader?
    var tracks: Int
    var codebooks: Int
    /// Base frames; of a file that does not name its codec, codes of the first codebook.
    var frames: Int
    /// Of the original audio; nil where only the codec tells.
    var samples: Int?
    /// Seconds.
    var duration: Double?
    /// bit/s.
    var nominalBitrate: Double?
    var actualBitrate: Double?
    /// Nil for a pipe.
    var bytes: Int?

    /// Reads all of `source`.
    /// - Throws: as `TokenFileReader`.
    init(_ source: any ByteSource, bytes: Int?) throws {
        let reader = try TokenFileReader(source: source)
        format = reader.format.rawValue
        self.bytes = bytes
        guard let header = reader.header else {
            let codes = reader.unnamedCodes ?? []
            (tracks, codebooks) = (codes.count, codes.first?.codebookCount ?? 0)
            frames = codes.first?.streams.first?.count ?? 0
            return
        }
        self.header = header
        (tracks, codebooks, frames) = (header.trackCount, header.layout.codebooks.count, 0)
        while let codes = try reader.next() { frames += header.layout.frames(of: codes) }
        samples = reader.samples
        duration = samples.map { Double($0) / Double(header.original.sampleRate) }
        nominalBitrate = header.nominalBitrate
        if let bytes, let duration, duration > 0 { actualBitrate = Double(bytes) * 8 / duration }
    }

    var rows: [(String, String)] {
        var rows = [("Format", format)]
        if let header {
            rows += [
                ("Model", "\(header.codecName) (\(header.modelType))"),
                ("Original", "\(header.original.sampleRate) Hz, \(Format.count(header.original.channels, "channel"))"),
                ("Duration", "\(Format.duration(duration ?? 0)), \(Format.count(samples ?? 0, "sample"))"),
            ]
        } else {
            rows.append(("Model", "not named; decoding takes --model"))
        }
        rows.append(("Codebooks", "\(codebooks)\(tracks > 1 ? ", \(tracks) tracks" : ""), \(Format.count(frames, "frame"))"))
        if let nominalBitrate {
            rows.append(("Bitrate", "\(Format.bitrate(nominalBitrate)) nominal, \(Format.bitrate(actualBitrate)) in this file"))
        }
        if let bytes { rows.append(("Size", Format.bytes(bytes))) }
        return rows
    }

    var verdict: String {
        let length = duration.map { Format.duration($0) + ", " } ?? ""
        return "sound, \(length)\(Format.count(frames, "frame")) of \(Format.count(codebooks, "codebook")), \(format)"
    }
}
