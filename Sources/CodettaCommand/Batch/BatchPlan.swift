import ArgumentParser
import Codetta

/// One file to work on. `-` stands for the standard streams.
struct Job: Sendable {
    var input: PathName
    var output: PathName
    /// Whether the output's folder is made when it is missing.
    var makesFolder = false
    /// A reason not to start, found while planning.
    var failure: FileFailure?
}

/// Which inputs give which outputs.
struct BatchPlan {
    var jobs: [Job] = []
    /// Several inputs or a folder: results are collected, and one bad file does not stop the others.
    var isBatch: Bool
    /// What folders hold besides.
    var passedOver = PassedOver()

    private var keepsExtension = false
    /// Of outputs whose name is not given; nil when there are no outputs, which the inputs then stand for.
    private var outputExtension: String?

    /// A plan of a command that reads only.
    /// - Parameters:
    ///   - accepts: whether a file found in a folder is meant, by its lower-case extension.
    ///   - kind: what these files are called in messages.
    /// - Throws: `ValidationError` for combinations that make no sense, `FileFailure` for a folder without such files.
    init(inputs: [String], kind: String, accepts: (String) -> Bool) throws {
        let inputs = inputs.map(PathName.init(argument:))
        isBatch = inputs.count > 1 || inputs.contains { FileSystem.isDirectory($0) }
        try add(inputs, nil, kind: kind, accepts: accepts)
    }

    /// A plan of a command that makes a file of each.
    /// - Parameters:
    ///   - outputExtension: of outputs whose name is not given.
    ///   - content: what is written.
    ///   - kind, accepts: as above.
    /// - Throws: as above; `FileFailure` also for an output whose name means another content.
    init(
        inputs: [String], target: OutputTarget, outputExtension: String, content: FileContent, kind: String, accepts: (String) -> Bool
    ) throws {
        let inputs = inputs.map(PathName.init(argument:))
        isBatch = inputs.count > 1 || inputs.contains { FileSystem.isDirectory($0) }
        keepsExtension = target.keepExtension
        self.outputExtension = outputExtension
        let output = target.output.map(PathName.init(argument:))
        if isBatch, let output { try requireFolder(output) }
        try add(inputs, output, kind: kind, accepts: accepts)
        if !isBatch, let name = jobs.first?.output { try name.requireOutput(content) }
        if isBatch { markCollisions() }
        passedOver.leaveOut(jobs.map(\.output))
    }

    private mutating func add(_ inputs: [PathName], _ output: PathName?, kind: String, accepts: (String) -> Bool) throws {
        guard isBatch else {
            jobs = [singleJob(inputs[0], output)]
            return
        }
        if inputs.contains(.standardStream) { throw ValidationError("'-' must be the only input.") }
        for input in inputs {
            do {
                try addJobs(input, output, kind: kind, accepts: accepts)
            } catch let failure as FileFailure where inputs.count > 1 {
                jobs.append(Job(input: input, output: input, failure: failure))
            }
        }
    }

    /// The inputs of a command that takes all of them together.
    /// - Throws: the first failure of planning.
    func allInputs() throws -> [PathName] {
        if let failure = jobs.lazy.compactMap(\.failure).first { throw failure }
        if let text = passedOver.text { Log.logger.notice("\(text)") }
        return jobs.map(\.input)
    }

    private func requireFolder(_ output: PathName) throws {
        if output == .standardStream {
            throw ValidationError("Several inputs cannot go to the standard output. Give a folder with -o.")
        }
        func refuse(_ reason: String) -> FileFailure {
            FileFailure(file: output.description, cause: PipelineError.cannotCreate(reason: reason))
        }
        if let status = FileSystem.status(output) {
            if status.type != .directory { throw refuse("several inputs need a folder, this is a file") }
        } else if !output.hasTrailingSlash, !FileContent.meant(by: output.fileExtension).isEmpty {
            throw refuse("several inputs need a folder, and this is the name of a file; a slash behind it makes it a folder's")
        }
    }

    private func singleJob(_ input: PathName, _ output: PathName?) -> Job {
        guard let output else {
            return Job(input: input, output: input.isStandardStream ? input : named(input.isWebAddress ? input.fileName : input))
        }
        guard output.hasTrailingSlash || FileSystem.isDirectory(output) else { return Job(input: input, output: output) }
        let name = input.isStandardStream ? PathName("stdin") : input.fileName
        return Job(input: input, output: named(output.appending(name)), makesFolder: true)
    }

    private mutating func addJobs(_ input: PathName, _ output: PathName?, kind: String, accepts: (String) -> Bool) throws {
        guard FileSystem.isDirectory(input) else {
            jobs.append(Job(input: input, output: named(output?.appending(input.fileName) ?? (input.isWebAddress ? input.fileName : input)), makesFolder: true))
            return
        }
        try FileFailure.naming(input.description) {
            let contents = try FolderContents(input)
            let files = contents.files.filter { accepts($0.fileExtension) }
            var others = PassedOver(contents, in: input, accepts: accepts)
            if files.isEmpty && contents.unreadable.isEmpty {
                throw PipelineError.noFiles(kind: kind + (others.text.map { " (\($0))" } ?? ""))
            }
            jobs += files.map { file in
                Job(input: input.appending(file), output: named((output ?? input).appending(file)), makesFolder: true)
            }
            jobs += contents.unreadable.map { folder in
                let path = input.appending(folder.path)
                return Job(input: path, output: path, failure: FileFailure(file: path.description, cause: folder.cause))
            }
            others.add(passedOver)
            passedOver = others
        }
    }

    private func named(_ path: PathName) -> PathName {
        guard let outputExtension else { return path }
        return keepsExtension ? path.addingExtension(outputExtension) : path.replacingExtension(with: outputExtension)
    }

    /// Of several inputs for one output only the first is worked on.
    private mutating func markCollisions() {
        var owners: [PathName: PathName] = [:]
        for index in jobs.indices where jobs[index].failure == nil {
            let job = jobs[index]
            if let owner = owners[job.output] {
                jobs[index].failure = FileFailure(
                    file: job.output.description,
                    cause: PipelineError.sameOutput(first: owner.description, second: job.input.description))
            } else {
                owners[job.output] = job.input
            }
        }
    }
}
