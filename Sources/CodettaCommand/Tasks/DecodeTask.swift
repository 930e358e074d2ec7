import Codetta

/// `codetta decode`: one token file after another.
struct DecodeTask: FileTask {
    let models: ModelStore
    /// Nil takes the model that each file names.
    let model: String?
    let entropyModels: EntropyModels
    /// Nil takes what the output's name says.
    let container: ContainerFormat?
    let sampleFormat: SampleFormat?
    let isLenient: Bool
    /// Whether codes of other weights and language models of other codecs are taken.
    let ignoresWeights: Bool
    let loss: PacketLoss?
    /// Fills in codebooks that files do not have.
    let languageModel: LoadedLanguageModel?
    let outputs: OutputPolicy

    func check(_ job: Job) throws {
        if container == nil { _ = try job.namedContainer() }
    }

    func open(_ input: InputFile, for job: Job) throws -> FileWork<DecodingReport> {
        let reader = try openTokens(input)
        let loaded = try loadModel(reader.header)
        var decoder = FileDecoder(
            model: loaded, ignoresWeights: ignoresWeights,
            container: try container ?? job.namedContainer(), sampleFormat: sampleFormat)
        decoder.loss = loss
        if let languageModel {
            try languageModel.check(loaded.codec.description, ignoringName: ignoresWeights)
            decoder.finePrediction = FinePrediction(model: languageModel.model)
        }
        let original = reader.header?.original
        return FileWork(
            total: original?.sampleCount, sampleRate: original?.sampleRate ?? loaded.codec.description.sampleRate
        ) { [decoder] output, progress in
            let report = try decoder.decode(reader, to: output, progress: progress)
            if languageModel != nil && report.predictedCodebooks == 0 {
                Log.warning("already has all codebooks that the language model knows; none was predicted", file: input.name)
            }
            return report
        }
    }

    func isDone(_ job: Job) throws -> Bool {
        guard FileSystem.status(job.output)?.type == .regular else { return false }
        let reader = try openTokens(try InputFile(job.input))
        while reader.header != nil, try reader.next() != nil {}
        guard let header = reader.header, let samples = reader.samples else { return false }
        return Resume.isSoundAudio(job.output, header, samples: samples)
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
    /// The container that the output's name asks for; nil leaves the default.
    /// - Throws: `AudioError.unknownContainer`.
    func namedContainer() throws -> ContainerFormat? {
        let name = output.fileExtension
        guard !output.isStandardStream, FileSystem.status(output)?.type != .other, !name.isEmpty else { return nil }
        guard let container = ContainerFormat(fileExtension: name) else {
            throw FileFailure(file: output.description, cause: AudioError.unknownContainer(name))
        }
        return container
    }
}
