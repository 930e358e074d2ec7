import ArgumentParser
import Codetta

/// The output of a job, ready to be written.
func openOutput(_ job: Job, overwrites: Bool, input: InputFile) throws -> OutputFile {
    try FileFailure.naming(job.output.isStandardStream ? "stdout" : job.output.description) {
        if job.makesFolder { try FileSystem.createFolder(job.output.parent) }
        return try OutputFile(job.output, overwrite: overwrites, input: input)
    }
}

extension FileFailure {
    /// Runs `body`, commits `output` and says how many seconds that took.
    ///
    /// What writing throws names `output`; failures to read keep the input's name, which the caller adds.
    static func completing<R>(_ output: OutputFile, _ body: () throws -> R) throws -> (result: R, seconds: Double) {
        let start = ContinuousClock.now
        do {
            let result = try body()
            try output.commit()
            return (result, (ContinuousClock.now - start) / .seconds(1))
        } catch let error as PipelineError where [.io, .cannotCreate].contains(error.kind) {
            throw FileFailure(file: output.name, cause: error)
        } catch let error as AudioError where "\(error)".hasPrefix(output.name + ": ") {
            throw FileFailure(file: output.name, cause: error)
        }
    }
}

extension OutputOptions {
    /// The standard output holds either results or data.
    func refuseDataOnStandardOutput(_ plan: BatchPlan) throws {
        if json, plan.jobs.contains(where: { $0.output.isStandardStream }) {
            throw ValidationError("--json and the output cannot both go to the standard output. Name a file with -o.")
        }
    }
}

extension ExitStatus {
    /// Ends the command with this status.
    func exit() throws {
        if self != .success { throw ExitCode(rawValue) }
    }
}
