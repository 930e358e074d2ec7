/// How hard a residual quantizer looks for codes. Any code decodes as before: decoder and file format do not change.
///
/// Greedy stages commit to the nearest codeword one after the other. A beam keeps the `beamWidth` sequences that leave the
/// least error after each stage, and refinement then chooses each codeword anew, given all others, pass after pass
/// ("Improving Test-Time Performance of RVQ-based Neural Codecs"). Both aim at the bitrate that is encoded: the first
/// codebooks of a searched code are a worse coarse code than the greedy ones.
public struct CodeSearch: Sendable, Hashable, CustomStringConvertible {
    /// Sequences kept after each stage.
    public let beamWidth: Int
    /// Most rounds of choosing each codeword anew; a frame that a round did not change is done.
    public let refinementPasses: Int

    public static let beamWidths = 1...64
    public static let refinementCounts = 0...64
    /// Passes that leave next to nothing to gain.
    public static let defaultRefinement = 8

    /// Stage by stage, the nearest codeword each: what the other searches never do worse than.
    public static let greedy = CodeSearch(beamWidth: 1, refinementPasses: 0)

    /// - Parameters:
    ///   - beamWidth: one of `beamWidths`; 1 without refinement is the greedy choice, whatever the quantizer.
    ///   - refinementPasses: one of `refinementCounts`.
    public init(beamWidth: Int, refinementPasses: Int) {
        precondition(Self.beamWidths.contains(beamWidth), "beam width \(beamWidth), not in \(Self.beamWidths)")
        precondition(Self.refinementCounts.contains(refinementPasses), "\(refinementPasses) refinement passes, not in \(Self.refinementCounts)")
        self.beamWidth = beamWidth
        self.refinementPasses = refinementPasses
    }

    public var description: String {
        self == .greedy ? "greedy" : "beam:\(beamWidth):\(refinementPasses)"
    }
}

/// A quantizer whose codewords add up, so that codes can be searched for across its codebooks.
public protocol SearchableQuantizer: Quantizer {
    /// How `quantize` finds codes; greedy unless set. The squared error of a frame is never above the greedy one's,
    /// measured where the codewords add up (inside a projection around all stages, if there is one).
    var search: CodeSearch { get set }
}
