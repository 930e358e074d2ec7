import Codetta

/// `codetta encode`: one audio file after another.
struct EncodeTask: FileTask {
    let encoder: FileEncoder
    let audio: AudioInputOptions
    let outputs: OutputPolicy

    func open(_ input: InputFile, for job: Job) throws -> FileWork<EncodingReport> {
        let reader = try audio.open(input)
        return FileWork(reader) { output, progress in
            try encoder.encode(reader, to: output, progress: progress)
        }
    }

    /// - Throws: `PipelineError.otherSettings` for a sound file of another model or bitrate.
    func isDone(_ job: Job) throws -> Bool {
        guard FileSystem.status(job.output)?.type == .regular else { return false }
        guard encoder.format != .npy && encoder.format != .dac else { return try Resume.isSoundArray(job.output) }
        guard let header = try Resume.soundHeader(job.output, entropyModels: EntropyModels(encoder.model)) else { return false }
        if let difference = try Resume.difference(header, encoder) {
            throw FileFailure(file: job.output.description, cause: PipelineError.otherSettings(difference: difference))
        }
        return true
    }
}

extension FileResult<Timed<EncodingReport>> {
    var encodingText: String? {
        guard let report = details?.report, let output else { return nil }
        return "\(input) → \(output): \(Format.duration(report.duration)), \(Format.bitrate(report.header.nominalBitrate)) nominal, "
            + "\(Format.bitrate(report.actualBitrate)) actual, \(Format.bytes(report.byteCount))"
    }
}
