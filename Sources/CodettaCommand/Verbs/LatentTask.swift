import ArgumentParser
import Codetta

/// `codetta encode --latents`: one file after another.
struct LatentTask: Sendable {
    let export: LatentExport
    let audio: AudioInputOptions
    let batch: BatchOptions
    let showsProgress: Bool

    func run(_ job: Job) throws -> LatentDetails? {
        let input = try InputFile(job.input)
        let output = try openOutput(job, batch: batch, input: input)
        let reader = try audio.open(input)
        let progress = Progress(input.name, total: reader.totalSamples, rate: reader.sampleRate, isShown: showsProgress)
        defer { progress.finish() }
        let (report, seconds) = try FileFailure.completing(output) {
            try export.write(reader, to: output, progress: progress.update)
        }
        for warning in report.warnings { Log.warning(warning, file: input.name) }
        return LatentDetails(report, seconds: seconds)
    }
}

/// The latents of one file, as `--json` prints them.
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
    var latentText: String? {
        guard let details, let output else { return nil }
        let tracks = details.tracks > 1 ? "\(details.tracks) × " : ""
        return "\(input) → \(output): \(Format.duration(details.duration)), \(tracks)\(details.frames) × \(details.dimension) latents, "
            + Format.bytes(details.bytes)
    }
}
