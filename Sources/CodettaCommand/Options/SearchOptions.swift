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
