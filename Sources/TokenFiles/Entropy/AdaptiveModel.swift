import Tokens

/// Predicts codes from the codes before them, one binary decision after another from the most significant bit down, and learns each
/// decision once it is known. Integers alone, so that every machine predicts the same. Docs/container-1.md, "Adaptive payloads",
/// specifies every step; the method is that of context-mixing compressors (Mahoney 2005).
///
/// Takes at most about 10 MiB whatever the layout: contexts share one table.
final class AdaptiveModel {
    private let codebooks: [CodeLayout.Codebook]

    /// Evidence of hashed contexts: probability of a 1 in the low 16 bits, 8 bits of count, 8 bits that tell contexts apart.
    private var slots: [UInt32]
    /// There are 2^slotBits slots.
    private let slotBits: UInt32
    /// Evidence of how far a guessed code is right: by guess, its last four outcomes, bits left and guessed bit.
    private var guessSlots: [UInt32]
    /// The code that last followed a hashed context, plus one; 0 before there is one.
    private var followers: [UInt32]
    /// The last three codes of each stream, each plus one.
    private var recent: [(UInt32, UInt32, UInt32)]
    /// The last four outcomes of each stream's guesses, newest in bit 0.
    private var outcomes: [UInt8]
    /// Weights by which guesses agree and by bits left, 16.16 fixed point.
    private var agreementMixer: Mixer
    private var depthMixer: Mixer
    private var inputs = MixerInputs()
    /// The trained network; nil in entropy mode `adaptive`.
    private let predictor: CodePredictor?

    static let contextCount = 10
    /// Exponents of the size of the table of contexts.
    static let tableSizes = 12...21
    private static let guessCount = 6
    private static let emptySlot: UInt32 = 1 << 15

    /// The exponent of a table with slots enough for `decisions` binary decisions, up to a bound.
    static func tableBits(decisions: Int) -> Int {
        let wanted = Int.bitWidth - (decisions * contextCount - 1).leadingZeroBitCount
        return min(max(wanted, tableSizes.lowerBound), tableSizes.upperBound)
    }

    /// A model that knows nothing yet of the file.
    /// - Parameters:
    ///   - learned: the trained network; its codebooks must be those of the codes.
    ///   - tableBits: the exponent of the size of the table of contexts, one of `tableSizes`.
    init(_ header: TokenHeader, learned: EntropyModel?, tableBits: Int) {
        predictor = learned.map { CodePredictor($0, trackCount: header.trackCount) }
        agreementMixer = Mixer(sets: 1 << Self.guessCount, hasLearned: learned != nil)
        depthMixer = Mixer(sets: 32, hasLearned: learned != nil)
        codebooks = header.layout.codebooks
        let streams = codebooks.count * header.trackCount
        slotBits = UInt32(tableBits)
        slots = Array(repeating: Self.emptySlot, count: 1 << slotBits)
        guessSlots = Array(repeating: Self.emptySlot, count: Self.guessCount * 16 * 32 * 2)
        followers = Array(repeating: 0, count: 1 << 16)
        recent = Array(repeating: (0, 0, 0), count: streams)
        outcomes = Array(repeating: 0, count: streams * Self.guessCount)
    }

    /// Codes `code`, the next one of `codebook` in `track`; a decoder gives any and gets the one that it reads.
    func code<Coder: BinaryCoder>(
        _ code: UInt32, track: Int, codebook: Int, using coder: inout Coder
    ) throws(Coder.Failure) -> UInt32 {
        let size = codebooks[codebook].size
        let width = codebooks[codebook].bits
        let contexts = contexts(track: track, codebook: codebook)
        let stream = track * codebooks.count + codebook
        predictor?.predict(track: track, codebook: codebook)
        var node: UInt32 = 1
        for depth in stride(from: width - 1, through: 0, by: -1) {
            let first = (Int(node) * 2 + 1) << depth - 1 << width
            guard first < size else {
                // No code of the codebook has a 1 here.
                node <<= 1
                continue
            }
            let agreement = collect(contexts, node: node, width: width, depth: depth, stream: stream)
            if let predictor {
                let half = 1 << depth
                let codes = first - half..<first + half
                inputs.setLearned(predictor.probability(ofUpperHalf: codes, half: half))
            }
            let (byAgreement, byDepth) = (
                agreementMixer.mix(inputs, set: agreement), depthMixer.mix(inputs, set: depth)
            )
            let probability = min(max(Logistic.squash((byAgreement + byDepth) >> 1), 32), 65504)
            let bit = try coder.code(Int(code >> UInt32(depth) & 1), probability: UInt32(probability))
            agreementMixer.learn(inputs, set: agreement, output: byAgreement, bit: bit)
            depthMixer.learn(inputs, set: depth, output: byDepth, bit: bit)
            learn(bit)
            node = node << 1 | UInt32(bit)
        }
        let found = node - UInt32(1) << UInt32(width)
        remember(found, contexts, stream: stream)
        predictor?.learn(Int(found), track: track, codebook: codebook)
        return found
    }

    // MARK: Contexts

    /// What a code is predicted from, with codes plus one and 0 for none.
    private struct Contexts {
        /// Hashes of the contexts but for the node; nil where the context is not there.
        var hashes: [UInt32?]
        /// Guessed codes plus one.
        var guesses: [UInt32]
        /// Places in `followers` to learn at; nil where the context is not there.
        var followerPlaces: [Int?]
    }

    private func contexts(track: Int, codebook: Int) -> Contexts {
        let stream = track * codebooks.count + codebook
        let (last, second, third) = recent[stream]
        let below = codebook >= 1 ? recent[stream - 1].0 : 0
        let belowBelow = codebook >= 3 ? recent[stream - 2].0 : 0
        let lowest = codebook >= 2 ? recent[track * codebooks.count].0 : 0
        let otherTrack = track >= 1 ? recent[stream - codebooks.count].0 : 0
        let pairs: [(UInt32, UInt32)] = [
            (1, 0), (last, 0), (below, 0), (lowest, 0), (last, below), (last, second), (below, lowest), (second, 0),
            (belowBelow, 0), (otherTrack, 0),
        ]
        let hashes = pairs.enumerated().map { i, pair -> UInt32? in
            pair.0 == 0 ? nil : Self.hash(Self.hash(Self.hash(UInt32(i), UInt32(codebook)), pair.0), pair.1)
        }
        let places = [last, below, lowest].enumerated().map { i, code -> Int? in
            code == 0 ? nil : Int(Self.hash(Self.hash(UInt32(16 + i), UInt32(stream)), code) >> 16)
        }
        let guesses = [last, second, third] + places.map { $0.map { followers[$0] } ?? 0 }
        return Contexts(hashes: hashes, guesses: guesses, followerPlaces: places)
    }

    private static func hash(_ state: UInt32, _ value: UInt32) -> UInt32 {
        let product = (state ^ value) &* 0x9E37_79B1
        let mixed = (product ^ product >> 15) &* 0x85EB_CA77
        return mixed ^ mixed >> 13
    }

    /// Sets up the inputs for the decision at `node` and returns the set of guesses that agree with it.
    private func collect(_ contexts: Contexts, node: UInt32, width: Int, depth: Int, stream: Int) -> Int {
        for (i, hash) in contexts.hashes.enumerated() {
            guard let hash else {
                inputs.clear(i)
                continue
            }
            let key = Self.hash(hash, node)
            let place = Int(key >> (32 - slotBits))
            let found = slots[place]
            let evidence = found >> 24 == key & 0xFF ? found & 0xFF_FFFF : Self.emptySlot
            inputs.set(i, place: place, slot: (key & 0xFF) << 24 | evidence)
        }
        var agreement = 0
        for (i, guess) in contexts.guesses.enumerated() {
            let leading = Int(guess) - 1 + 1 << width
            guard guess > 0, Int(guess) <= 1 << width, leading >> (depth + 1) == Int(node) else {
                inputs.clear(Self.contextCount + i)
                continue
            }
            agreement |= 1 << i
            let outcome = Int(outcomes[stream * Self.guessCount + i])
            let place = ((i * 16 + outcome) * 32 + depth) * 2 + leading >> depth & 1
            inputs.set(Self.contextCount + i, place: place, slot: guessSlots[place])
        }
        return agreement
    }

    // MARK: Learning

    /// Moves the probability of each slot towards `bit`, by 1 / (count + 3) of the way.
    private func learn(_ bit: Int) {
        for i in 0..<MixerInputs.count {
            let place = inputs.places[i]
            guard place >= 0 else { continue }
            let slot = inputs.slots[i]
            let (probability, count) = (Int(slot & 0xFFFF), Int(slot >> 16 & 0xFF))
            let step = ((bit == 1 ? 65535 : 0) - probability) * (65536 / (count + 3))
            let moved = probability + step >> 16
            let learnt = slot & 0xFF00_0000 | UInt32(min(count + 1, 255)) << 16 | UInt32(moved)
            if i < Self.contextCount { slots[place] = learnt } else { guessSlots[place] = learnt }
        }
    }

    private func remember(_ code: UInt32, _ contexts: Contexts, stream: Int) {
        for (i, guess) in contexts.guesses.enumerated() where guess > 0 {
            let place = stream * Self.guessCount + i
            outcomes[place] = (outcomes[place] << 1 | (guess == code + 1 ? 1 : 0)) & 15
        }
        for case let place? in contexts.followerPlaces { followers[place] = code + 1 }
        recent[stream] = (code + 1, recent[stream].0, recent[stream].1)
    }
}
