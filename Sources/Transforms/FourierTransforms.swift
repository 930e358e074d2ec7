/// A library of Fourier transforms. All else in this module is arithmetic on top of one; module Spectral has the
/// implementations, which need a system library each.
public protocol FourierTransforms: Sendable {
    /// The transform of real signals of `size` samples.
    /// - Parameter size: 1 … 2²⁴.
    /// - Throws: `SpectralError.planFailed` when memory runs out.
    func real(size: Int) throws(SpectralError) -> any RealTransform
}

/// The discrete Fourier transform of real signals of one size n, and its inverse, unnormalised: there and back is n times the signal.
///
/// Immutable and shareable across threads. Samples are n floats, spectra the n/2 + 1 complex values of bins 0 … n/2, interleaved.
/// Both begin at multiples of 64 bytes (`withTransformScratch`), and an input may be overwritten.
public protocol RealTransform: Sendable {
    /// X[k] = Σ_{t<n} x[t] e^{−2πi kt/n}.
    func forward(_ samples: UnsafeMutablePointer<Float>, _ spectrum: UnsafeMutablePointer<Float>)
    /// x[t] = Σ_{k<n} X[k] e^{2πi kt/n}, where the bins that are not given are the conjugates of those that are. The imaginary
    /// parts of bin 0 and, for even n, of the last bin are ignored, as no real signal has them.
    func inverse(_ spectrum: UnsafeMutablePointer<Float>, _ samples: UnsafeMutablePointer<Float>)
}

/// Calls `body` with `count` uninitialised floats aligned to 64 bytes.
///
/// A library may choose other code, which rounds otherwise, for other alignments; as every transform runs in such scratch,
/// a frame's result is the same bits wherever its samples lie.
package func withTransformScratch<R>(_ count: Int, _ body: (UnsafeMutablePointer<Float>) throws -> R) rethrows -> R {
    try withUnsafeTemporaryAllocation(byteCount: max(count, 1) * MemoryLayout<Float>.stride, alignment: 64) {
        try body($0.baseAddress!.bindMemory(to: Float.self, capacity: max(count, 1)))
    }
}
