import Codetta
import Plots

/// A picture of an audio or token file, made in memory that does not grow with the file.
public struct FilePicture: Sendable {
    /// What is drawn of a file.
    public enum Kind: String, Sendable, CaseIterable {
        /// Of audio its spectrogram or waveform; of a token file its codes over time, or how often each is used.
        case spectrogram, waveform, tokens, histogram

        /// Whether the file holds codes rather than audio.
        public var needsTokens: Bool { self == .tokens || self == .histogram }
        /// Pixels of the picture, unless others are asked for.
        var defaultSize: (width: Int, height: Int) {
            switch self {
            case .spectrogram: return (1200, 480)
            case .waveform: return (1200, 360)
            case .tokens: return (1200, 400)
            case .histogram: return (1200, 800)
            }
        }
    }

    /// What is drawn.
    public var kind: Kind
    /// The file format of the picture.
    public var format: PictureFormat
    /// The stretch that is drawn.
    public var span: TimeSpan
    /// Pixels; nil: as suits the kind.
    public var width: Int?
    /// Pixels; nil: as suits the kind.
    public var height: Int?
    /// Of a spectrogram: linear or mel.
    public var frequencyScale: Axis.Scale

    /// A picture of this kind; sizes in pixels.
    public init(
        kind: Kind, format: PictureFormat = .png, span: TimeSpan = TimeSpan(), width: Int? = nil, height: Int? = nil,
        frequencyScale: Axis.Scale = .linear
    ) {
        (self.kind, self.format, self.span) = (kind, format, span)
        (self.width, self.height, self.frequencyScale) = (width, height, frequencyScale)
    }

    /// The picture of `input` as a file's bytes.
    /// - Throws: `PlotError`, and what reading audio or tokens throws.
    public func render(_ input: InputFile) throws -> [UInt8] {
        let width = width ?? kind.defaultSize.width
        let height = height ?? kind.defaultSize.height
        try PictureLimits.check(width: width, height: height)
        let title = input.path.isStandardStream ? "" : input.path.lastComponent.description
        if kind.needsTokens { return try renderTokens(input, title, width, height) }
        let reader = try input.audioReader()
        let heading = [title, Self.describe(reader)].filter { !$0.isEmpty }.joined(separator: " · ")
        if kind == .spectrogram {
            return try SpectrogramPicture(width: width, height: height, scale: frequencyScale).render(
                try reader.spectrogram(span, columns: width), title: heading, start: span.start, format: format)
        }
        var waveform = WaveformReducer(
            sampleRate: reader.sampleRate, channelCount: reader.channelCount, maximumStretches: 2 * width)
        try reader.forEachBlock(in: span) { try waveform.push($0) }
        try waveform.finish()
        return try WaveformPicture(width: width, height: height).render(
            waveform, title: heading, start: span.start, format: format)
    }

    private func renderTokens(_ input: InputFile, _ title: String, _ width: Int, _ height: Int) throws -> [UInt8] {
        let reader = try TokenFileReader(source: try input.byteSource())
        guard let header = reader.header else {
            throw PlotError.nothing(what: "the file does not name the codec of its codes; convert --model makes one that does")
        }
        let heading = [title, Self.describe(header)].filter { !$0.isEmpty }.joined(separator: " · ")
        if kind == .tokens {
            var map = try TokenMapReducer(layout: header.layout, trackCount: header.trackCount)
            try reader.forEachChunk(in: span) { map.push($0) }
            return try TokenMapPicture(width: width, height: height).render(
                map, title: heading, start: span.start, format: format)
        }
        var counts = CodeCounts.counters(header.layout, budget: HistogramPicture.countBudget)
        try reader.forEachChunk(in: span) { for track in $0 { counts.push(track) } }
        return try HistogramPicture(width: width, height: height).render(counts, title: heading, format: format)
    }

    private static func describe(_ reader: AudioReader) -> String {
        "\(reader.sampleRate) Hz, \(reader.channelCount) channel\(reader.channelCount == 1 ? "" : "s")"
    }

    private static func describe(_ header: TokenHeader) -> String {
        let rate = (header.nominalBitrate / 10).rounded() / 100
        return "\(header.codecName), \(rate == rate.rounded() ? "\(Int(rate))" : "\(rate)") kb/s"
    }
}

extension FilePicture.Kind {
    /// What suits the file: tokens for a token file, else a spectrogram. A pipe, whose beginning cannot be looked at without
    /// taking it away, is taken for audio.
    /// - Throws: what opening the file throws.
    public static func suiting(_ path: PathName) throws -> FilePicture.Kind {
        if TokenFormat(fileExtension: path.fileExtension) != nil { return .tokens }
        guard !path.isStandardStream, FileSystem.status(path)?.type == .regular else { return .spectrogram }
        let (format, source) = try TokenFileReader.identify(try InputFile(path).byteSource())
        if format != .codetta { return .tokens }
        do {
            _ = try TokenFileReader(source: source)
            return .tokens
        } catch TokenStreamError.notCodetta {
            return .spectrogram
        } catch is TokenStreamError {
            return .tokens
        }
    }
}
