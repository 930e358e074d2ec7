import Kernels
import Platform
import Spectral

/// Between an STFT and what the `codetta` networks see: an orthonormal scale, each bin's long-term level taken out,
/// square-root compression, and the log energies of a few bands.
///
/// A row of features is the real parts of all bins, their imaginary parts, then the bands.
struct CompressedSpectrum: Sendable {
    /// Complex bins a frame, hop + 1.
    let bins: Int
    /// First bin of each band, and the end of the last.
    let bandEdges: [Int]
    /// Below this a coefficient is nearly linear, above it a square root.
    let compression: Float
    /// Compression goes by the complex magnitude (and keeps the phase) rather than by each part's own size.
    let isJoint: Bool
    /// From an unnormalised FFT to level-free coefficients, and back; `[2·bins]`, real parts then imaginary parts.
    private let analysisScale: [Float]
    private let synthesisScale: [Float]

    /// - Parameter logScale: natural logarithm of the long-term level of each part, `[2·bins]`.
    init(logScale: [Float], bands: Int, compression: Float, isJoint: Bool) {
        bins = logScale.count / 2
        self.compression = compression
        self.isJoint = isJoint
        bandEdges = Self.bandEdges(bins: logScale.count / 2, bands: bands)
        let hop = Float(logScale.count / 2 - 1)
        // Bins 0 and hop have no conjugate twin, so an orthonormal transform counts them half.
        let norm = logScale.indices.map { i in
            let bin = i % (logScale.count / 2)
            return bin == 0 || bin == Int(hop) ? (2 * hop).squareRoot() : hop.squareRoot()
        }
        analysisScale = zip(logScale, norm).map { exp(-$0) / $1 }
        synthesisScale = zip(logScale, norm).map { exp($0) * $1 }
    }

    /// Band borders that widen exponentially, at least one bin each.
    static func bandEdges(bins: Int, bands: Int) -> [Int] {
        var edges = (0...bands).map { i in
            Int((Double(bins) * (exp(3 * Double(i) / Double(bands)) - 1) / (exp(3.0) - 1)).rounded(.toNearestOrEven))
        }
        for i in 1...bands { edges[i] = max(edges[i], edges[i - 1] + 1) }
        edges[bands] = bins
        return edges
    }

    /// Channels of `features`.
    var featureCount: Int { 2 * bins + bandEdges.count - 1 }

    /// `[time, bins]` complex → `[time, 2·bins + bands]`: X/√(size + ε), then 0.3·ln(mean |X|² + 10⁻³) of each band.
    func features(_ spectrum: Spectrum) -> Frames {
        Frames(count: spectrum.count, channels: featureCount) { output in
            spectrum.values.withUnsafeBufferPointer { input in
                for t in 0..<spectrum.count {
                    let row = UnsafeMutableBufferPointer(rebasing: output[(t * featureCount)..<((t + 1) * featureCount)])
                    compress(UnsafeBufferPointer(rebasing: input[(2 * t * bins)..<(2 * (t + 1) * bins)]), into: row)
                }
            }
        }
    }

    private func compress(_ input: UnsafeBufferPointer<Float>, into row: UnsafeMutableBufferPointer<Float>) {
        for band in 0..<(bandEdges.count - 1) {
            var energy: Float = 0
            for k in bandEdges[band]..<bandEdges[band + 1] {
                let real = input[2 * k] * analysisScale[k]
                let imaginary = input[2 * k + 1] * analysisScale[bins + k]
                let power = real * real + imaginary * imaginary
                let joint = (power + 1e-12).squareRoot()
                row[k] = real / ((isJoint ? joint : abs(real)) + compression).squareRoot()
                row[bins + k] = imaginary / ((isJoint ? joint : abs(imaginary)) + compression).squareRoot()
                energy += power
            }
            row[2 * bins + band] = 0.3 * log(energy / Float(bandEdges[band + 1] - bandEdges[band]) + 1e-3)
        }
    }

    /// The network's output `[time, 2·bins]` → `[time, bins]` complex for an inverse FFT that divides by its size: u·√(size(u)² + ε).
    func spectrum(_ output: Frames) -> Spectrum {
        var values = [Float](repeating: 0, count: output.count * 2 * bins)
        output.withUnsafeBufferPointer { input in
            values.withUnsafeMutableBufferPointer { spectrum in
                for t in 0..<output.count { expand(input, at: 2 * t * bins, into: spectrum) }
            }
        }
        return Spectrum(count: output.count, bins: bins, values: values)
    }

    private func expand(
        _ input: UnsafeBufferPointer<Float>, at row: Int, into spectrum: UnsafeMutableBufferPointer<Float>
    ) {
        for k in 0..<bins {
            let (real, imaginary) = (input[row + k], input[row + bins + k])
            let (a, b) = (real * real, imaginary * imaginary)
            let joint = a + b + 1e-12
            spectrum[row + 2 * k] = real * ((isJoint ? joint : a) + compression).squareRoot() * synthesisScale[k]
            spectrum[row + 2 * k + 1] =
                imaginary * ((isJoint ? joint : b) + compression).squareRoot() * synthesisScale[bins + k]
        }
    }
}
