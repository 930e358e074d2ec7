#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A plain radix-2 complex Fourier transform in single precision, which rounds as the ITU's reference program does.
///
/// The handset filter leaves its rounding errors in digital silence, and the time alignment, which weighs frames by the eighth
/// root of their correlation, hears them: with a more exact transform it splits other utterances, and scores of signals with
/// pauses of zeros move by whole points. Anywhere else `RealFFT` will do.
struct RadixTwoFFT {
    let size: Int
    /// cos and sin of 2π·k/size for the k of `order`, whose first halves serve the smaller stages too.
    private let twiddles: [(cosine: Float, sine: Float)]

    /// - Parameter size: a power of two, at least 2.
    init(size: Int) {
        self.size = size
        twiddles = Self.bitReversed(size / 2).map { k in
            let angle = Float(2 * Double.pi) * Float(k) / Float(size)
            return (Float(cos(Double(angle))), Float(sin(Double(angle))))
        }
    }

    /// 0 ..< count, each with its bits in reverse.
    private static func bitReversed(_ count: Int) -> [Int] {
        var order = [0]
        var step = count / 2
        while step > 0 {
            order += order.map { $0 + step }
            step /= 2
        }
        return order
    }

    /// Multiplies the spectrum of a real signal of at most `size` samples by real gains of its bins 0 … size/2.
    func filter(_ signal: some Collection<Float>, _ gains: [Float]) -> [Float] {
        var real = Array(signal) + [Float](repeating: 0, count: size - signal.count)
        var imaginary = [Float](repeating: 0, count: size)
        transform(&real, &imaginary, sign: 1)
        for bin in 0...(size / 2) {
            real[bin] *= gains[bin]
            imaginary[bin] *= gains[bin]
        }
        for bin in (size / 2 + 1)..<size {
            real[bin] = real[size - bin]
            imaginary[bin] = -imaginary[size - bin]
        }
        transform(&real, &imaginary, sign: -1)
        return real.prefix(signal.count).map { $0 / Float(size) }
    }

    /// Σ x[n] e^{−sign·2πi kn/size}, in place.
    private func transform(_ real: inout [Float], _ imaginary: inout [Float], sign: Float) {
        real.withUnsafeMutableBufferPointer { re in
            imaginary.withUnsafeMutableBufferPointer { im in
                var half = size / 2
                while half > 0 {
                    for block in 0..<(size / (2 * half)) {
                        let (c, s) = (twiddles[block].cosine, sign * twiddles[block].sine)
                        let start = 2 * half * block
                        for i in start..<(start + half) {
                            let (r1, i1, r2, i2) = (re[i], im[i], re[i + half], im[i + half])
                            re[i] = r1 + c * r2 + s * i2
                            im[i] = i1 - s * r2 + c * i2
                            re[i + half] = r1 - c * r2 - s * i2
                            im[i + half] = i1 + s * r2 - c * i2
                        }
                    }
                    half /= 2
                }
                for (i, j) in Self.bitReversed(size).enumerated() where i < j {
                    re.swapAt(i, j)
                    im.swapAt(i, j)
                }
            }
        }
    }
}
