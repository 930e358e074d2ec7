import Kernels

/// How hard a residual quantizer looks for codes. Any code decodes as before: decoder and file format do not change.
///
/// Greedy stages commit to the nearest codeword one after the other. A beam keeps the `beamWidth` sequences that leave the
/// least error after each stage, and refinement then chooses each codeword anew, given all others, pass after pass
/// ("Improving Test-Time Performance of RVQ-based Neural Codecs"). Both aim at the bitrate that is encoded: the first
/// codebooks of a searched code are a worse coarse code than the greedy ones.
///
/// A search that weighs the rate keeps the sequences of the least error plus `rateWeight` times their price in bits, as an
/// entropy coder will code them (Chou, Lookabaugh and Gray 1989, "Entropy-constrained vector quantization"). It needs to know
/// what codes cost: see `RateSearch`.
public struct CodeSearch: Sendable, Hashable, CustomStringConvertible {
    /// Sequences kept after each stage.
    public let beamWidth: Int
    /// Most rounds of choosing each codeword anew; a frame that a round did not change is done.
    public let refinementPasses: Int
    /// What a bit is worth; nil where all codes cost the same. At 1 it is worth as much error as a bit of the last codebook takes
    /// away: the mean energy of that codebook's codewords, divided by the bits of its codes.
    public let rateWeight: Double?

    /// Widths that can be asked for.
    public static let beamWidths = 1...64
    /// Numbers of refinement rounds that can be asked for.
    public static let refinementCounts = 0...64
    /// Exclusive of 0.
    public static let rateWeights = 0.0...100
    /// Passes that leave next to nothing to gain.
    public static let defaultRefinement = 8

    /// Stage by stage, the nearest codeword each: what the other searches by error alone never do worse than.
    public static let greedy = CodeSearch(beamWidth: 1, refinementPasses: 0)

    /// - Parameters:
    ///   - beamWidth: one of `beamWidths`; 1 without refinement is the greedy choice, whatever the quantizer.
    ///   - refinementPasses: one of `refinementCounts`.
    public init(beamWidth: Int, refinementPasses: Int) {
        precondition(Self.beamWidths.contains(beamWidth), "beam width \(beamWidth), not in \(Self.beamWidths)")
        precondition(Self.refinementCounts.contains(refinementPasses), "\(refinementPasses) refinement passes, not in \(Self.refinementCounts)")
        self.beamWidth = beamWidth
        self.refinementPasses = refinementPasses
        rateWeight = nil
    }

    /// - Parameters:
    ///   - beamWidth: one of `beamWidths`.
    ///   - rateWeight: above 0, within `rateWeights`.
    public init(beamWidth: Int, rateWeight: Double) {
        precondition(Self.beamWidths.contains(beamWidth), "beam width \(beamWidth), not in \(Self.beamWidths)")
        precondition(rateWeight > 0 && Self.rateWeights.contains(rateWeight), "rate weight \(rateWeight), not in \(Self.rateWeights)")
        self.beamWidth = beamWidth
        refinementPasses = 0
        self.rateWeight = rateWeight
    }

    /// One line for people.
    public var description: String {
        if let rateWeight {
            return "rate:\(beamWidth):" + (rateWeight == rateWeight.rounded() ? "\(Int(rateWeight))" : "\(rateWeight)")
        }
        return self == .greedy ? "greedy" : "beam:\(beamWidth):\(refinementPasses)"
    }
}

/// A quantizer whose codewords add up, so that codes can be searched for across its codebooks.
public protocol SearchableQuantizer: Quantizer {
    /// How `quantize` finds codes; greedy unless set. The squared error of a frame is never above the greedy one's,
    /// measured where the codewords add up (inside a projection around all stages, if there is one). `quantize` does not know
    /// what codes cost: there, a search that weighs the rate is a plain beam search.
    var search: CodeSearch { get set }
    /// What there is to search with `codebooks` codebooks, each codebook in one part.
    func searchParts(codebooks: Int) -> [SearchPart]
}

/// Codebooks of a quantizer whose codewords add up to one target.
public struct SearchPart: Sendable {
    /// Indices of the codebooks, in the order of the streams, rising.
    var streams: [Int]
    let codebooks: [PackedCodebook]
    /// From latents `[time, dimension]` to what the codewords should add up to.
    var target: @Sendable (Frames) -> Frames
}
