import Kernels

/// The discrete Fourier transform of real signals of one size, and its inverse.
///
/// Forward: X[k] = Σ_{n<size} x[n] e^{−2πi kn/size} for k = 0 … size/2; the other bins are their conjugates.
/// Immutable and shareable across threads; a row's result does not depend on the batch that it is computed in.
public struct RealFFT: Sendable {
    /// Samples a transform.
    public let size: Int
    /// Complex values a transform, size/2 + 1.
    public var bins: Int { size / 2 + 1 }

    private let transform: any RealTransform

    /// Both directions, by a library of transforms.
    /// - Throws: `SpectralError.size` for a size outside 1 … 2²⁴, `planFailed` when memory runs out.
    public init(size: Int, transforms: any FourierTransforms) throws(SpectralError) {
        try checkSize(size, "FFT size")
        self.size = size
        transform = try transforms.real(size: size)
    }

    /// Transforms each row: `[rows, size]` real to `[rows, bins]` complex.
    public func forward(_ rows: Frames) -> Spectrum {
        precondition(rows.channels == size, "rows of \(rows.channels) samples for an FFT of \(size)")
        return Spectrum(count: rows.count, bins: bins) { output in
            rows.withUnsafeBufferPointer { input in
                withWorkspace { work in
                    for row in 0..<rows.count {
                        guard let x = input.baseAddress, let y = output.baseAddress else { return }
                        work.samples.update(from: x + row * size, count: size)
                        work.forward()
                        (y + row * bins * 2).update(from: work.spectrum, count: bins * 2)
                    }
                }
            }
        }
    }

    /// Inverts each row: `[rows, bins]` complex to `[rows, size]` real.
    /// Imaginary parts of bin 0 and, for even sizes, of the last bin are ignored, as no real signal has them.
    /// - Parameter normalized: divide by `size`, so that `inverse(forward(x))` is x; otherwise it is size · x.
    public func inverse(_ spectrum: Spectrum, normalized: Bool = true) -> Frames {
        precondition(spectrum.bins == bins, "rows of \(spectrum.bins) bins for an FFT of \(size)")
        let scale = normalized ? 1 / Float(size) : 1
        return Frames(count: spectrum.count, channels: size) { output in
            spectrum.values.withUnsafeBufferPointer { input in
                withWorkspace { work in
                    for row in 0..<spectrum.count {
                        guard let x = input.baseAddress, let y = output.baseAddress else { return }
                        work.spectrum.update(from: x + row * bins * 2, count: bins * 2)
                        work.inverse()
                        let samples = y + row * size
                        for i in 0..<size { samples[i] = work.samples[i] * scale }
                    }
                }
            }
        }
    }

    /// Aligned scratch of one caller, and the transforms between its two halves.
    struct Workspace {
        /// `size` reals.
        let samples: UnsafeMutablePointer<Float>
        /// `bins` interleaved complex values.
        let spectrum: UnsafeMutablePointer<Float>
        fileprivate let fft: RealFFT

        /// samples → spectrum; the samples may be overwritten.
        func forward() { fft.transform.forward(samples, spectrum) }
        /// spectrum → samples, unnormalised; the spectrum is overwritten.
        func inverse() { fft.transform.inverse(spectrum, samples) }
    }

    func withWorkspace<R>(_ body: (Workspace) throws -> R) rethrows -> R {
        try withTransformScratch(size) { samples in
            try withTransformScratch(2 * bins) { spectrum in
                try body(Workspace(samples: samples, spectrum: spectrum, fft: self))
            }
        }
    }
}
