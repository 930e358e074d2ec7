import ArgumentParser
import Codetta

/// `codetta info`
struct InfoVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "info",
        abstract: "Describe a token file, an audio file or a model.",
        usage: "codetta info <file|model> [--json]",
        discussion: """
              codetta info talk.codetta               or .npz, .ecdc, .dac …
              codetta info talk.wav
              codetta info codetta-24k --json
            """)

    @Argument(help: ArgumentHelp("A file, the address of a token file on the web, '-' for a token file on the standard input, or a model's name or folder.", valueName: "file|model"), completion: .filesAndModels)
    var subject: String

    @OptionGroup(title: "Messages") var options: OutputOptions

    func run() throws {
        options.apply()
        let path = PathName(argument: subject)
        let type = path.isStandardStream || path.isWebAddress ? .other : FileSystem.status(path)?.type
        if type == .directory || (type == nil && (try? ModelLocator.standard().locate(subject)) != nil) {
            return try ModelSummary.show(subject, json: options.json, withCard: false)
        }
        try FileFailure.naming(path.isStandardStream ? "stdin" : path.description) {
            let input = try InputFile.opened(path)
            if type == .other || TokenFormat(fileExtension: path.fileExtension) != nil { return try showTokens(input) }
            try isTokenFile(path) ? showTokens(input) : showAudio(input)
        }
    }

    /// Whether the file starts as one of a token format does, whatever its name.
    private func isTokenFile(_ path: PathName) throws -> Bool {
        if try TokenFileReader.identify(try InputFile(path).byteSource()).format != .codetta { return true }
        do {
            _ = try ContainerReader(source: try InputFile(path).byteSource())
            return true
        } catch TokenStreamError.notCodetta {
            return false
        } catch is TokenStreamError {
            return true
        }
    }

    private func showTokens(_ input: InputFile) throws {
        let tokens = try CheckedTokens(reading: input)
        if options.json { Terminal.output(try JSON.document(tokens)) } else { Terminal.show(Format.table(tokens.rows)) }
        try tokens.requireSound()
    }

    private func showAudio(_ input: InputFile) throws {
        let reader = try input.audioReader()
        let summary = AudioSummary(reader, bytes: input.status.size)
        if options.json { Terminal.output(try JSON.document(summary)) } else { Terminal.show(Format.table(summary.rows)) }
    }
}

extension CheckedTokens {
    fileprivate var rows: [(String, String)] {
        switch self {
        case .container(let report): return report.rows
        case .other(let tokens): return tokens.rows
        }
    }
}

extension TokenFileReport {
    /// What `info` prints.
    fileprivate var rows: [(String, String)] {
        let layout = header.layout
        let sizes = Set(layout.codebooks).count == 1
            ? "\(layout.codebooks.count) × \(layout.codebooks[0].size)"
            : layout.codebooks.map { "\($0.size)/\($0.stride)" }.joined(separator: " ")
        let tracks = header.trackCount > 1 ? ", \(header.trackCount) tracks" : ""
        let original = header.original
        return [
            ("Format", "codetta \(formatVersion)" + (header.preset.map { ", \($0.rawValue)" } ?? "")
                + (recordings > 1 ? ", \(Format.count(recordings, "recording")) one behind the other" : "")), ("Model", "\(header.codecName) (\(header.modelType))"),
            ("Weights", header.weights.description),
            ("Original", "\(original.sampleRate) Hz, \(Format.count(original.channels, "channel"))"
                + (original.subtype.isEmpty ? "" : ", \(original.subtype)")),
            ("Duration", "\(Format.duration(duration)), \(Format.count(totals.samples, "sample"))"),
            ("Codebooks", "\(sizes)\(tracks), \(Format.decimal(layout.frameRate, 1)) frames per second"),
            ("Bitrate", "\(Format.bitrate(nominalBitrate)) nominal, \(Format.bitrate(actualBitrate)) with container"),
            ("Entropy", header.entropy.name + (header.entropyModel.map { " (model \($0))" } ?? "")),
            ("Size", "\(Format.bytes(totals.byteCount)), \(Format.count(totals.frames, "frame")) in \(Format.count(totals.chunkCount, header.paging == nil ? "chunk" : "page"))"),
        ] + (totals.digest.map { [("Digest", "\($0) of the codes")] } ?? []) + [
            ("State", isSound
                ? codesChecked ? "sound" : "bytes sound; codes unchecked without the entropy model"
                : Format.count(flawCount, "flaw")),
        ] + (header.tags ?? [:]).sorted { $0.key < $1.key }.map { ("Tag \($0.key)", $0.value) }
    }
}

/// What an audio file says of itself.
private struct AudioSummary: Encodable {
    var format: String
    var sampleRate: Int
    var channels: Int
    var subtype: String?
    /// Nil when only reading to the end would tell.
    var samples: Int?
    /// In seconds; nil as `samples` is.
    var duration: Double?
    /// A guess from a tag or from the first bitrate where the headers hold no length that can be relied on.
    var estimatedSamples: Int?
    var bytes: Int

    init(_ reader: AudioReader, bytes: Int) {
        format = reader.format.description
        sampleRate = reader.sampleRate
        channels = reader.channelCount
        subtype = reader.format.sampleFormat?.rawValue
        samples = reader.totalSamples
        duration = samples.map { Double($0) / Double(reader.sampleRate) }
        estimatedSamples = reader.estimatedSamples
        self.bytes = bytes
    }

    private var durationText: String {
        if let samples, let duration { return "\(Format.duration(duration)), \(Format.count(samples, "sample"))" }
        let estimate = estimatedSamples.map { "about \(Format.duration(Double($0) / Double(sampleRate))), by an estimate" }
        return estimate ?? "unknown until it is read to its end"
    }

    var rows: [(String, String)] {
        [
            ("Format", format), ("Audio", "\(sampleRate) Hz, \(Format.count(channels, "channel"))"),
            ("Duration", durationText),
            ("Size", Format.bytes(bytes)),
        ]
    }
}
