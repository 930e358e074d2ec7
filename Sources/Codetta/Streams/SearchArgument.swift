import Quantizers

extension CodeSearch {
    /// `greedy`, `beam:N`, `beam:N:R`, `rate:N` or `rate:N:W`. Without R, a beam of 1 is not refined, so that it is the greedy search.
    package init?(argument: String) {
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
