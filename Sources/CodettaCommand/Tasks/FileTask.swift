import Codetta
import Platform

/// What making one file amounted to.
protocol FileReport: Encodable, Sendable {
    /// Seconds of audio.
    var duration: Double { get }
    var warnings: [String] { get }
    /// The warnings, with what the user can do about them.
    var advisedWarnings: [String] { get }
}

extension EncodingReport: FileReport {}
extension DecodingReport: FileReport {}
extension ConversionReport: FileReport {}
extension LatentReport: FileReport {}
extension SynthesisReport: FileReport {}

extension FileReport {
    var advisedWarnings: [String] { warnings }
}

extension EncodingReport {
    var advisedWarnings: [String] {
        // That of the peak is the last.
        guard peak > 1, let last = warnings.last else { return warnings }
        return warnings.dropLast() + [last + "; --normalize scales it down"]
    }
}

/// Makes one file out of another, over and over: opens both, shows how far the work is, commits the output and passes warnings on.
protocol FileTask: Sendable {
    associatedtype Report: FileReport

    var outputs: OutputPolicy { get }

    /// All that the outputs depend on besides their inputs, for `--resume`; nil for tasks that do not resume.
    func settings() throws -> [String: String]?

    /// Whether an output that no record tells of is sound and, as far as it shows, what this task would make of the input.
    func looksDone(_ job: Job, _ input: InputFile) throws -> Bool

    /// What is wrong with a job that shows before its output is opened.
    func check(_ job: Job) throws

    /// Opens the input and says how to make the output of it.
    func open(_ input: InputFile, for job: Job) throws -> FileWork<Report>
}

/// How a task treats its outputs.
struct OutputPolicy: Sendable {
    /// Whether existing outputs are replaced.
    var overwrites: Bool
    /// Whether existing outputs that are sound, and were made of the same inputs with the same settings, are left as they are.
    var resumes = false
    /// Where it is written down what outputs were made of; nil where nobody resumes.
    var record: ResumeRecord?
    /// Whether the terminal shows how far a file is.
    var showsProgress = false
    /// Whether reports say how fast the work was.
    var isTimed = true
}

/// The work that is left once the input is open.
struct FileWork<Report: FileReport> {
    /// Samples in all, when known, and samples per second of audio.
    var total: Int?
    /// Whether `total` is a guess.
    var isEstimate = false
    var sampleRate: Int
    /// Makes the output. The closure that it is given takes the samples done so far.
    let make: (OutputFile, (Int) -> Void) throws -> Report
}

extension FileWork {
    /// Work on audio, by its length or what its headers let expect.
    init(_ reader: AudioReader, make: @escaping (OutputFile, (Int) -> Void) throws -> Report) {
        self.init(
            total: reader.totalSamples ?? reader.estimatedSamples, isEstimate: reader.totalSamples == nil, sampleRate: reader.sampleRate,
            make: make)
    }
}

extension FileTask {
    func settings() throws -> [String: String]? { nil }

    func looksDone(_ job: Job, _ input: InputFile) throws -> Bool { false }

    func check(_ job: Job) throws {}

    /// Does one job. Nil when there was nothing to do.
    func run(_ job: Job) throws -> Timed<Report>? {
        let input = try InputFile.opened(job.input)
        let origin = try origin(of: job, input)
        if outputs.resumes, try isDone(job, input, origin) { return nil }
        try check(job)
        // What is done never gets here; what --resume found unsound or made otherwise may be replaced.
        let output = try openOutput(job, overwrites: outputs.overwrites || outputs.resumes, input: input)
        let work = try open(input, for: job)
        let progress = Progress(
            input.name, total: work.total, isEstimate: work.isEstimate, rate: work.sampleRate, isShown: outputs.showsProgress)
        defer { progress.finish() }
        let (report, seconds) = try FileFailure.completing(output) { try work.make(output, progress.update) }
        for warning in report.advisedWarnings { Log.warning(warning, file: input.name) }
        if let origin {
            try FileFailure.naming(job.output.description) {
                try outputs.record?.add(job.output, inputHash: origin.inputHash, settings: origin.settings)
            }
        }
        return Timed(report: report, seconds: outputs.isTimed ? seconds : nil)
    }
}

extension FileTask {
    /// What the output of a job is made of; nil where that is not written down, or cannot be as the input is no file.
    private func origin(of job: Job, _ input: InputFile) throws -> (inputHash: ContentDigest, settings: [String: String])? {
        guard outputs.record != nil, !job.output.isStandardStream, input.status.type == .regular, !input.path.isStandardStream,
            let settings = try settings()
        else { return nil }
        return (try input.contentHash(), settings)
    }

    /// Whether an earlier run made this job's output, of this very input with these settings, and it is as it was then.
    private func isDone(
        _ job: Job, _ input: InputFile, _ origin: (inputHash: ContentDigest, settings: [String: String])?
    ) throws -> Bool {
        guard let status = FileSystem.status(job.output), status.type == .regular else { return false }
        if let origin, let entry = outputs.record?.entry(for: job.output) {
            guard entry.inputHash == origin.inputHash && entry.settings == origin.settings else { return false }
            return try entry.outputHash == InputFile(job.output).contentHash()
        }
        // Of an output without a record only the times tell whether the input has changed since.
        guard max(input.status.modified, input.status.changed) <= status.modified else { return false }
        return try looksDone(job, input)
    }
}

/// A report, and how long the work took.
struct Timed<Report: FileReport>: Encodable, Sendable {
    var report: Report
    /// Nil where nobody asks for it.
    var seconds: Double?

    private enum CodingKeys: String, CodingKey { case realTimeFactor }

    /// The report's names, and the seconds of audio per second of work.
    func encode(to encoder: any Encoder) throws {
        try report.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(seconds.flatMap { (report.duration / $0).finite }, forKey: .realTimeFactor)
    }
}
