import Codetta

/// `codetta encode`: one audio file after another.
struct EncodeTask: FileTask {
    let encoder: FileEncoder
    let audio: AudioInputOptions
    /// How codes were searched for, as the option says it.
    let search: String?
    let outputs: OutputPolicy

    func open(_ input: InputFile, for job: Job) throws -> FileWork<EncodingReport> {
        let reader = try audio.open(input)
        return FileWork(reader) { output, progress in
            try encoder.encode(reader, to: output, progress: progress)
        }
    }

    func settings() throws -> [String: String]? {
        let model = encoder.model
        var settings = audio.settings
        settings["model"] = model.name
        settings["weights"] = try model.weights.description
        settings["codebooks"] = "\(encoder.choice)"
        settings["format"] = encoder.format.rawValue
        settings["entropy"] = encoder.entropy.name
        settings["entropyModel"] = try model.entropyModel(for: encoder.entropy)?.name.description
        settings["search"] = search
        settings["preset"] = encoder.preset.rawValue
        for (key, value) in encoder.tags { settings["tag \(key)"] = value }
        return settings
    }

    /// The header tells the model, the codebooks and the form of the input; what it does not tell must be as in a plain run.
    func looksDone(_ job: Job, _ input: InputFile) throws -> Bool {
        guard search == nil, audio.settings.isEmpty, encoder.tags.isEmpty else { return false }
        guard encoder.format != .npy && encoder.format != .dac else { return try Resume.isSoundArray(job.output) }
        guard let (header, samples) = try Resume.soundTokens(job.output, entropyModels: EntropyModels(encoder.model)) else { return false }
        let reader = try audio.open(input)
        return try header.original.sampleRate == reader.sampleRate && header.original.channels == reader.channelCount
            && (reader.totalSamples ?? samples) == samples && Resume.isMade(header, by: encoder)
    }
}

extension FileResult<Timed<EncodingReport>> {
    var encodingText: String? {
        guard let report = details?.report, let output else { return nil }
        return "\(input) → \(output): \(Format.duration(report.duration)), \(Format.bitrate(report.header.nominalBitrate)) nominal, "
            + "\(Format.bitrate(report.actualBitrate)) actual, \(Format.bytes(report.byteCount))"
    }
}
