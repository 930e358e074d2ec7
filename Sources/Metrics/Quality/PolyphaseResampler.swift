import Platform

/// The filter of a conversion from `q` to `p` samples, p and q without common factor.
///
/// A sinc under a Kaiser window with 60 dB of rejection, cut off at the lower of the two Nyquist frequencies and with a roll-off
/// a tenth of that: the default of Octave's `resample`, which the published STOI code and pystoi convert with. Its passband
/// droops enough near 4 kHz to be seen in STOI's last bands, so a better resampler would give another number.
struct PolyphaseFilter: Sendable {
    let p: Int
    let q: Int
    /// The filter reaches this far to both sides, in samples at p times the input rate.
    let reach: Int
    /// Taps a phase, the last zero where a phase has one fewer.
    let tapCount: Int
    /// `[p, tapCount]`: of the outputs whose time leaves the remainder `phase` by p, the weights of their inputs in order.
    let taps: [Double]

    /// Largest p or q: every rate up to 48 kHz and all usual ones above. Larger ones would need filters of tens of MB.
    static let termLimit = 48000

    /// Nil when the rates reduce to a ratio of larger terms than `termLimit`.
    init?(from inputRate: Int, to outputRate: Int) {
        let divisor = greatestCommonDivisor(inputRate, outputRate)
        (p, q) = (outputRate / divisor, inputRate / divisor)
        let longest = max(p, q)
        if longest > Self.termLimit { return nil }
        if longest == 1 {
            (reach, tapCount, taps) = (0, 1, [1])
            return
        }
        let rejection = 60.0
        let cutoff = 1 / (2 * Double(longest))
        reach = Int(((rejection - 8) / (28.714 * cutoff / 10)).rounded(.up))
        tapCount = 2 * reach / p + 1

        let half = Self.windowedSinc(reach: reach, cutoff: cutoff, beta: 0.1102 * (rejection - 8.7))
        let gain = Double(p) / (2 * half.reduce(0, +) - half[0])
        var taps = [Double](repeating: 0, count: p * tapCount)
        for phase in 0..<p {
            // The earliest input of the output at time `phase`; later ones follow p apart.
            var distance = phase - p * dividingUp(phase - reach, by: p)
            var i = phase * tapCount
            while distance >= -reach {
                taps[i] = gain * half[abs(distance)]
                i += 1
                distance -= p
            }
        }
        self.taps = taps
    }

    /// Values at 0…reach; the filter is symmetric.
    private static func windowedSinc(reach: Int, cutoff: Double, beta: Double) -> [Double] {
        let peak = besselI0(beta)
        return (0...reach).map { t in
            let x = 2 * Double.pi * cutoff * Double(t)
            let u = Double(t) / Double(reach)
            return (t == 0 ? 1 : sin(x) / x) * besselI0(beta * (1 - u * u).squareRoot()) / peak
        }
    }
}

/// Converts a signal's rate as it comes; zeros stand before its start and after its end. Any cut gives the same bits.
struct PolyphaseResampler: Sendable {
    private let filter: PolyphaseFilter
    /// Inputs from index `dropped` on.
    private var held: [Float] = []
    private var dropped = 0
    private var produced = 0

    init(_ filter: PolyphaseFilter) { self.filter = filter }

    /// The outputs that the inputs so far determine.
    mutating func push(_ samples: [Float]) -> [Float] {
        held += samples
        let received = dropped + held.count
        // Outputs m whose last input, ⌊(mq + reach) / p⌋, is there.
        let last = dividingDown(received * filter.p - 1 - filter.reach, by: filter.q)
        return produce(upTo: last + 1)
    }

    /// The rest, so that n inputs made ⌈np/q⌉ outputs in all.
    mutating func finish() -> [Float] {
        produce(upTo: dividingUp((dropped + held.count) * filter.p, by: filter.q))
    }

    private mutating func produce(upTo end: Int) -> [Float] {
        guard end > produced else { return [] }
        let output = (produced..<end).map(value)
        produced = end
        let unneeded = min(max(0, firstInput(of: end) - dropped), held.count)
        held.removeFirst(unneeded)
        dropped += unneeded
        return output
    }

    private func firstInput(of output: Int) -> Int {
        dividingUp(output * filter.q - filter.reach, by: filter.p)
    }

    private func value(_ output: Int) -> Float {
        let first = firstInput(of: output) - dropped
        let base = (output * filter.q) % filter.p * filter.tapCount
        let range = max(0, -first)..<max(max(0, -first), min(filter.tapCount, held.count - first))
        return filter.taps.withUnsafeBufferPointer { taps in
            held.withUnsafeBufferPointer { held in
                guard let tap = taps.baseAddress, let sample = held.baseAddress else { return 0 }
                let weights = UnsafeRawPointer(tap + base + range.lowerBound)
                let inputs = UnsafeRawPointer(sample + first + range.lowerBound)
                // Product i is added to sum i mod 8, however many there are, so that a zero tap at the end changes no bit.
                var sums = SIMD8<Double>()
                var i = 0
                while i + 8 <= range.count {
                    let w = weights.loadUnaligned(fromByteOffset: 8 * i, as: SIMD8<Double>.self)
                    sums += w * SIMD8<Double>(inputs.loadUnaligned(fromByteOffset: 4 * i, as: SIMD8<Float>.self))
                    i += 8
                }
                var lanes = sums
                for lane in 0..<(range.count - i) {
                    let w = taps[base + range.lowerBound + i + lane]
                    lanes[lane] += w * Double(held[first + range.lowerBound + i + lane])
                }
                return Float(lanes.sum())
            }
        }
    }
}

/// The modified Bessel function of the first kind and order 0, by its power series, which is quick for the small x of windows.
private func besselI0(_ x: Double) -> Double {
    var (sum, term, k) = (1.0, 1.0, 1.0)
    while term > 1e-17 * sum {
        term *= x * x / (4 * k * k)
        sum += term
        k += 1
    }
    return sum
}
