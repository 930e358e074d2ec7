import Codetta
import Foundation

/// A recording and a system, by their positions.
struct Row: Sendable {
    let file: Int
    let system: Int
}

/// What is done and what is left of a run, shared by its workers.
final class RunState: @unchecked Sendable {
    // All that changes is only touched under `lock`.
    private let lock = NSLock()
    private let files: [Evaluator.File]
    private let systems: [String]
    private let filePositions: [String: Int]
    private let systemPositions: [String: Int]
    private let progress: @Sendable (Int, Int) -> Void
    private var items: [EvaluatedDataset.Item?]
    private var scores: [ItemScore?]
    private var codebooks: [String: [CodeCounts]] = [:]
    private var next = 0
    private var done = 0
    private var fault: (any Error)?

    init(files: [Evaluator.File], systems: [String], progress: @escaping @Sendable (Int, Int) -> Void) {
        self.files = files
        self.systems = systems
        self.progress = progress
        filePositions = Dictionary(files.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
        systemPositions = Dictionary(systems.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        items = Array(repeating: nil, count: files.count)
        scores = Array(repeating: nil, count: files.count * systems.count)
    }

    /// Rows left to do.
    var pending: Int { lock.withLock { scores.count { $0 == nil } } }

    /// Takes a line of an earlier run's journal. Failures are tried again, and rows whose audio is needed and gone.
    /// - Parameter audio: where the score's audio must be; nil when none is needed.
    func restore(_ line: Journal.Line, audio: PathName?) {
        lock.withLock {
            if let item = line.item, item.failure == nil, let position = filePositions[item.id] { items[position] = item }
            guard let score = line.score, score.failure == nil, let file = filePositions[score.item],
                let system = systemPositions[score.system], scores[file * systems.count + system] == nil
            else { return }
            if let audio, score.audio != audio.documentText || FileSystem.status(audio)?.type != .regular { return }
            record(score, line.codebooks ?? [], at: file * systems.count + system)
        }
    }

    /// The next row to do; nil when there is none, or nothing can be recorded any more.
    func claim() -> Row? {
        lock.withLock {
            while next < scores.count, scores[next] != nil { next += 1 }
            guard next < scores.count, fault == nil else { return nil }
            next += 1
            return Row(file: (next - 1) / systems.count, system: (next - 1) % systems.count)
        }
    }

    /// Does `body` and records what it gives, in the journal first.
    func finish(_ row: Row, _ journal: Journal?, _ body: () -> Worker.Outcome) {
        let outcome = body()
        lock.withLock {
            let isNewItem = items[row.file] == nil
            items[row.file] = outcome.item
            do {
                if isNewItem { try journal?.write(Journal.Line(item: outcome.item)) }
                try journal?.write(Journal.Line(score: outcome.score, codebooks: outcome.codebooks))
            } catch {
                fault = fault ?? error
            }
            record(outcome.score, outcome.codebooks, at: row.file * systems.count + row.system)
            progress(done, scores.count)
        }
    }

    private func record(_ score: ItemScore, _ use: [CodeCounts], at position: Int) {
        scores[position] = score
        done += 1
        guard !use.isEmpty else { return }
        var sum = codebooks[score.system] ?? []
        for (k, one) in use.enumerated() {
            if k < sum.count { sum[k].add(one) } else { sum.append(one) }
        }
        codebooks[score.system] = sum
    }

    /// - Throws: what kept the journal from being written.
    func results() throws -> (items: [EvaluatedDataset.Item], scores: [ItemScore], codebooks: [String: [CodeCounts]]) {
        try lock.withLock {
            if let fault { throw fault }
            let found = zip(items, files).map { $0 ?? EvaluatedDataset.Item(id: $1.id, path: $1.path.documentText) }
            return (found, scores.compactMap { $0 }, codebooks)
        }
    }
}
