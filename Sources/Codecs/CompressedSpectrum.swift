import Tensors

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Between transform coefficients and what the `codetta` networks see: scaling, square-root compression, log bands, noise filling.
struct CompressedSpectrum: Sendable {
    /// Coefficients a frame.
    let bins: Int
    /// First bin of each band, and the end of the last.
    let bandEdges: [Int]
    let compression: Float
    private let scale: [Float]
    private let inverseScale: [Float]

    /// - Parameter logScale: natural logarithm of each coefficient's long-term level, `[bins]`.
    init(logScale: [Float], bands: Int, compression: Float) {
        self.bins = logScale.count
        self.compression = compression
        self.scale = logScale.map { exp($0) }
        self.inverseScale = logScale.map { exp(-$0) }
        self.bandEdges = Self.bandEdges(bins: logScale.count, bands: bands)
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

    /// Coefficients `[time, bins]` → features `[time, bins + bands]`: c/√(|c| + ε) of the scaled c, then 0.3·ln(band energy + 10⁻³).
    func features(_ coefficients: Frames) -> Frames {
        let width = bins + bandEdges.count - 1
        return Frames(count: coefficients.count, channels: width) { output in
            coefficients.withUnsafeBufferPointer { input in
                for t in 0..<coefficients.count {
                    compress(input, from: t * bins, into: output, at: t * width)
                }
            }
        }
    }

    private func compress(
        _ input: UnsafeBufferPointer<Float>, from start: Int, into output: UnsafeMutableBufferPointer<Float>, at position: Int
    ) {
        for band in 0..<(bandEdges.count - 1) {
            var energy: Float = 0
            for k in bandEdges[band]..<bandEdges[band + 1] {
                let c = input[start + k] * inverseScale[k]
                output[position + k] = c / (abs(c) + compression).squareRoot()
                energy += c * c
            }
            let mean = energy / Float(bandEdges[band + 1] - bandEdges[band])
            output[position + bins + band] = 0.3 * log(mean + 1e-3)
        }
    }

    /// Decoder output `[time, bins]`, or `[time, 2·bins]` with the log gains of the noise, → coefficients `[time, bins]`.
    /// - Parameter firstFrame: position of the first row in the stream; it alone seeds the noise.
    func coefficients(_ output: Frames, firstFrame: Int) -> Frames {
        let withNoise = output.channels > bins
        return Frames(count: output.count, channels: bins) { coefficients in
            output.withUnsafeBufferPointer { values in
                for t in 0..<output.count {
                    let row = t * output.channels
                    for k in 0..<bins {
                        let u = values[row + k]
                        var c = u * (u * u + compression).squareRoot()
                        if withNoise {
                            let gain = exp(min(max(values[row + bins + k], -8), 4))
                            c += gain * Self.noise(at: UInt64(firstFrame + t) &* UInt64(bins) &+ UInt64(k))
                        }
                        coefficients[t * bins + k] = c * scale[k]
                    }
                }
            }
        }
    }

    /// Uniform noise of unit variance from a 32-bit integer hash of the position: the same on every machine.
    static func noise(at position: UInt64) -> Float {
        var x = UInt32(truncatingIfNeeded: position)
        x = (x ^ (x >> 16)) &* 0x7FEB_352D
        x = (x ^ (x >> 15)) &* 0x846C_A68B
        x ^= x >> 16
        return Float((Double(x) / 2_147_483_648 - 1) * 1.732_050_807_568_877_2)
    }
}
