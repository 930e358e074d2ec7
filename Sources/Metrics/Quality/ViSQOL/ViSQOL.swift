import Platform
import Spectral

/// The objective quality that ViSQOL v3 predicts: Hines, Skoglund, Kokaram and Harte, "ViSQOL: an objective speech quality
/// model" (2015), and Chinen, Lim, Skoglund, Gureev, O'Gorman and Hines, "ViSQOL v3" (2020).
///
/// The degraded signal is aligned by its envelope and scaled to the reference's level; gammatone spectrograms are cut into
/// patches of the reference, each is searched in the degraded signal, aligned again in time, and the similarities (NSIM) are
/// averaged over patches and bands. Signals over a minute are measured in equal parts of 30 s or more, each with its own
/// alignment, and patches of all parts weigh the same, so that memory and time stay bounded by the length.
public struct ViSQOL: Sendable {
    /// What the reference implementation calls its speech and audio modes.
    public enum Mode: String, Sendable, Hashable, Codable, CaseIterable {
        /// 16 kHz, 21 bands to 8 kHz, patches of 0.4 s in which there is speech.
        case speech
        /// 48 kHz, 32 bands to 24 kHz, patches of 0.6 s.
        case audio

        /// Hz of the signals to compare.
        public var sampleRate: Int { self == .speech ? 16000 : 48000 }
        var bands: Int { self == .speech ? 21 : 32 }
        var maximumFrequency: Double { self == .speech ? 8000 : 24000 }
        /// Frames.
        var patchLength: Int { self == .speech ? 20 : 30 }
        /// Frames that hold the first patch, which starts after half a patch.
        var neededFrames: Int { self == .speech ? 29 : 45 }
    }

    /// What one comparison gives.
    public struct Score: Sendable, Hashable, Codable {
        /// Mean similarity of all bands (ViSQOL's vnsim), 1 for equal signals.
        public let nsim: MetricValue
        /// Predicted mean opinion score, 1…5. Speech mode: the exponential mapping of ViSQOL v3, scaled so that equal signals
        /// reach 5. Undefined in audio mode, whose mapping is a trained support vector machine.
        public let mos: MetricValue
        /// Mean similarity of each band (ViSQOL's fvnsim), in order of `bandFrequencies`; empty when there is none.
        public let bands: [Double]

        fileprivate init(_ reason: UndefinedReason) {
            nsim = .undefined(reason)
            mos = .undefined(reason)
            bands = []
        }

        fileprivate init(bands: [Double], mode: Mode) {
            let mean = bands.reduce(0, +) / Double(bands.count)
            self.bands = bands
            nsim = MetricValue.value(mean).checked
            mos = mode == .speech ? MetricValue.value(Self.speechOpinion(mean)).checked : .undefined(.trainedMapping)
        }

        private static func speechOpinion(_ similarity: Double) -> Double {
            if similarity < 0.15 { return 1 }
            let unscaled = exp(0.0154302525 * (similarity + 361.063949)) - 262.847869
            return min(max(1.245063 * unscaled, 1), 5)
        }
    }

    /// Which variant of the measure it is.
    public let mode: Mode
    /// Centre frequencies of the bands in Hz, ascending.
    public var bandFrequencies: [Double] { analysis.filterbank.centres }

    private let analysis: GammatoneAnalysis
    /// Samples that signals over twice as many are cut into.
    private var partLength: Int { 30 * mode.sampleRate }

    /// - Throws: `SpectralError.planFailed` when memory runs out.
    public init(mode: Mode) throws(SpectralError) {
        self.mode = mode
        analysis = try GammatoneAnalysis(
            sampleRate: mode.sampleRate, bands: mode.bands, maximumFrequency: mode.maximumFrequency)
    }

    /// Compares two signals at `mode.sampleRate`; their delay and their levels do not matter.
    ///
    /// The score is undefined, with the reason, for silence, samples that are not finite, signals too short for one patch and
    /// a degraded signal in which no patch can be looked for.
    /// - Throws: `SpectralError` when the memory does not suffice for the transforms.
    public func similarity(reference: [Float], degraded: [Float]) throws -> Score {
        var sums = PatchSums(mode: mode)
        try add(reference, degraded, to: &sums)
        return sums.score
    }

    /// The patches of the signals measured so far.
    struct PatchSums: Sendable {
        private let mode: Mode
        private var bands: [Double]
        private var count = 0
        private var reason = UndefinedReason.noOverlap

        init(mode: Mode) {
            self.mode = mode
            bands = [Double](repeating: 0, count: mode.bands)
        }

        fileprivate mutating func add(_ similarities: [[Double]]) {
            for patch in similarities { for band in bands.indices { bands[band] += patch[band] } }
            count += similarities.count
        }

        /// Why nothing was added.
        fileprivate mutating func note(_ reason: UndefinedReason) { self.reason = reason }

        /// The mean over all patches, or the reason noted last when there is none.
        var score: Score { count == 0 ? Score(reason) : Score(bands: bands.map { $0 / Double(count) }, mode: mode) }
    }

    /// Adds the patches of a pair of signals, if they can be compared.
    func add(_ reference: [Float], _ degraded: [Float], to sums: inout PatchSums) throws {
        if let reason = obstacle(reference, degraded) { return sums.note(reason) }
        let gain = Float((Self.power(reference) / Self.power(degraded)).squareRoot())
        let parts = reference.count > 2 * partLength ? reference.count / partLength : 1
        let length = reference.count / parts
        for part in 0..<parts {
            let range = (part * length)..<(part == parts - 1 ? reference.count : (part + 1) * length)
            let rest = degraded.dropFirst(range.lowerBound)
            let comparison = try PairComparison(
                reference: Array(reference[range]), degraded: Array(part == parts - 1 ? rest : rest.prefix(length)),
                gain: gain, mode: mode, analysis: analysis)
            switch try comparison.patches() {
            case .similarities(let similarities): sums.add(similarities)
            case .undefined(let reason): sums.note(reason)
            }
        }
    }

    /// Why the pair cannot be compared at all.
    private func obstacle(_ reference: [Float], _ degraded: [Float]) -> UndefinedReason? {
        if !reference.allSatisfy(\.isFinite) { return .nonFiniteReference }
        if !degraded.allSatisfy(\.isFinite) { return .nonFiniteDegraded }
        let shortest = min(reference.count, degraded.count)
        let needed = analysis.windowLength + (mode.neededFrames - 1) * analysis.hop
        if shortest < needed { return .tooShort(samples: shortest, needed: needed) }
        if Self.power(reference) == 0 { return .silentReference }
        return Self.power(degraded) == 0 ? .silentDegraded : nil
    }

    /// Mean square.
    private static func power(_ samples: [Float]) -> Double {
        var sum = 0.0
        for x in samples { sum += Double(x) * Double(x) }
        return sum / Double(samples.count)
    }
}
