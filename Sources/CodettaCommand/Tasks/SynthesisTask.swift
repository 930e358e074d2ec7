import Codetta

/// `codetta decode` with a vocoder: one file of features after another.
struct SynthesisTask: FileTask {
    let vocoder: VocosVocoder
    let form: OutputForm?
    let sampleFormat: SampleFormat?
    let outputs: OutputPolicy

    func check(_ job: Job) throws {
        _ = try job.outputForm(asked: form, sampleFormat: sampleFormat)
    }

    func open(_ input: InputFile, for job: Job) throws -> FileWork<SynthesisReport> {
        let features = try LatentFiles([job.input])
        let form = try job.outputForm(asked: form, sampleFormat: sampleFormat)
        let decoder = FeatureDecoder(vocoder: vocoder, container: form.container, sampleFormat: form.sampleFormat)
        return FileWork(
            total: decoder.vocoder.sampleCount(frames: features.count), sampleRate: decoder.vocoder.description.sampleRate
        ) { output, progress in
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
