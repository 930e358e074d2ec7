import ArgumentParser
import Codetta

/// `codetta encode --latents` and `--features`: one file after another.
struct LatentTask: Sendable {
    typealias Writer = @Sendable (AudioReader, any ByteSink, (Int) -> Void) throws -> LatentReport

    let write: Writer
    let audio: AudioInputOptions
    let batch: BatchOptions
    /// What is written, for messages.
    let noun: String
    let showsProgress: Bool

    func run(_ job: Job) throws -> LatentDetails? {
        let input = try InputFile(job.input)
        let output = try openOutput(job, batch: batch, input: input)
        let reader = try audio.open(input)
        let progress = Progress(input.name, total: reader.totalSamples, rate: reader.sampleRate, isShown: showsProgress)
        defer { progress.finish() }
        let (report, seconds) = try FileFailure.completing(output) {
            try write(reader, output, progress.update)
        }
        for warning in report.warnings { Log.warning(warning, file: input.name) }
        return LatentDetails(report, seconds: seconds)
    }
}

/// The latents or features of one file, as `--json` prints them.
struct LatentDetails: Encodable, Sendable {
    var model: String
    var tracks: Int
    var frames: Int
    var dimension: Int
    /// Hz.
    var frameRate: Double
    /// Seconds of audio.
    var duration: Double
    var bytes: Int
    /// Seconds of audio a second of work.
    var realTimeFactor: Double?

    init(_ report: LatentReport, seconds: Double) {
        model = report.model
        tracks = report.tracks
        frames = report.frames
        dimension = report.dimension
        frameRate = report.frameRate
        duration = Double(report.samples) / Double(report.sampleRate)
        bytes = report.byteCount
        realTimeFactor = (duration / seconds).finite
    }
}

extension FileResult where Details == LatentDetails {
    func latentText(_ noun: String) -> String? {
        guard let details, let output else { return nil }
        let tracks = details.tracks > 1 ? "\(details.tracks) × " : ""
        return "\(input) → \(output): \(Format.duration(details.duration)), \(tracks)\(details.frames) × \(details.dimension) \(noun), "
            + Format.bytes(details.bytes)
    }
}
