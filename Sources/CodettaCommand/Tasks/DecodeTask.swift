import Codetta

/// `codetta decode`: one token file after another.
struct DecodeTask: FileTask {
    let models: ModelStore
    /// Nil takes the model that each file names.
    let model: String?
    let entropyModels: EntropyModels
    /// Nil takes what the output's name says.
    let form: OutputForm?
    let sampleFormat: SampleFormat?
    let isLenient: Bool
    /// Whether codes of other weights and language models of other codecs are taken.
    let ignoresWeights: Bool
    let loss: PacketLoss?
    let span: TimeSpan?
    /// Nil decodes all that a file has.
    let codebooks: Int?
    /// Fills in codebooks that files do not have.
    let languageModel: LoadedLanguageModel?
    let outputs: OutputPolicy

    func check(_ job: Job) throws {
        _ = try job.outputForm(asked: form, sampleFormat: sampleFormat)
    }

    func open(_ input: InputFile, for job: Job) throws -> FileWork<DecodingReport> {
        let reader = try openTokens(input)
        let loaded = try loadModel(reader.header)
        let form = try job.outputForm(asked: form, sampleFormat: sampleFormat)
        var decoder = FileDecoder(
            model: loaded, ignoresWeights: ignoresWeights, container: form.container, sampleFormat: form.sampleFormat)
        decoder.loss = loss
        (decoder.span, decoder.codebooks) = (span, codebooks)
        if let languageModel {
            try languageModel.check(loaded.codec.description, ignoringName: ignoresWeights)
            decoder.finePrediction = FinePrediction(model: languageModel.model)
        }
        let original = reader.header?.original
        return FileWork(
            total: span == nil ? original?.sampleCount : nil, sampleRate: original?.sampleRate ?? loaded.codec.description.sampleRate
        ) { [decoder] output, progress in
            let report = try decoder.decode(reader, to: output, progress: progress)
            if languageModel != nil && report.predictedCodebooks == 0 {
                Log.warning("already has all codebooks that the language model knows; none was predicted", file: input.name)
            }
            return report
        }
    }

    func settings() throws -> [String: String]? {
        var settings: [String: String] = [:]
        if let model {
            let loaded = try models.load(model)
            settings["model"] = loaded.name
            settings["weights"] = try loaded.weights.description
        }
        settings["container"] = form?.container.rawValue
        settings["samples"] = (sampleFormat ?? form?.sampleFormat)?.rawValue
        if isLenient { settings["lenient"] = "true" }
        if ignoresWeights { settings["ignoresWeights"] = "true" }
        settings["loss"] = loss.map { "\($0) \($0.seed)" }
        settings["span"] = span.map { "\($0.start) \($0.end.map { "\($0)" } ?? "")" }
        settings["codebooks"] = codebooks.map { "\($0)" }
        settings["languageModel"] = languageModel?.folder.path
        return settings
    }

    /// The audio tells its form and its length; what it does not tell must be as in a plain run.
    func looksDone(_ job: Job, _ input: InputFile) throws -> Bool {
        guard !isLenient, loss == nil, languageModel == nil, span == nil, codebooks == nil else { return false }
        let reader = try openTokens(input)
        while reader.header != nil, try reader.next() != nil {}
        guard let header = reader.header, let samples = reader.samples, try !reader.nextRecording() else { return false }
        let form = try job.outputForm(asked: form, sampleFormat: sampleFormat)
        return Resume.isSoundAudio(job.output, header, form, samples: samples)
    }

    private func openTokens(_ input: InputFile) throws -> TokenFileReader {
        try TokenFileReader(
            source: try input.byteSource(), mode: isLenient ? .lenient : .strict, entropyModels: entropyModels)
    }

    private func loadModel(_ header: TokenHeader?) throws -> Model {
        if let model { return try models.load(model) }
        guard let header else { return try models.load(ModelStore.defaultName) }
        return try models.load(namedBy: header)
    }
}

extension FileResult<Timed<DecodingReport>> {
    var decodingText: String? {
        guard let report = details?.report, let output else { return nil }
        return "\(input) → \(output): \(Format.duration(report.duration)), \(report.header.original.sampleRate) Hz, "
            + "\(Format.count(report.channels, "channel")), \(report.sampleFormat.rawValue)"
    }
}

extension Job {
    /// The form of audio that the output's name and the options ask for.
    /// - Throws: `FileFailure` for a name that means no audio that can be written, or something else than the options.
    func outputForm(asked: OutputForm?, sampleFormat: SampleFormat?) throws -> OutputForm {
        try output.audioForm(asked: asked, sampleFormat: sampleFormat)
    }
}

extension PathName {
    /// How errors call it.
    var outputName: String { isStandardStream ? "stdout" : description }

    /// Whether its extension says what is to be written: not that of the standard output, a pipe or a device.
    var isNamedOutput: Bool { !isStandardStream && FileSystem.status(self)?.type != .other }

    /// As `Job.outputForm(asked:sampleFormat:)`, for this output.
    func audioForm(asked: OutputForm?, sampleFormat: SampleFormat?) throws -> OutputForm {
        try FileFailure.naming(outputName) {
            if isNamedOutput { try require(.audio) }
            return try OutputForm(
                fileExtension: isNamedOutput ? fileExtension : "", asked: asked, sampleFormat: sampleFormat, file: outputName)
        }
    }

    /// Refuses the name of a file that means another content.
    /// - Throws: `FileFailure`.
    func requireOutput(_ content: FileContent) throws {
        try FileFailure.naming(outputName) { if isNamedOutput { try require(content) } }
    }
}
