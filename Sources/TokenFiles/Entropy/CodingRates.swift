import Platform
import Tokens

extension TokenHeader {
    /// What codes cost in files with this header, for one of its tracks at the beginning; nil for packed codes, which all cost the same.
    /// - Parameter entropyModel: the one that the header names.
    /// - Throws: `TokenStreamError` in mode `lm` without its model, or with one that does not fit.
    public func makeCodeRates(entropyModel: EntropyModel?) throws(TokenStreamError) -> (any CodeRates)? {
        let period = paging.map { $0.layout.pagesPerModel * $0.layout.framesPerPage } ?? AdaptiveChunks.chunksPerModel * framesPerChunk
        switch entropy {
        case .none: return nil
        case .adaptive: return AdaptiveRates(sizes: layout.codebooks.map(\.size), period: period)
        case .lm:
            guard let model = try checkedEntropyModel(entropyModel) else { throw missingEntropyModel }
            return LearnedRates(model, period: period)
        }
    }
}

/// What the frequencies of the codes so far make of the next one: a simple stand-in for the contexts of entropy mode `adaptive`.
struct AdaptiveRates: CodeRates {
    /// Frames after which the coder forgets what it learnt.
    private let period: Int
    private let sizes: [Int]
    private var frames = 0
    /// How often each code came.
    private var counts: [[Int]]
    /// −log₂(count + `unseen`).
    private var costs: [[Float]]

    /// What a code that never came counts as; low, since the coder has nothing to predict it from.
    private static let unseen = 0.1

    init(sizes: [Int], period: Int) {
        self.period = period
        self.sizes = sizes
        counts = sizes.map { Array(repeating: 0, count: $0) }
        costs = sizes.map { Array(repeating: Self.cost(0), count: $0) }
    }

    private static func cost(_ count: Int) -> Float { Float(-log2(Double(count) + unseen)) }

    func bits(of codebook: Int, given frames: [[Int32]]) -> [[Float]] {
        let total = Float(log2(Double(self.frames) + Self.unseen * Double(sizes[codebook])))
        return Array(repeating: costs[codebook].map { total + $0 }, count: frames.count)
    }

    mutating func advance(by frame: [Int32]) {
        frames += 1
        if frames == period {
            self = AdaptiveRates(sizes: sizes, period: period)
            return
        }
        for (k, code) in frame.enumerated() {
            counts[k][Int(code)] += 1
            costs[k][Int(code)] = Self.cost(counts[k][Int(code)])
        }
    }
}

/// What an `EntropyModel` makes of the next code.
struct LearnedRates: CodeRates {
    /// Frames after which the coder forgets what it learnt.
    private let period: Int
    private let model: EntropyModel
    private var frames = 0
    private var place: EntropyNetwork.Place

    init(_ model: EntropyModel, period: Int) {
        self.period = period
        self.model = model
        var network = EntropyNetwork(model)
        place = network.start()
        // The coder takes an empty frame in before the first one.
        network.advance(&place, by: network.emptyFrame)
    }

    func bits(of codebook: Int, given frames: [[Int32]]) -> [[Float]] {
        var network = EntropyNetwork(model)
        network.prepare(codebook, at: place)
        let greatest = network.predict(after: frames.map { sum($0, network) })
        let (weights, bits) = (model.tables.exponential, model.tables.bits)
        return greatest.enumerated().map { frame, greatest in
            let logits = network.logits[frame * model.codebookSize..<(frame + 1) * model.codebookSize]
            let total = logits.reduce(0) { $0 + weights[EntropyTables.weight($1, greatest: greatest)] }
            let bitsOfTotal = Float(log2(Double(total)))
            return logits.map { bitsOfTotal + bits[EntropyTables.weight($0, greatest: greatest)] }
        }
    }

    mutating func advance(by frame: [Int32]) {
        frames += 1
        if frames == period {
            self = LearnedRates(model, period: period)
            return
        }
        var network = EntropyNetwork(model)
        network.advance(&place, by: sum(frame, network))
    }

    private func sum(_ frame: [Int32], _ network: EntropyNetwork) -> [Int32] {
        var sum = network.emptyFrame
        for (k, code) in frame.enumerated() where code >= 0 { network.add(Int(code), of: k, to: &sum) }
        return sum
    }
}
