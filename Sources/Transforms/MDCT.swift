import Kernels
import Platform

/// The modified discrete cosine transform: N coefficients from 2N windowed samples, hop N.
///
/// Forward: X[k] = √(2/N) Σ_{n<2N} w[n] x[n] cos(π/N (n + ½ + N/2)(k + ½)).
/// Inverse: y[n] = w[n] √(2/N) Σ_{k<N} X[k] cos(π/N (n + ½ + N/2)(k + ½)); blocks overlapped by N and added give x back,
/// as the aliasing of neighbours cancels (Princen and Bradley, 1986). The lapped transform is orthonormal.
///
/// Folding turns the sum into a DCT-IV of size N, computed by a complex FFT of size N/2, two real ones, between two rotations.
/// Immutable and shareable across threads; a row's result does not depend on the batch that it is computed in.
public struct MDCT: Sendable {
    /// N: coefficients a block, and the hop.
    public let size: Int
    /// The 2N window values.
    public let window: [Float]

    /// Of N/2 samples.
    private let transform: any RealTransform
    /// e^{−iπ(n + ⅛)/N} for n < N/2, interleaved; used before and after the FFT.
    private let twiddle: [Float]

    /// - Parameters:
    ///   - size: N, even.
    ///   - window: `.sine` or `.kaiserBesselDerived`; others break the Princen–Bradley condition.
    /// - Throws: `SpectralError.size`, `oddSize`, `notPrincenBradley`, or what `Window.values` throws.
    public init(size: Int, window: Window = .sine, transforms: any FourierTransforms) throws(SpectralError) {
        try checkSize(size, "MDCT size", atLeast: 2)
        try self.init(size: size, windowValues: try window.values(2 * size), transforms: transforms)
    }

    /// With a window of one's own: 2N values, symmetric, w[n]² + w[n+N]² = 1 to 10⁻⁵.
    /// - Throws: `SpectralError.size`, `oddSize`, `windowLength`, `notPrincenBradley`.
    public init(size: Int, windowValues: [Float], transforms: any FourierTransforms) throws(SpectralError) {
        try checkSize(size, "MDCT size", atLeast: 2)
        guard size % 2 == 0 else { throw .oddSize(what: "MDCT size", found: size) }
        guard windowValues.count == 2 * size else {
            throw .windowLength(expected: 2 * size, found: windowValues.count)
        }
        for n in 0..<size {
            let (a, b) = (windowValues[n], windowValues[n + size])
            // Written so that NaN fails too.
            guard abs(a * a + b * b - 1) < 1e-5, abs(a - windowValues[2 * size - 1 - n]) < 1e-5 else {
                throw .notPrincenBradley(index: n)
            }
        }
        self.size = size
        self.window = windowValues
        transform = try transforms.real(size: size / 2)
        twiddle = (0..<size).map { i in
            let angle = -Double.pi * (Double(i / 2) + 0.125) / Double(size)
            return Float(i % 2 == 0 ? cos(angle) : sin(angle))
        }
    }

    /// Blocks of samples `[blocks, 2N]` to coefficients `[blocks, N]`.
    public func forward(_ blocks: Frames) -> Frames {
        precondition(blocks.channels == 2 * size, "blocks of \(blocks.channels) samples for an MDCT of \(size)")
        return blocks.withUnsafeBufferPointer { forward($0, count: blocks.count, stride: 2 * size) }
    }

    /// Coefficients of `count` blocks of 2N samples, `stride` samples apart in `samples`.
    func forward(_ samples: UnsafeBufferPointer<Float>, count: Int, stride: Int) -> Frames {
        Frames(count: count, channels: size) { output in
            window.withUnsafeBufferPointer { w in
                withWorkspace { work in
                    for block in 0..<count {
                        let x = UnsafeBufferPointer(rebasing: samples[(block * stride)..<(block * stride + 2 * size)])
                        fold(x, w, into: work.values)
                        work.transform()
                        for k in 0..<size { output[block * size + k] = work.values[k] }
                    }
                }
            }
        }
    }

    /// Coefficients `[blocks, N]` to windowed, aliased samples `[blocks, 2N]`, to be overlapped by N and added.
    public func inverse(_ coefficients: Frames) -> Frames {
        precondition(coefficients.channels == size, "\(coefficients.channels) coefficients for an MDCT of \(size)")
        return Frames(count: coefficients.count, channels: 2 * size) { output in
            coefficients.withUnsafeBufferPointer { input in
                window.withUnsafeBufferPointer { w in
                    withWorkspace { work in
                        for block in 0..<coefficients.count {
                            for k in 0..<size { work.values[k] = input[block * size + k] }
                            work.transform()
                            let start = 2 * block * size
                            unfold(
                                work.values, w,
                                into: UnsafeMutableBufferPointer(rebasing: output[start..<(start + 2 * size)]))
                        }
                    }
                }
            }
        }
    }

    /// Windows 2N samples (a, b, c, d) and folds them to the N values (−c_r − d, a − b_r) whose DCT-IV is the MDCT.
    private func fold(
        _ x: UnsafeBufferPointer<Float>, _ w: UnsafeBufferPointer<Float>, into v: UnsafeMutablePointer<Float>
    ) {
        let half = size / 2
        for n in 0..<half {
            let (c, d) = (3 * half - 1 - n, 3 * half + n)
            v[n] = -(w[c] * x[c]) - w[d] * x[d]
            let (a, b) = (n, size - 1 - n)
            v[half + n] = w[a] * x[a] - w[b] * x[b]
        }
    }

    /// The transpose of `fold`: N values to 2N windowed samples.
    private func unfold(
        _ v: UnsafeMutablePointer<Float>, _ w: UnsafeBufferPointer<Float>, into y: UnsafeMutableBufferPointer<Float>
    ) {
        let half = size / 2
        for n in 0..<half {
            let (c, d) = (3 * half - 1 - n, 3 * half + n)
            y[c] = -(w[c] * v[n])
            y[d] = -(w[d] * v[n])
            let (a, b) = (n, size - 1 - n)
            y[a] = w[a] * v[half + n]
            y[b] = -(w[b] * v[half + n])
        }
    }

    /// Aligned scratch of one caller, and the DCT-IV in it.
    private struct Workspace {
        let values: UnsafeMutablePointer<Float>
        /// Real and imaginary parts of the N/2 rotated values, and the spectra of either.
        let parts: (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>)
        let spectra: (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>)
        let twiddle: UnsafeBufferPointer<Float>
        let size: Int
        let scale: Float
        let fft: any RealTransform

        /// Orthonormal DCT-IV of `values` in place: V[k] = √(2/N) Σ v[n] cos(π/N (n + ½)(k + ½)), its own inverse.
        func transform() {
            let half = size / 2
            for n in 0..<half {
                let (re, im) = (values[2 * n], values[size - 1 - 2 * n])
                let (c, s) = (twiddle[2 * n], twiddle[2 * n + 1])
                parts.0[n] = re * c - im * s
                parts.1[n] = re * s + im * c
            }
            fft.forward(parts.0, spectra.0)
            fft.forward(parts.1, spectra.1)
            for k in 0..<half {
                let (re, im) = bin(k, of: half)
                let (c, s) = (twiddle[2 * k], twiddle[2 * k + 1])
                values[2 * k] = scale * (re * c - im * s)
                values[size - 1 - 2 * k] = -scale * (re * s + im * c)
            }
        }

        /// Bin k of the complex transform A + iB of `count` values; bins above the middle are the conjugates of A's and B's below.
        private func bin(_ k: Int, of count: Int) -> (re: Float, im: Float) {
            let (a, b) = spectra
            if k <= count / 2 { return (a[2 * k] - b[2 * k + 1], a[2 * k + 1] + b[2 * k]) }
            let j = count - k
            return (a[2 * j] + b[2 * j + 1], b[2 * j] - a[2 * j + 1])
        }
    }

    private func withWorkspace(_ body: (Workspace) -> Void) {
        // The values, two halves of them, and two spectra of half/2 + 1 complex values, each a multiple of 64 bytes long.
        func padded(_ count: Int) -> Int { (count + 15) & ~15 }
        let (half, spectrum) = (padded(size / 2), padded(2 * (size / 4 + 1)))
        withTransformScratch(padded(size) + 2 * half + 2 * spectrum) { scratch in
            twiddle.withUnsafeBufferPointer { twiddle in
                let (parts, spectra) = (scratch + padded(size), scratch + padded(size) + 2 * half)
                body(
                    Workspace(
                        values: scratch, parts: (parts, parts + half), spectra: (spectra, spectra + spectrum), twiddle: twiddle,
                        size: size, scale: (2 / Float(size)).squareRoot(), fft: transform))
            }
        }
    }
}
