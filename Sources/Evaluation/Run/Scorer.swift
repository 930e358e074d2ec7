import Codetta
import Foundation
import Platform

/// An external program that scores pairs of recordings, such as a neural estimate of listeners' opinions.
///
/// It runs once for all pairs. Its standard input has a line `REFERENCE⇥DEGRADED` per pair, the paths of two WAV files of the same
/// rate, channels and length; on its standard output it gives a line of JSON per pair, in the same order:
/// `{"scores": {"ovrl": 3.1}}` or `{"error": "why there is none"}`. In place of a number there may be an object with `value`
/// and `direction`, "higher" or "lower" for what is better; other keys are not looked at.
public struct Scorer: Sendable {
    /// What its scores begin with in results.
    public let name: String
    /// As given.
    public let command: String
    private let program: Program
    private let arguments: [String]

    /// - Parameter command: a program and its arguments, split at spaces with quotes honoured; no shell looks at it.
    /// - Throws: `EvaluationError.badCommand` or `.missingProgram`.
    public init(name: String, command: String) throws(EvaluationError) {
        self.name = name
        self.command = command
        let words = try CommandLineWords.split(command)
        program = try Program(named: words[0])
        arguments = Array(words.dropFirst())
    }

    /// A line of the program's output.
    private struct Line: Decodable {
        var scores: [String: Score?]?
        var error: String?
    }

    /// A number, or an object with more about it.
    private struct Score: Decodable {
        var value: Double?
        var direction: String?

        private enum CodingKeys: String, CodingKey { case value, direction }

        init(from decoder: any Decoder) throws {
            if let number = try? decoder.singleValueContainer().decode(Double.self) {
                value = number
                return
            }
            let container = try decoder.container(keyedBy: CodingKeys.self)
            value = try container.decodeIfPresent(Double.self, forKey: .value)
            direction = try container.decodeIfPresent(String.self, forKey: .direction)
        }

        var moreIsBetter: Bool? { direction == "higher" ? true : direction == "lower" ? false : nil }
    }

    /// Scores by name for each pair, the names with `NAME.` before them.
    /// - Parameter folder: where to put the lists.
    /// - Returns: the measures that the program gave, and one dictionary per pair with a value or a reason for each of them; the
    ///   reason of a program that failed as a whole under the scorer's own name.
    func score(_ pairs: [(reference: String, degraded: String)], folder: TemporaryFolder) -> (
        measures: [MeasureDefinition], scores: [[String: MetricValue]], failure: EvaluationError?
    ) {
        let (input, output) = (folder.path(UUID().uuidString), folder.path(UUID().uuidString))
        var failure: EvaluationError?
        do throws(EvaluationError) {
            let list = pairs.map { "\($0.reference)\t\($0.degraded)\n" }.joined()
            guard FileManager.default.createFile(atPath: input, contents: Data(list.utf8)) else {
                throw EvaluationError.programFailed(name, reason: "cannot be given its list: \(input) cannot be written")
            }
            try program.run(arguments, input: input, output: output, limit: 3600 + 60 * Double(pairs.count))
        } catch {
            failure = error
        }
        let text = String(decoding: FileManager.default.contents(atPath: output) ?? Data(), as: UTF8.self)
        let lines = text.split { $0.isNewline }.map { line in
            Result { try JSONDecoder().decode(Line.self, from: Data(line.utf8)) }
        }
        if failure == nil && lines.count != pairs.count {
            failure = .programFailed(name, reason: "gave \(lines.count) line(s) for \(pairs.count) pairs")
        }
        let names = Set(lines.flatMap { (try? $0.get().scores)?.keys.map { $0 } ?? [] }).sorted()
        let scores = pairs.indices.map { row in
            values(row < lines.count ? lines[row] : nil, names, failure)
        }
        let measures = names.map { score in
            let found = lines.lazy.compactMap { try? $0.get().scores?[score]??.moreIsBetter }.first
            return MeasureDefinition(name: "\(name).\(score)", title: "\(name).\(score)", moreIsBetter: found ?? nil)
        }
        return (measures.isEmpty ? [MeasureDefinition(name: name, title: name)] : measures, scores, failure)
    }

    /// No score is so large that results could not hold it.
    private static func checked(_ value: Double) -> MetricValue {
        DocumentChecks.any.contains(value) ? .value(value) : .undefined(.stated("\(value) is no score"))
    }

    private func values(_ line: Result<Line, any Error>?, _ names: [String], _ failure: EvaluationError?) -> [String: MetricValue] {
        let reason: String
        var given: [String: Score?] = [:]
        switch line {
        case .success(let line):
            given = line.scores ?? [:]
            reason = line.error ?? "\(self.name) gave none"
        case .failure: reason = "\(self.name) gave a line that is not its protocol's JSON"
        case nil: reason = failure.map { "\($0)" } ?? "\(self.name) gave none"
        }
        if names.isEmpty { return [name: .undefined(.stated(reason))] }
        return Dictionary(
            uniqueKeysWithValues: names.map { score in
                ("\(name).\(score)", given[score].flatMap { $0?.value }.map(Self.checked) ?? .undefined(.stated(reason)))
            })
    }
}
