import Codetta

/// `codetta decode` with a vocoder: one file of features after another.
struct SynthesisTask: FileTask {
    let decoder: FeatureDecoder
    let outputs: OutputPolicy

    func check(_ job: Job) throws {
        if decoder.container == nil { _ = try job.namedContainer() }
    }

    func open(_ input: InputFile, for job: Job) throws -> FileWork<SynthesisReport> {
        let features = try LatentFiles([job.input])
        var decoder = decoder
        if decoder.container == nil { decoder.container = try job.namedContainer() }
        return FileWork(
            total: decoder.vocoder.sampleCount(frames: features.count), sampleRate: decoder.vocoder.description.sampleRate
        ) { [decoder] output, progress in
            try decoder.decode(features, to: output, progress: progress)
        }
    }
}

extension FileResult<Timed<SynthesisReport>> {
    var synthesisText: String? {
        guard let report = details?.report, let output else { return nil }
        return "\(input) → \(output): \(Format.duration(report.duration)), \(report.sampleRate) Hz, \(report.sampleFormat.rawValue)"
    }
}
