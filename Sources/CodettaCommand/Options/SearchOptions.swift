import ArgumentParser
import Codetta

/// How hard to look for codes.
struct SearchOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            greedy (default), beam:N (the N best code sequences of each frame, then refined) or beam:N:R (R rounds of \
            refinement at most). Files and decoders stay as they are.
            """,
            valueName: "method"))
    var search: String?

    static let form = "greedy, beam:N or beam:N:R (N 1 to \(CodeSearch.beamWidths.upperBound), R 0 to \(CodeSearch.refinementCounts.upperBound))"

    func validate() throws {
        if let search, CodeSearch(argument: search) == nil { throw ValidationError("--search \(search): expected \(Self.form).") }
    }

    /// `model` with encoders that search so.
    func applied(to model: LoadedModel) throws -> LoadedModel {
        var model = model
        if let search = search.flatMap(CodeSearch.init(argument:)) { model.codec = try model.codec.searching(search) }
        return model
    }
}

extension CodeSearch {
    /// `greedy`, `beam:N` or `beam:N:R`. Without R, a beam of 1 is not refined, so that it is the greedy search.
    init?(argument: String) {
        let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
        let numbers = parts.dropFirst().compactMap { Int($0) }
        guard parts.first == (numbers.isEmpty ? "greedy" : "beam"), numbers.count == parts.count - 1, numbers.count <= 2 else {
            return nil
        }
        let width = numbers.first ?? 1
        let passes = numbers.count == 2 ? numbers[1] : width > 1 ? Self.defaultRefinement : 0
        guard Self.beamWidths.contains(width), Self.refinementCounts.contains(passes) else { return nil }
        self.init(beamWidth: width, refinementPasses: passes)
    }
}
