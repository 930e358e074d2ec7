/// The evidence for one decision: a log odds and a confidence class per input.
struct MixerInputs {
    static let count = 17
    /// The input of the trained network; silent when there is none.
    static let learned = 16

    /// Places of the inputs' slots, −1 for an input that says nothing.
    private(set) var places = [Int](repeating: -1, count: count)
    /// The slots as found.
    private(set) var slots = [UInt32](repeating: 0, count: count)
    /// Log odds in 1/256.
    private(set) var odds = [Int](repeating: 0, count: count)
    /// 0 for no evidence, then by doublings of the count up to 8.
    private(set) var classes = [Int](repeating: 0, count: count)

    static let classCount = 9

    mutating func clear(_ i: Int) {
        (places[i], odds[i], classes[i]) = (-1, 0, 0)
    }

    /// Sets the learned model's input to a probability in 1/65536.
    mutating func setLearned(_ probability: Int) {
        odds[Self.learned] = Int(Logistic.stretch[min(probability, 65535) >> 4])
        classes[Self.learned] = 1
    }

    mutating func set(_ i: Int, place: Int, slot: UInt32) {
        let count = Int(slot >> 16 & 0xFF)
        places[i] = place
        slots[i] = slot
        odds[i] = Int(Logistic.stretch[Int(slot & 0xFFFF) >> 4])
        classes[i] = count == 0 ? 0 : min(8, Int.bitWidth - (count - 1).leadingZeroBitCount + 1)
    }
}

/// A gated logistic mixer: a set of weights, one for each input and confidence class, sums the inputs' log odds and follows the
/// gradient of the coding cost.
struct Mixer {
    private var weights: [Int32]
    private static let perSet = MixerInputs.count * MixerInputs.classCount
    /// The weight of an input at the start, 0.15. In confidence class 0, where the input has seen nothing yet, it is 0.
    private static let start: Int32 = 9830
    /// The weight of a learned model at the start, 1: it is trusted until the file shows otherwise.
    private static let learnedStart: Int32 = 65536
    /// The weight of the other inputs at the start where there is a learned model, one thirtieth.
    private static let startBesideLearned: Int32 = 2185
    /// Weights stay within ±16, so that hostile input cannot make sums overflow.
    private static let bound = 1 << 20

    init(sets: Int, hasLearned: Bool) {
        let set = (0..<Self.perSet).map { place -> Int32 in
            if place % MixerInputs.classCount == 0 { return 0 }
            let isLearned = place / MixerInputs.classCount == MixerInputs.learned
            return isLearned ? Self.learnedStart : hasLearned ? Self.startBesideLearned : Self.start
        }
        weights = []
        weights.reserveCapacity(sets * Self.perSet)
        for _ in 0..<sets { weights += set }
    }

    /// The mixed log odds.
    func mix(_ inputs: MixerInputs, set: Int) -> Int {
        var sum = 0
        for i in 0..<MixerInputs.count where inputs.odds[i] != 0 {
            sum += Int(weights[place(inputs, i, set)]) * inputs.odds[i]
        }
        return Logistic.clamp(sum >> 16)
    }

    /// Moves the weights of `set`, whose `output` was followed by `bit`.
    mutating func learn(_ inputs: MixerInputs, set: Int, output: Int, bit: Int) {
        let error = bit << 16 - Logistic.squash(output)
        for i in 0..<MixerInputs.count where inputs.odds[i] != 0 {
            let place = place(inputs, i, set)
            let moved = Int(weights[place]) + (inputs.odds[i] * error) >> 13
            weights[place] = Int32(min(max(moved, -Self.bound), Self.bound))
        }
    }

    private func place(_ inputs: MixerInputs, _ i: Int, _ set: Int) -> Int {
        set * Self.perSet + i * MixerInputs.classCount + inputs.classes[i]
    }
}
