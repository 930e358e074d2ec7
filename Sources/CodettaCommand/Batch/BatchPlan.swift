import ArgumentParser
import Codetta

/// One file to work on. `-` stands for the standard streams.
struct Job: Sendable {
    var input: PathName
    var output: PathName
    /// Whether the output's folder is made when it is missing.
    var makesFolder = false
    /// A reason not to start, found while planning.
    var failure: PipelineError?
}

/// Which inputs give which outputs.
struct BatchPlan {
    var jobs: [Job]
    /// Several inputs or a folder: results are collected, and one bad file does not stop the others.
    var isBatch: Bool

    /// - Parameters:
    ///   - outputExtension: of outputs whose name is not given; nil when there are no outputs, which the inputs then stand for.
    ///   - accepts: whether a file found in a folder is meant, by its lower-case extension.
    ///   - kind: what these files are called in messages.
    /// - Throws: `ValidationError` for combinations that make no sense, `FileFailure` for a folder without such files.
    init(
        inputs: [String], output: String?, outputExtension: String?, kind: String, accepts: (String) -> Bool
    ) throws {
        let inputs = inputs.map(PathName.init(argument:))
        let output = output.map(PathName.init(argument:))
        isBatch = inputs.count > 1 || inputs.contains { FileSystem.isDirectory($0) }
        guard isBatch else {
            jobs = [Self.singleJob(inputs[0], output, outputExtension)]
            return
        }
        if inputs.contains(.standardStream) { throw ValidationError("'-' must be the only input.") }
        if output == .standardStream {
            throw ValidationError("Several inputs cannot go to the standard output. Give a folder with -o.")
        }
        if let output, let status = FileSystem.status(output), status.type != .directory {
            throw FileFailure(
                file: output.description,
                cause: PipelineError.cannotCreate(reason: "several inputs need a folder, this is a file"))
        }
        jobs = []
        for input in inputs {
            try addJobs(input, output, outputExtension, kind: kind, accepts: accepts)
        }
        if outputExtension != nil { markCollisions() }
    }

    private static func singleJob(_ input: PathName, _ output: PathName?, _ outputExtension: String?) -> Job {
        guard let output else {
            let beside = input.isStandardStream ? input : named(input, outputExtension)
            return Job(input: input, output: beside)
        }
        guard output.hasTrailingSlash || FileSystem.isDirectory(output) else { return Job(input: input, output: output) }
        let name = input.isStandardStream ? PathName("stdin") : input.lastComponent
        return Job(
            input: input, output: named(output.appending(name), outputExtension), makesFolder: true)
    }

    private mutating func addJobs(
        _ input: PathName, _ output: PathName?, _ outputExtension: String?, kind: String, accepts: (String) -> Bool
    ) throws {
        guard FileSystem.isDirectory(input) else {
            let name = Self.named(output?.appending(input.lastComponent) ?? input, outputExtension)
            jobs.append(Job(input: input, output: name, makesFolder: true))
            return
        }
        try FileFailure.naming(input.description) {
            let files = try FileSystem.filesBelow(input).filter { accepts($0.fileExtension) }
            if files.isEmpty { throw PipelineError.noFiles(kind: kind) }
            jobs += files.map { file in
                Job(
                    input: input.appending(file),
                    output: Self.named((output ?? input).appending(file), outputExtension),
                    makesFolder: true)
            }
        }
    }

    private static func named(_ path: PathName, _ fileExtension: String?) -> PathName {
        fileExtension.map(path.replacingExtension) ?? path
    }

    /// Of several inputs for one output only the first is worked on.
    private mutating func markCollisions() {
        var owners: [PathName: PathName] = [:]
        for index in jobs.indices {
            if let owner = owners[jobs[index].output] {
                jobs[index].failure = .sameOutput(as: owner.description)
            } else {
                owners[jobs[index].output] = jobs[index].input
            }
        }
    }
}
