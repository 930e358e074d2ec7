import Codetta

/// `codetta decode` with a vocoder: features to audio, one file after another.
struct SynthesisTask: Sendable {
    let decoder: FeatureDecoder
    let batch: BatchOptions
    let showsProgress: Bool

    func run(_ job: Job) throws -> SynthesisDetails? {
        let input = try InputFile(job.input)
        let features = try LatentFiles([job.input])
        var decoder = decoder
        if decoder.container == nil {
            decoder.container = try FileFailure.naming(job.output.description) { try job.output.namedContainer() }
        }
        let output = try openOutput(job, batch: batch, input: input)
        let progress = Progress(
            input.name, total: decoder.vocoder.sampleCount(frames: features.count),
            rate: decoder.vocoder.description.sampleRate, isShown: showsProgress)
        defer { progress.finish() }
        let (report, seconds) = try FileFailure.completing(output) {
            try decoder.decode(features, to: output, progress: progress.update)
        }
        for warning in report.warnings { Log.warning(warning, file: input.name) }
        return SynthesisDetails(report, seconds: seconds)
    }
}

/// The audio of one file of features, as `--json` prints it.
struct SynthesisDetails: Encodable, Sendable {
    var model: String
    var frames: Int
    var sampleRate: Int
    var samples: Int
    /// Seconds of audio.
    var duration: Double
    var container: String
    var subtype: String
    var clippedSamples: Int
    /// Seconds of audio a second of work.
    var realTimeFactor: Double?
    var warnings: [String]

    init(_ report: SynthesisReport, seconds: Double) {
        model = report.model
        frames = report.frames
        sampleRate = report.sampleRate
        samples = report.samples
        duration = report.duration
        container = report.container.rawValue
        subtype = report.sampleFormat.rawValue
        clippedSamples = report.clippedSamples
        realTimeFactor = (report.duration / seconds).finite
        warnings = report.warnings
    }
}

extension FileResult where Details == SynthesisDetails {
    var synthesisText: String? {
        guard let details, let output else { return nil }
        return "\(input) → \(output): \(Format.duration(details.duration)), \(details.sampleRate) Hz, \(details.subtype)"
    }
}
