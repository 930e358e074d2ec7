import Codetta
import Dispatch
import Foundation

/// An input or output in messages, where it cannot steer a terminal, and in JSON, where it is exact.
struct FileName: Encodable, Sendable, CustomStringConvertible {
    let path: PathName
    /// What the standard input or output is called.
    let standardName: String

    static func input(_ path: PathName) -> FileName { FileName(path: path, standardName: "stdin") }
    static func output(_ path: PathName) -> FileName { FileName(path: path, standardName: "stdout") }

    var description: String { path.isStandardStream ? standardName : path.description }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(path.isStandardStream ? standardName : path.documentText)
    }
}

/// What became of one input, as `--json` prints it.
struct FileResult<Details: Encodable & Sendable>: Encodable, Sendable {
    enum Status: String, Encodable { case done, skipped, failed }

    var input: FileName
    var output: FileName?
    var status: Status
    /// One line, when it failed.
    var error: String?
    /// The exit code that the failure alone would give.
    var code: Int32?
    var details: Details?

    var exitStatus: ExitStatus { code.flatMap(ExitStatus.init(rawValue:)) ?? .success }
}

/// The last line of a batch's JSON.
struct BatchSummary: Encodable, Sendable {
    struct Counts: Encodable, Sendable {
        var done = 0
        var skipped = 0
        var failed = 0
    }

    var summary = Counts()
    /// Nil where folders hold nothing else.
    var passedOver: PassedOver?

    func text(done: String) -> String {
        let skipped = summary.skipped > 0 ? ", \(summary.skipped) skipped" : ""
        return "\(Format.count(summary.done, "file")) \(done)\(skipped), \(summary.failed) failed"
    }
}

/// Runs jobs, several at once if asked to, and reports their results in the order of the jobs.
struct BatchRunner<Details: Encodable & Sendable>: Sendable {
    let plan: BatchPlan
    let threads: Int
    let options: OutputOptions
    /// Whether there are no outputs: the results are what the user asked for.
    var isReport = false
    /// What files that went well are called in the summary.
    var doneWord: String?
    /// What a success is worth saying to people; nil for nothing.
    let text: @Sendable (FileResult<Details>) -> String?

    /// Runs `body` for every job; a nil result means that there was nothing to do.
    /// - Returns: success, the failure's own status where all failures agree, else 1.
    func run(_ body: @escaping @Sendable (Job) throws -> Details?) -> ExitStatus {
        let collector = Collector(count: plan.jobs.count) { report($0) }
        let work: @Sendable (Int) -> Void = { _ in
            while let index = collector.claim() {
                collector.deliver(result(of: plan.jobs[index], body), at: index)
            }
        }
        let workers = min(threads, plan.jobs.count)
        if workers > 1 {
            DispatchQueue.concurrentPerform(iterations: workers, execute: work)
        } else {
            work(0)
        }
        return conclude(collector.results)
    }

    /// Runs `task` for every job, as `run(_:)` does.
    func run<Files: FileTask>(_ task: Files) -> ExitStatus where Details == Timed<Files.Report> {
        run { try task.run($0) }
    }

    private func result(of job: Job, _ body: (Job) throws -> Details?) -> FileResult<Details> {
        let input = FileName.input(job.input)
        let output = isReport ? nil : FileName.output(job.output)
        do {
            if let failure = job.failure { throw failure }
            let details = try FileFailure.naming("\(input)") { try body(job) }
            return FileResult(input: input, output: output, status: details == nil ? .skipped : .done, details: details)
        } catch {
            let status = ExitStatus(error)
            if status == .brokenPipe { Terminal.leave(status.rawValue) }
            let found = ((error as? FileFailure)?.cause as? UnsoundFile)?.details as? Details
            return FileResult(
                input: input, output: nil, status: .failed, error: Hint.message(error), code: status.rawValue, details: found)
        }
    }

    private func report(_ result: FileResult<Details>) {
        if let error = result.error { Terminal.message(error, label: "error") }
        if options.json {
            Terminal.output((try? JSON.line(result)) ?? "{}")
        } else if result.status == .done, let line = text(result) {
            if isReport { Terminal.show(line) } else { Log.logger.notice("\(line)") }
        } else if result.status == .skipped {
            Log.logger.info("\(result.input): skipped, \(result.output.map { "\($0)" } ?? "its output") is there and sound")
        }
    }

    private func conclude(_ results: [FileResult<Details>]) -> ExitStatus {
        var summary = BatchSummary()
        summary.summary.done = results.count { $0.status == .done }
        summary.summary.skipped = results.count { $0.status == .skipped }
        summary.summary.failed = results.count { $0.status == .failed }
        if plan.isBatch {
            if !plan.passedOver.isEmpty { summary.passedOver = plan.passedOver }
            if let text = plan.passedOver.text { Log.logger.notice("\(text)") }
            if options.json { Terminal.output((try? JSON.line(summary)) ?? "{}") }
            if !options.json || summary.summary.failed > 0 { Log.logger.notice("\(summary.text(done: doneWord ?? (isReport ? "sound" : "done")))") }
        }
        let failures = Set(results.filter { $0.status == .failed }.map(\.exitStatus))
        return failures.isEmpty ? .success : failures.count == 1 ? failures.first ?? .failure : .failure
    }

    /// Hands out job numbers and puts results back in order.
    private final class Collector: @unchecked Sendable {
        // All state is only touched under `lock`.
        private let lock = NSLock()
        private var next = 0
        private var reported = 0
        private var slots: [FileResult<Details>?]
        private let report: (FileResult<Details>) -> Void

        init(count: Int, report: @escaping (FileResult<Details>) -> Void) {
            slots = Array(repeating: nil, count: count)
            self.report = report
        }

        var results: [FileResult<Details>] { lock.withLock { slots.compactMap { $0 } } }

        func claim() -> Int? {
            lock.withLock {
                guard next < slots.count else { return nil }
                next += 1
                return next - 1
            }
        }

        func deliver(_ result: FileResult<Details>, at index: Int) {
            lock.withLock {
                slots[index] = result
                while reported < slots.count, let ready = slots[reported] {
                    report(ready)
                    reported += 1
                }
            }
        }
    }
}
