import Codetta
import Foundation
import Platform

/// What a run is to do, as far as finished work depends on it.
struct EvaluationPlan: Codable, Hashable {
    /// A recording as it was found.
    struct File: Codable, Hashable {
        var id: String
        /// Bytes.
        var size: Int
        /// SHA-256 of the bytes; nil where nobody could read them, and in runs without a journal.
        var hash: ContentDigest?
    }

    var schema = "codetta-evaluation-journal/1"
    var settings: EvaluationSettings
    var measures: [MeasureDefinition]
    var systems: [EvaluatedSystem]
    var files: [File]

    /// What another run did otherwise, nil when nothing.
    func difference(from other: EvaluationPlan) -> String? {
        if schema != other.schema { return "version" }
        if settings != other.settings { return "settings" }
        if measures != other.measures { return "measures" }
        if systems != other.systems { return "systems" }
        return files.map(\.id) == other.files.map(\.id) ? nil : "recordings"
    }

    /// Recordings that are not as they were in another run of the same ones.
    func changedFiles(since other: EvaluationPlan) -> Set<String> {
        Set(zip(files, other.files).filter { $0 != $1 || $0.hash == nil }.map(\.0.id))
    }
}

/// The finished part of a run, one line of JSON after the other: the plan, then items and scores in the order in which they
/// were done. Lines are written whole, so that an interrupted run leaves at most its last one incomplete.
public final class Journal: @unchecked Sendable {
    /// One line after the first.
    struct Line: Codable {
        var item: EvaluatedDataset.Item?
        var score: ItemScore?
        /// Histograms that go with `score`.
        var codebooks: [CodeCounts]?

        /// - Throws: `EvaluationError.malformed` for numbers that no run has, and for items, systems and measures that are not the plan's.
        func check(_ plan: EvaluationPlan) throws(EvaluationError) {
            let checks = DocumentChecks(place: "")
            if let item { try checks.item(item) }
            guard let score else { return }
            try checks.score(score)
            guard plan.systems.contains(where: { $0.id == score.system }),
                score.measures.keys.allSatisfy({ name in plan.measures.contains { $0.name == name } }),
                (codebooks ?? []).count == score.codebooks.count
            else { throw .malformed("a score of another run") }
        }
    }

    /// What to do about an earlier journal of the same name.
    public enum Mode: Sendable { case new, replace, resume }

    private let path: PathName
    private let mode: Mode
    // `file` is only touched under `lock`.
    private let lock = NSLock()
    private var file: FileHandle?

    /// Nothing is opened before the run begins.
    public init(_ path: PathName, mode: Mode) {
        self.path = path
        self.mode = mode
    }

    /// Opens the journal for a run of `plan` and hands over what an earlier one finished.
    /// - Throws: `EvaluationError.unfinished`, `.otherSettings` or `.malformed`; `PipelineError.io`.
    func open(_ plan: EvaluationPlan, finished: (Line) -> Void) throws {
        let name = try fileName()
        let earlier = mode == .replace ? nil : FileManager.default.contents(atPath: name)
        if earlier != nil && mode == .new { throw EvaluationError.unfinished }
        var kept = 0
        if let earlier {
            let (length, current) = try Self.read(earlier, plan, finished)
            kept = length
            if let current {
                try io("write") { try current.write(to: URL(fileURLWithPath: name), options: .atomic) }
                kept = current.count
            }
        }
        if earlier == nil && !FileManager.default.createFile(atPath: name, contents: nil) {
            throw PipelineError.cannotCreate(reason: "the journal \(name)")
        }
        try io("open") {
            let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: name))
            try handle.truncate(atOffset: UInt64(kept))
            try handle.seek(toOffset: UInt64(kept))
            lock.withLock { file = handle }
        }
        if kept == 0 { try append(plan) }
    }

    func write(_ line: Line) throws { try append(line) }

    /// Ends the journal of a run that left nothing to do.
    func remove() throws {
        lock.withLock { file = nil }
        try? FileManager.default.removeItem(atPath: try fileName())
    }

    /// Reads a journal as a run of the very plan that it begins with would.
    /// - Returns: how many bytes of whole lines there are.
    /// - Throws: `EvaluationError.damagedJournal`.
    public static func check(_ data: Data) throws -> Int {
        let first = data.prefix { $0 != UInt8(ascii: "\n") }
        guard let plan = try? JSONDecoder().decode(EvaluationPlan.self, from: first) else {
            throw EvaluationError.damagedJournal(offset: 0)
        }
        return try read(data, plan) { _ in }.length
    }

    /// How many bytes of whole lines there are; and where recordings have changed, the journal without what was found of them.
    private static func read(
        _ data: Data, _ plan: EvaluationPlan, _ finished: (Line) -> Void
    ) throws -> (length: Int, current: Data?) {
        var position = data.startIndex
        var isFirst = true
        var changed: Set<String> = []
        var current = try line(plan)
        while let end = data[position...].firstIndex(of: UInt8(ascii: "\n")) {
            let line = data[position..<end]
            do {
                if isFirst {
                    let earlier = try JSONDecoder().decode(EvaluationPlan.self, from: line)
                    if let difference = plan.difference(from: earlier) { throw EvaluationError.otherSettings(difference) }
                    changed = plan.changedFiles(since: earlier)
                } else {
                    let found = try JSONDecoder().decode(Line.self, from: line)
                    try found.check(plan)
                    if !changed.contains(found.item?.id ?? found.score?.item ?? "") {
                        finished(found)
                        current += line + Data("\n".utf8)
                    }
                }
            } catch is DecodingError {
                throw EvaluationError.damagedJournal(offset: position)
            } catch EvaluationError.malformed {
                throw EvaluationError.damagedJournal(offset: position)
            }
            isFirst = false
            position = end + 1
        }
        return (position, changed.isEmpty || isFirst ? nil : current)
    }

    private static func line(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(value) + Data("\n".utf8)
    }

    private func append(_ value: some Encodable) throws {
        let line = try Self.line(value)
        try io("write") { try lock.withLock { try file?.write(contentsOf: line) } }
    }

    private func fileName() throws -> String {
        guard let name = path.text else { throw PipelineError.cannotCreate(reason: "the journal's name is not UTF-8") }
        return name
    }

    private func io(_ operation: String, _ body: () throws -> Void) throws {
        do {
            try body()
        } catch {
            throw PipelineError.io(operation: operation, reason: error.localizedDescription)
        }
    }
}
