import TokenFiles

/// What the conversion of one token file amounted to.
public struct ConversionReport: Sendable {
    /// What the file says about the codes: codec, layout, original.
    public var header: TokenHeader
    /// Format of the file that was read.
    public var from: TokenFormat
    /// Format of the file that was written.
    public var to: TokenFormat
    /// Base frames per track.
    public var frames: Int
    /// Samples per channel, at `header.original.sampleRate`.
    public var samples: Int
    /// Bytes of the new file.
    public var byteCount: Int
    /// What a user should know though the work was done, one line each.
    public var warnings: [String]

    /// Seconds of audio.
    public var duration: Double { Double(samples) / Double(header.original.sampleRate) }

    /// Adds the next recording of the same file.
    fileprivate mutating func add(_ next: ConversionReport) {
        // Lengths that a file merely claims must not overflow.
        frames.add(next.frames)
        samples.add(next.samples)
        byteCount.add(next.byteCount)
    }
}

/// Turns token files of one format into another. The codes stay as they are; what the new format has no place for is lost.
///
/// Takes constant memory from `.codetta` and `.ecdc` to `.codetta`; the other formats are read or written whole.
public struct TokenConversion: Sendable {
    /// The file's format.
    public var format: TokenFormat
    /// How a container codes the codes; nil as in the file. The other formats ignore it.
    public var entropy: EntropyMode?
    /// For entropy mode `lm`; nil looks for the one that a file names.
    public var entropyModel: EntropyModel?
    /// How a container cuts the codes into pages; nil as in the file, where that shows.
    public var preset: PageLayout.Preset?
    /// The part of the audio to keep; nil for all of it.
    public var span: TimeSpan?
    /// The model that made the codes, where files do not name it or its weights.
    public var model: Model?

    /// - Parameters:
    ///   - format: format of the file that is written.
    ///   - entropy: how codes are coded; nil as in the file.
    ///   - entropyModel: the codec's, which entropy mode `lm` needs.
    ///   - model: nil believes the files, which must then name their codec.
    public init(
        to format: TokenFormat, entropy: EntropyMode? = EntropyMode.none, entropyModel: EntropyModel? = nil, model: Model? = nil
    ) {
        self.format = format
        self.entropy = entropy
        self.entropyModel = entropyModel
        self.model = model
    }

    /// Converts all of `reader` to `sink`.
    /// - Parameters:
    ///   - reader: the input, from its current position.
    ///   - sink: where the bytes go.
    ///   - progress: called after each chunk with the base frames done so far.
    /// - Throws: `TokenStreamError`; `PipelineError.unnamedCodec` for codes without a codec, `.codecMismatch` or
    ///   `.weightsMismatch` for those of another than the model, and `CodecError.segments`; what the sink throws. The output is then incomplete.
    public func convert(
        _ reader: TokenFileReader, to sink: any ByteSink, progress: (Int) -> Void = { _ in }
    ) throws -> ConversionReport {
        if let model { try reader.adopt(model) }
        if let span { try reader.select(span) }
        var report: ConversionReport?
        repeat {
            if report != nil && format != .codetta { throw TokenStreamError.chained }
            let done = report?.frames ?? 0
            let next = try convertRecording(reader, to: sink) { progress(done + $0) }
            if report == nil { report = next } else { report?.add(next) }
        } while try reader.nextRecording()
        guard var report else { throw PipelineError.unnamedCodec }
        report.warnings = warnings(reader, report.header)
        return report
    }

    /// Converts the recording at which `reader` stands. The report has no warnings.
    func convertRecording(_ reader: TokenFileReader, to sink: any ByteSink, progress: (Int) -> Void = { _ in }) throws -> ConversionReport {
        let header = try newHeader(reader)
        let writer = try TokenFileWriter(format, header: header, sink: sink, entropyModel: try entropyModel(for: header))
        var frames = 0
        while let codes = try reader.next() {
            try model?.description.checkSegments(codes)
            try writer.write(codes)
            frames += header.layout.frames(of: codes)
            progress(frames)
        }
        let samples = reader.samples ?? 0
        try writer.finish(samples: samples)
        return ConversionReport(
            header: header, from: reader.format, to: format, frames: frames, samples: samples, byteCount: writer.byteCount, warnings: [])
    }

    private func entropyModel(for header: TokenHeader) throws -> EntropyModel? {
        guard header.entropy == .lm else { return nil }
        return try entropyModel ?? EntropyModels.standard.model(for: header)
    }

    private func newHeader(_ reader: TokenFileReader) throws -> TokenHeader {
        guard var header = reader.header else { throw PipelineError.unnamedCodec }
        if let model {
            _ = try AudioDecoder(model: model, header: header)
            header.codecName = model.name
            header.weights = try model.weights
        }
        let preset = preset ?? header.preset ?? .archive
        if let entropy = format == .codetta ? entropy : EntropyMode.none {
            header.entropy = entropy
            header.entropyModel = entropy == .lm ? entropyModel?.name : nil
        }
        header.page(by: preset)
        return header
    }

    private func warnings(_ reader: TokenFileReader, _ header: TokenHeader) -> [String] {
        var warnings = reader.warnings
        if reader.skippedSections > 0 {
            warnings.append("\(reader.skippedSections) optional section(s), of types that this version does not know, are not copied")
        }
        if format == .ecdc && header.original.sampleRate != header.layout.sampleRate {
            warnings.append("the original's \(header.original.sampleRate) Hz are lost: .ecdc files decode to \(header.layout.sampleRate) Hz")
        }
        return warnings
    }
}

extension TokenFileReader {
    /// Of a file read to its end: what a lenient reading went past, and what the file says of the original that neither
    /// decoding nor another format keeps.
    var warnings: [String] {
        var warnings: [String] = []
        if let damage, let first = damage.entries.first {
            let others = damage.count > 1 ? " and \(damage.count - 1) more flaw(s)" : ""
            warnings.append("damaged: \(first)\(others); \(concealedFrames) frame(s) concealed")
        }
        if let loudness {
            warnings.append("the original's loudness of \(loudness) LUFS is lost; the codes stand for about \(DACTokens.codedLoudness) LUFS")
        }
        if isSalvaged { warnings.append("the end is lost: these \(samples ?? 0) samples are what was found") }
        return warnings
    }
}
