import Foundation
import Metrics
import Platform

/// What systems cost and keep on a data set: the document that `codetta evaluate --dataset … --json` writes, from which tables
/// and reports are made.
///
/// Rates are in kb/s of 1000 bit, times in seconds. Items, systems and measures are named by their `id` or `name`; every
/// score and summary refers to one that is listed.
public struct EvaluationResults: Sendable, Hashable, Codable {
    /// Name and version of this layout.
    public static let schemaName = "codetta-evaluation/1"

    /// `schemaName`.
    public let schema: String
    /// The program that made the document, with its version.
    public var producer: String
    /// How the evaluation was made.
    public var settings: EvaluationSettings
    /// The recordings.
    public var dataset: EvaluatedDataset
    /// What was measured, in the order in which it is to be shown.
    public var measures: [MeasureDefinition]
    /// In the order in which they were asked for.
    public var systems: [EvaluatedSystem]
    /// One per item and system, item by item in the order of `dataset`, and within an item in the order of `systems`.
    public var scores: [ItemScore]
    /// One per system, in the order of `systems`.
    public var summaries: [SystemSummary]
    /// Each model against every other system, by measure.
    public var comparisons: [PairedComparison]

    /// A document of the current schema. Its parts must refer to one another as the properties say.
    public init(
        producer: String, settings: EvaluationSettings, dataset: EvaluatedDataset, measures: [MeasureDefinition],
        systems: [EvaluatedSystem], scores: [ItemScore], summaries: [SystemSummary], comparisons: [PairedComparison]
    ) {
        schema = Self.schemaName
        self.producer = producer
        self.settings = settings
        self.dataset = dataset
        self.measures = measures
        self.systems = systems
        self.scores = scores
        self.summaries = summaries
        self.comparisons = comparisons
    }

    /// - Throws: `EvaluationError.unknownSchema` before anything else is looked at.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        schema = try container.decode(String.self, forKey: .schema)
        guard schema == Self.schemaName else { throw EvaluationError.unknownSchema(schema) }
        producer = try container.decode(String.self, forKey: .producer)
        settings = try container.decode(EvaluationSettings.self, forKey: .settings)
        dataset = try container.decode(EvaluatedDataset.self, forKey: .dataset)
        measures = try container.decode([MeasureDefinition].self, forKey: .measures)
        systems = try container.decode([EvaluatedSystem].self, forKey: .systems)
        scores = try container.decode([ItemScore].self, forKey: .scores)
        summaries = try container.decode([SystemSummary].self, forKey: .summaries)
        comparisons = try container.decode([PairedComparison].self, forKey: .comparisons)
        try checkReferences()
        try DocumentChecks.check(self)
    }

    /// Reads a document.
    /// - Throws: `EvaluationError.unknownSchema`, or `.malformed` with the place.
    public init(json: Data) throws(EvaluationError) {
        do {
            self = try JSONDecoder().decode(Self.self, from: json)
        } catch let error as EvaluationError {
            throw error
        } catch let error as DecodingError {
            throw .malformed(error.place)
        } catch {
            throw .malformed("\(error)")
        }
    }

    /// The document with its keys in alphabetical order, so that equal results give equal bytes.
    public func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
        return Data((String(decoding: try encoder.encode(self), as: UTF8.self).escapingControlsOfJSON + "\n").utf8)
    }

    /// - Throws: `EvaluationError.malformed` for ids that occur twice or refer to nothing, and for two scores of one item and system.
    private func checkReferences() throws(EvaluationError) {
        let items = try Self.unique(dataset.items.map(\.id), "item")
        let systems = try Self.unique(systems.map(\.id), "system")
        let measures = try Self.unique(measures.map(\.name), "measure")
        func check(_ name: String, _ known: Set<String>, _ kind: String) throws(EvaluationError) {
            if !known.contains(name) { throw .malformed("\(kind) \"\(name)\" is referred to but not listed") }
        }
        var pairs: Set<[String]> = []
        for score in scores {
            guard pairs.insert([score.item, score.system]).inserted else {
                throw .malformed("item \"\(score.item)\" has two scores of system \"\(score.system)\"")
            }
            try check(score.item, items, "item")
            try check(score.system, systems, "system")
            for name in score.measures.keys { try check(name, measures, "measure") }
        }
        _ = try Self.unique(summaries.map(\.system), "summary of system")
        for summary in summaries {
            try check(summary.system, systems, "system")
            _ = try Self.unique(summary.measures.map(\.measure), "summary of measure")
            for measure in summary.measures { try check(measure.measure, measures, "measure") }
        }
        for comparison in comparisons {
            try check(comparison.first, systems, "system")
            try check(comparison.second, systems, "system")
            try check(comparison.measure, measures, "measure")
        }
    }

    private static func unique(_ names: [String], _ kind: String) throws(EvaluationError) -> Set<String> {
        var seen: Set<String> = []
        for name in names where !seen.insert(name).inserted {
            throw .malformed("\(kind) \"\(name)\" is listed twice")
        }
        return seen
    }
}

extension DecodingError {
    /// Where in the document, and what is wrong there, on one line.
    fileprivate var place: String {
        let context: Context
        switch self {
        case .typeMismatch(_, let found), .valueNotFound(_, let found), .keyNotFound(_, let found), .dataCorrupted(let found):
            context = found
        @unknown default: return "\(self)"
        }
        let path = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? ".\($0.stringValue)" }.joined()
        return "at \(path.isEmpty ? "the top" : path): \(context.debugDescription)"
    }
}
