import Tokens

/// The order in which a language model reads and writes the codes of several codebooks.
///
/// A pattern puts every code into one step; a step holds at most one code of each codebook. Codebooks may be ragged:
/// code t of a codebook of stride n stands at base frame t·n.
public struct CodebookPattern: Sendable, Hashable {
    /// The known orders.
    public enum Kind: Sendable, Hashable {
        /// One code per step: frame by frame, within a frame from the first codebook to the last. For SNAC's strides this is its
        /// usual order, 0 1 2 2 1 2 2.
        case flatten
        /// All codes of a base frame in one step.
        case parallel
        /// Codebook k comes k steps after its frame (Copet et al. 2023).
        case delay
        /// As `delay`, but over frames in an order that keeps frames which are open at the same time apart
        /// (after Le Lan et al. 2023): blocks of twice as many frames as there are codebooks, the odd ones of a block first.
        /// Of ragged codes it reorders superframes.
        case stackAndDelay
        /// First all codes of the first `codebooks` codebooks, then the others, one code per step and frame by frame
        /// (Borsos et al. 2022, AudioLM).
        case coarseFirst(codebooks: Int)
    }

    /// Most codes that one schedule holds: two days of twelve codebooks at 50 Hz.
    static let maximumCodes = 1 << 27

    /// Which order it is.
    public let kind: Kind
    /// Base frames that a code of each codebook covers, each at least 1.
    public let strides: [Int]

    /// Number of codebooks.
    public var codebookCount: Int { strides.count }

    /// - Throws: `TokenLMError.option` without codebooks, for a stride outside 1...65536, and for a number of coarse codebooks
    ///   that leaves no others.
    public init(_ kind: Kind, strides: [Int]) throws(TokenLMError) {
        if strides.isEmpty || strides.count > 1024 {
            throw .option(name: "pattern", reason: "of \(strides.count) codebooks, expected 1...1024")
        }
        if let stride = strides.first(where: { !(1...65_536).contains($0) }) {
            throw .option(name: "pattern", reason: "with a stride of \(stride), expected 1...65536")
        }
        if case .coarseFirst(let count) = kind, !(1...strides.count).contains(count) {
            throw .option(name: "coarse codebooks", reason: "\(count), expected 1...\(strides.count)")
        }
        self.kind = kind
        self.strides = strides
    }

    /// Where every code of `frames` base frames stands; the last code of a codebook may reach beyond them.
    /// - Throws: `TokenLMError.option` for a negative number of frames or one of more than 2²⁷ codes.
    public func schedule(frames: Int) throws(TokenLMError) -> PatternSchedule {
        PatternSchedule(pattern: self, frames: frames, lengths: try lengths(frames: frames), key: key(frames: frames))
    }

    /// Codes of each codebook that `frames` base frames take, without laying them out.
    /// - Throws: as `schedule(frames:)`.
    func lengths(frames: Int) throws(TokenLMError) -> [Int] {
        guard frames >= 0, frames <= Self.maximumCodes / codebookCount else {
            throw .option(name: "length", reason: "of \(frames) frames, expected 0...\(Self.maximumCodes / codebookCount)")
        }
        return strides.map { (frames + $0 - 1) / $0 }
    }

    /// The base frames that `codes` fill.
    /// - Throws: `TokenLMError.codes` for another number of codebooks, and for lengths that no number of frames gives.
    public func frameCount(of codes: Codes) throws(TokenLMError) -> Int {
        let lengths = codes.streams.map(\.count)
        guard lengths.count == codebookCount else {
            throw .codes("\(lengths.count) codebooks, expected \(codebookCount)")
        }
        var (least, most) = (0, Int.max)
        for (length, stride) in zip(lengths, strides) {
            let (end, overflow) = length.multipliedReportingOverflow(by: stride)
            if overflow { throw .codes("\(length) codes of stride \(stride) are too many") }
            least = max(least, end - stride + 1)
            most = min(most, end)
        }
        guard least <= most else { throw .codes("streams of \(lengths) codes with strides \(strides) differ in length") }
        return most
    }

    /// A number for a code of codebook k at a base frame: steps follow these numbers, equal ones share a step.
    private func key(frames: Int) -> (_ codebook: Int, _ frame: Int) -> Int {
        let count = codebookCount
        switch kind {
        case .parallel: return { _, frame in frame }
        case .delay: return { codebook, frame in frame + codebook }
        case .flatten: return { codebook, frame in frame * count + codebook }
        case .coarseFirst(let coarse):
            return { codebook, frame in (codebook < coarse ? frame : frames + frame) * count + codebook }
        case .stackAndDelay:
            // Where the strides have no common multiple within the signal, all of it is one superframe.
            let layout = CodeLayout(codebooks: strides.map { .init(size: 2, stride: $0) }, hopLength: 1, sampleRate: 1)
            let superframe = min(layout.superframe, max(frames, 1))
            let order = BlockOrder(units: (frames + superframe - 1) / superframe, half: count)
            return { codebook, frame in order.position(of: frame / superframe) * superframe + frame % superframe + codebook }
        }
    }
}

/// Units in blocks of 2·half, the odd ones of a block before the even ones: no two neighbours are within `half` places,
/// but in the last block, which may be shorter.
private struct BlockOrder {
    let units: Int
    let half: Int

    func position(of unit: Int) -> Int {
        let place = unit % (2 * half)
        let start = unit - place
        let odd = min(2 * half, units - start) / 2
        return start + place / 2 + (place % 2 == 1 ? 0 : odd)
    }
}
