import Platform

/// Energies of a reference r, of a degraded signal d and of its error e = d − r, and the two ratios that follow from them:
/// SNR = 10 log₁₀ (Σ r² / Σ e²), and SI-SDR = 10 log₁₀ (Σ (αr)² / Σ (αr − d)²), α = Σ dr / Σ r² (Le Roux, Wisdom, Erdogan and
/// Hershey, "SDR – half-baked or well done?", 2019). As there, means are not removed.
struct WaveformSums: PairAccumulator {
    private var reference = 0.0
    private var degraded = 0.0
    private var error = 0.0
    /// Σ r·e.
    private var product = 0.0

    mutating func push(reference r: [Float], degraded d: [Float]) {
        for i in r.indices {
            let (x, y) = (Double(r[i]), Double(d[i]))
            let e = y - x
            reference += x * x
            degraded += y * y
            error += e * e
            product += x * e
        }
    }

    mutating func finish() -> [Measure: MetricValue] {
        [.snr: error == 0 ? .undefined(.noError) : .value(10 * log10(reference / error)), .siSDR: scaleInvariantRatio()]
    }

    /// Written with the error's projection, α = 1 + Σ re / Σ r², which loses fewer digits than with d's when α is near 1.
    private func scaleInvariantRatio() -> MetricValue {
        if degraded == 0 { return .undefined(.silentDegraded) }
        let alpha = 1 + product / reference
        let target = alpha * alpha * reference
        let residual = error - product * product / reference
        // Doubles cannot tell a smaller residual from rounding.
        if residual <= 1e-14 * degraded { return .undefined(.noError) }
        // An orthogonal signal has no part of the reference: −∞ dB.
        return target == 0 ? .undefined(.uncorrelated) : .value(10 * log10(target / residual))
    }
}
