import ArgumentParser
import Codetta

/// Extensions of audio files that are taken from folders.
enum AudioExtensions {
    private static let own: Set<String> = [
        "wav", "wave", "rf64", "w64", "flac", "ogg", "oga", "opus", "mp3", "mp2", "mp1", "mpga", "aif", "aiff", "aifc", "au", "snd", "caf",
        "sph", "nist", "voc", "sf", "ircam", "paf", "8svx", "svx", "avr", "htk", "sds", "pvf",
    ]

    /// What ffmpeg reads beside them.
    private static let foreign: Set<String> = [
        "m4a", "m4b", "mp4", "mov", "aac", "adts", "webm", "mka", "mkv", "wma", "asf", "amr", "awb", "3gp", "3g2", "ac3", "eac3", "dts", "ape",
        "wv", "tta", "tak", "mpc", "dsf", "dff", "spx", "avi", "flv", "ra", "rm", "ogv",
    ]

    /// - Parameter program: what else may read files.
    static func accepts(_ fileExtension: String, via program: AudioReader.Program? = nil) -> Bool {
        own.contains(fileExtension) || program != nil && foreign.contains(fileExtension)
    }
}

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
