import Codetta
import Foundation
import Platform

/// Puts every recording of a data set through every system and measures what comes out.
///
/// Work is done by the pair of recording and system, several at once. The results do not depend on how many, but for the times.
public struct Evaluator: Sendable {
    /// A recording to work on.
    public struct File: Sendable {
        /// Path relative to the data set's folder.
        public var id: String
        /// Where it is.
        public var path: PathName

        /// A recording at `path` that results call `id`.
        public init(id: String, path: PathName) {
            self.id = id
            self.path = path
        }
    }

    /// The program that makes the results, with its version.
    public var producer: String
    /// What the data set is called.
    public var name: String
    /// The recordings, in the order of their ids.
    public var files: [File]
    /// The codecs, each at one setting.
    public var systems: [any CodingSystem]
    /// External programs that score what comes out.
    public var scorers: [Scorer]
    /// How to measure.
    public var settings: EvaluationSettings
    /// Which of the toolkit's measures to take, in the order in which they are to be shown; nil for all that are standard at a
    /// clip's sample rate.
    public var measures: [Measure]?
    /// Threads; each holds one clip.
    public var jobs: Int
    /// Where to keep the decoded audio and the token files, as SYSTEM/ITEM.wav and .codetta.
    public var keptAudio: PathName?

    /// - Parameter settings: `scorers` is filled in.
    /// - Throws: `EvaluationError.sameSystem`.
    public init(
        producer: String, name: String, files: [File], systems: [any CodingSystem], scorers: [Scorer] = [],
        settings: EvaluationSettings = EvaluationSettings(), measures: [Measure]? = nil, jobs: Int = 1, keptAudio: PathName? = nil
    ) throws(EvaluationError) {
        var seen: Set<String> = []
        for system in systems where !seen.insert(system.description.id).inserted {
            throw .sameSystem(system.description.id)
        }
        self.producer = producer
        self.name = name
        self.files = files.sorted { $0.id < $1.id }
        self.systems = systems
        self.scorers = scorers
        self.settings = settings
        self.settings.scorers = Dictionary(scorers.map { ($0.name, $0.command) }, uniquingKeysWith: { first, _ in first })
        self.measures = measures
        self.jobs = jobs
        self.keptAudio = keptAudio
    }

    /// Runs what is left to do and summarises all. Failures of recordings, systems and scorers are in the results.
    /// - Parameters:
    ///   - journal: takes every finished row and gives those of an earlier run; it goes when nothing failed.
    ///   - progress: called with the rows done and the rows in all, one call at a time.
    /// - Throws: what the journal throws, and `PipelineError.cannotCreate` without a folder for temporary files.
    public func run(
        journal: Journal? = nil, progress: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
    ) throws -> EvaluationResults {
        let state = RunState(files: files, systems: systems.map(\.description.id), progress: progress)
        // Scorers read decoded audio from files; without a folder to keep, a private one is made. Peers' programs need one for each clip:
        // what cannot be made is found out now, not once per clip.
        let usesFiles = !scorers.isEmpty || systems.contains { $0.description.kind == .peer }
        let temporary = usesFiles ? try TemporaryFolder() : nil
        let audio = keptAudio ?? (scorers.isEmpty ? nil : temporary.map { PathName($0.path("decoded")) })
        var measures = (measures ?? Measure.allCases).map(\.definition)
        let plan = EvaluationPlan(
            settings: settings, measures: measures, systems: systems.map(\.description),
            files: files.map { file in
                EvaluationPlan.File(
                    id: file.id, size: FileSystem.status(file.path)?.size ?? 0,
                    hash: journal == nil ? nil : try? InputFile(file.path).contentHash())
            })
        try journal?.open(plan) { line in
            let paths = line.score.flatMap { kept(in: audio, item: $0.item, system: $0.system) }
            state.restore(line, audio: paths?.audio)
        }

        DispatchQueue.concurrentPerform(iterations: max(1, min(jobs, state.pending))) { _ in
            var worker = Worker(evaluator: self, audio: audio)
            while let row = state.claim() { state.finish(row, journal) { worker.work(row) } }
        }
        let (items, rows, codebooks) = try state.results()
        var scores = rows
        var isComplete = scores.allSatisfy { $0.failure == nil }
        if let temporary {
            let failures = try score(&scores, &measures, folder: temporary)
            isComplete = isComplete && failures == 0
            if keptAudio == nil { for row in scores.indices { scores[row].audio = nil; scores[row].tokens = nil } }
        }
        if isComplete { try journal?.remove() }
        return results(EvaluatedDataset(name: name, items: items), measures, scores, codebooks)
    }

    /// Where the audio and the tokens of an item and a system go below `folder`: each system has a folder, and no two items or systems share
    /// a name. Nil without a folder.
    package func kept(in folder: PathName?, item: String, system: String) -> (audio: PathName, tokens: PathName)? {
        guard let folder else { return nil }
        // One name, whatever the system is called: neither a slash nor a dot in front makes it a path.
        var name = PathName(system).description.replacing { $0 == "/" ? "\\x2F" : nil }
        if name.hasPrefix(".") { name = "\\x2E" + name.dropFirst() }
        let path = folder.appending(PathName(name)).appending(PathName(printed: item))
        return (PathName(bytes: path.bytes + Array(".wav".utf8)), PathName(bytes: path.bytes + Array(".codetta".utf8)))
    }

    private func results(
        _ dataset: EvaluatedDataset, _ measures: [MeasureDefinition], _ scores: [ItemScore], _ codebooks: [String: [CodeCounts]]
    ) -> EvaluationResults {
        let descriptions = systems.map(\.description)
        let summarizer = Summarizer(
            settings: settings, dataset: dataset, measures: measures, systems: descriptions, scores: scores,
            codebooks: codebooks)
        return EvaluationResults(
            producer: producer, settings: settings, dataset: dataset, measures: measures, systems: descriptions, scores: scores,
            summaries: summarizer.summaries(), comparisons: summarizer.comparisons())
    }

    /// Runs the scorers over all rows that have audio. Returns how many failed.
    private func score(
        _ scores: inout [ItemScore], _ measures: inout [MeasureDefinition], folder: TemporaryFolder
    ) throws -> Int {
        guard !scorers.isEmpty else { return 0 }
        var references: [String: String] = [:]
        for (number, file) in files.enumerated() {
            guard let clip = try? Clip(file.path, downmix: settings.downmix) else { continue }
            // Numbered: names of recordings may hold anything, such as the tab that separates a pair.
            let path = folder.path("reference-\(number).wav")
            try clip.write(to: PathName(path))
            references[file.id] = path
        }
        let rows = scores.indices.filter { references[scores[$0].item] != nil && scores[$0].audio != nil }
        var failures = 0
        for scorer in scorers {
            var pairs: [(reference: String, degraded: String)] = []
            for row in rows {
                let link = folder.path("degraded-\(row).wav")
                if !FileManager.default.fileExists(atPath: link) {
                    let audio = PathName(documentText: scores[row].audio ?? "").filePath
                    try Files.symbolicLink(at: FilePath(link), to: Files.resolved(audio) ?? audio)
                }
                pairs.append((references[scores[row].item] ?? "", link))
            }
            let (found, values, failure) = scorer.score(pairs, folder: folder)
            if failure != nil { failures += 1 }
            measures += found
            for (row, values) in zip(rows, values) { scores[row].measures.merge(values) { first, _ in first } }
        }
        return failures
    }
}
