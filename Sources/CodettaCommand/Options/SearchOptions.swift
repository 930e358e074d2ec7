import ArgumentParser
import Codetta

/// How hard to look for codes.
struct SearchOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            How to search for codes. greedy (default) is the fastest. beam:N keeps the N best sequences of codes in each frame and \
            refines the best one, in at most R rounds with beam:N:R. rate:N also weighs the bits that codes cost, with weight W \
            in rate:N:W (default: 1); it needs --entropy adaptive or lm. Decoding does not change.
            """,
            valueName: "method"))
    var search: String?

    static let form = """
        greedy, beam:N, beam:N:R, rate:N or rate:N:W (N 1 to \(CodeSearch.beamWidths.upperBound), \
        R 0 to \(CodeSearch.refinementCounts.upperBound), W above 0 up to \(Int(CodeSearch.rateWeights.upperBound)))
        """

    func validate() throws {
        if let search, CodeSearch(argument: search) == nil { throw ValidationError("--search \(search): expected \(Self.form).") }
    }

    /// Whether codes are chosen by what they cost.
    var weighsRate: Bool { search.flatMap(CodeSearch.init(argument:))?.rateWeight != nil }

    /// - Throws: `ValidationError` for a search that weighs the rate, in commands that write no file.
    func requireErrorOnly() throws {
        if weighsRate { throw ValidationError("--search rate works in 'encode' and 'evaluate --dataset', together with --entropy adaptive or lm.") }
    }

    /// `model` with encoders that search so.
    func applied(to model: Model) throws -> Model {
        try search.flatMap(CodeSearch.init(argument:)).map(model.searching) ?? model
    }
}

extension CodeSearch {
    /// `greedy`, `beam:N`, `beam:N:R`, `rate:N` or `rate:N:W`. Without R, a beam of 1 is not refined, so that it is the greedy search.
    init?(argument: String) {
        let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
        if parts == ["greedy"] {
            self = .greedy
            return
        }
        guard (2...3).contains(parts.count), let width = Int(parts[1]), Self.beamWidths.contains(width) else { return nil }
        let last = parts.count == 3 ? parts[2] : nil
        switch parts[0] {
        case "beam":
            let passes = last.map { Int($0) } ?? (width > 1 ? Self.defaultRefinement : 0)
            guard let passes, Self.refinementCounts.contains(passes) else { return nil }
            self.init(beamWidth: width, refinementPasses: passes)
        case "rate":
            let weight = last.map { Double($0) } ?? 1
            guard let weight, weight > 0, Self.rateWeights.contains(weight) else { return nil }
            self.init(beamWidth: width, rateWeight: weight)
        default: return nil
        }
    }
}
