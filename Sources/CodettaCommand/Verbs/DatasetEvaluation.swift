import ArgumentParser
import Codetta
import Evaluation
import Foundation

/// `codetta evaluate --dataset`
struct DatasetEvaluation {
    let options: DatasetOptions
    let report: ReportOptions
    /// `-` for the standard output.
    let json: String?
    let maximumDelay: Double
    /// Nil for those that are standard at a clip's rate.
    let measures: Set<Measure>?
    let quiet: Bool

    /// - Returns: `failure` when something failed that the results name.
    func run() throws -> ExitStatus {
        let store = ModelStore()
        let found = try recordings()
        let systems = try models(store) + peers(store)
        let evaluator = try evaluator(found.files, systems, scorers: try options.scorers())
        // Opened first: what cannot be written shall not be found out after hours.
        let csv = try open(options.csv)
        let document = try open(json)
        let progress = RowProgress(isShown: !quiet)
        let journal = journal
        let results = try FileFailure.naming(json.map { $0 + ".journal" } ?? "results") {
            try evaluator.run(journal: journal) { done, total in progress.update(done, total) }
        }
        progress.finish()
        try write(results, csv: csv, document: document)
        try report.write(results, overwrite: options.force || options.resume)
        let status = conclude(results)
        return found.areAll ? status : .failure
    }

    // MARK: What to evaluate

    private func models(_ store: ModelStore) throws -> [any CodingSystem] {
        let isPeersOnly = !options.peer.isEmpty && options.bitrate == nil && options.codebooks == nil
        let names = options.model.isEmpty && !isPeersOnly ? [ModelStore.defaultName] : options.model
        let models = try names.map { name in (name, try FileFailure.naming(name) { try store.load(name) }) }
        let titles = Dictionary(grouping: models) { $0.1.codec.description.name }
        return try models.flatMap { name, model in
            // Two folders may hold models of one name; their paths then tell them apart.
            let title = model.codec.description.name
            let isUnique = titles[title]?.count == 1
            return try options.searches().flatMap { search in
                try options.choices().map { choice in
                    try FileFailure.naming(name) {
                        try ModelSystem(model, name: isUnique ? title : name, choice: choice, search: search, entropy: options.entropy.mode)
                    }
                }
            }
        }
    }

    private func peers(_ store: ModelStore) throws -> [any CodingSystem] {
        try options.peer.flatMap { specification in
            let peers = try FileFailure.naming("--peer \(specification)") {
                try Peers.systems(specification) { try store.load($0) }
            }
            if let missing = peers.unavailable { Terminal.message("\(specification): \(missing)", label: "warning") }
            return peers.systems
        }
    }

    private var folder: PathName { PathName(argument: options.dataset ?? "") }

    /// The recordings of the data set, relative to its folder, and whether all its folders could be read.
    private func recordings() throws -> (files: [PathName], areAll: Bool) {
        try FileFailure.naming(folder.description) {
            let contents = try FolderContents(folder)
            let files = contents.files.filter { FileContent.isRecording($0.fileExtension) }
            let others = PassedOver(contents, in: folder, accepts: { FileContent.isRecording($0) })
            for other in contents.unreadable { Terminal.message("\(folder.appending(other.path)): \(other.cause)", label: "error") }
            if files.isEmpty { throw PipelineError.noFiles(kind: "audio files" + (others.text.map { " (\($0))" } ?? "")) }
            if let text = others.text { Log.logger.notice("\(text)") }
            return (files, contents.unreadable.isEmpty)
        }
    }

    private func evaluator(_ files: [PathName], _ systems: [any CodingSystem], scorers: [Scorer]) throws -> Evaluator {
        try Evaluator(
            producer: "codetta \(Root.configuration.version)", name: folder.lastComponent.description,
            files: files.map { Evaluator.File(id: $0.description, path: folder.appending($0)) }, systems: systems,
            scorers: scorers, settings: EvaluationSettings(maximumDelay: maximumDelay, downmix: options.downmix),
            measures: measures.map { wanted in Measure.allCases.filter(wanted.contains) },
            jobs: options.jobs ?? ProcessInfo.processInfo.activeProcessorCount,
            keptAudio: options.keepAudio.map(PathName.init(argument:)))
    }

    /// Beside the JSON file; none for results that go elsewhere.
    private var journal: Journal? {
        guard let json, json != "-" else { return nil }
        let path = PathName(bytes: PathName(argument: json).bytes + Array(".journal".utf8))
        return Journal(path, mode: options.resume ? .resume : options.force ? .replace : .new)
    }

    // MARK: What comes out

    private func open(_ name: String?) throws -> OutputFile? {
        guard let name else { return nil }
        let path = PathName(argument: name)
        return try FileFailure.naming(path.description) {
            try OutputFile(path, overwrite: options.force || options.resume)
        }
    }

    private func write(_ results: EvaluationResults, csv: OutputFile?, document: OutputFile?) throws {
        if let csv {
            try FileFailure.naming(csv.name) {
                try ScoreTable(results).forEachLine { try csv.write($0) }
                try csv.commit()
            }
        }
        if let document {
            try FileFailure.naming(document.name) {
                try Array(results.json()).withUnsafeBytes { try document.write($0) }
                try document.commit()
            }
        }
        if json != "-" && options.csv != "-" && !report.usesStandardOutput { Terminal.show(MarkdownTable(results).text) }
    }

    /// Names what failed, each cause of a system once.
    private func conclude(_ results: EvaluationResults) -> ExitStatus {
        var lines: [String] = []
        for item in results.dataset.items {
            if let failure = item.failure {
                let path = PathName(documentText: item.path).description
                lines.append(failure.hasPrefix(path) ? failure : "\(path): \(failure)")
            }
        }
        let badItems = Set(results.dataset.items.filter { $0.failure != nil }.map(\.id))
        let failed = results.scores.filter { $0.failure != nil && !badItems.contains($0.item) }
        for system in results.systems {
            let causes = Dictionary(grouping: failed.filter { $0.system == system.id }) { $0.failure ?? "" }
            for (cause, scores) in causes.sorted(by: { $0.key < $1.key }) {
                let place = scores.count == 1 ? scores[0].item : Format.count(scores.count, "clip")
                lines.append("\(system.id): \(place): \(cause)")
            }
        }
        let known = Set(Measure.allCases.map(\.rawValue))
        for summary in results.summaries {
            for measure in summary.measures where !known.contains(measure.measure) {
                for (reason, count) in measure.absent.sorted(by: { $0.key < $1.key }) where summary.coded > 0 {
                    lines.append("\(summary.system): \(Format.count(count, "clip")) without \(measure.measure): \(reason)")
                }
            }
        }
        for line in lines { Terminal.message(line, label: "error") }
        return lines.isEmpty ? .success : .failure
    }
}

/// A line on the terminal that says how many rows are done.
private final class RowProgress: @unchecked Sendable {
    // Called by one worker at a time, under the run's lock, and after the run by its owner.
    private let isShown: Bool
    private let start = ContinuousClock.now
    private var first: Int?

    init(isShown: Bool) { self.isShown = isShown && Terminal.isInteractive }

    func update(_ done: Int, _ total: Int) {
        guard isShown else { return }
        // Rows of an earlier run took no time in this one.
        let first = first ?? done - 1
        self.first = first
        let left = (ContinuousClock.now - start) / .seconds(1) / Double(max(1, done - first)) * Double(total - done)
        Terminal.progress("\(done) of \(total)  \(100 * done / max(1, total)) %  ETA \(Format.duration(left.rounded()))")
    }

    /// Removes the line.
    func finish() {
        if isShown { Terminal.progress("") }
    }
}
