@_exported import Transforms

#if PermissiveFFT
/// The transforms of this build: FFTW's, or KissFFT's where the package's trait `PermissiveFFT` is on.
public typealias StandardTransforms = KissFFTTransforms
#else
/// The transforms of this build: FFTW's, or KissFFT's where the package's trait `PermissiveFFT` is on.
public typealias StandardTransforms = FFTWTransforms
#endif

extension FourierTransforms where Self == StandardTransforms {
    /// The transforms of this build: FFTW's, or KissFFT's where the package's trait `PermissiveFFT` is on.
    public static var standard: StandardTransforms { StandardTransforms() }
}

// What module Transforms has, by the transforms of this build.

extension RealFFT {
    /// Both directions, by the transforms of this build.
    /// - Throws: `SpectralError.size` for a size outside 1 … 2²⁴, `planFailed` when memory runs out.
    public init(size: Int) throws(SpectralError) { try self.init(size: size, transforms: .standard) }
}

extension STFT {
    /// By the transforms of this build.
    /// - Parameters:
    ///   - hopLength: 1 … fftSize.
    ///   - windowLength: nil = `fftSize`; a shorter window is centred in the frame, as torch does.
    /// - Throws: `SpectralError` for sizes out of range, and an odd fftSize − hopLength with `.same`.
    public init(
        fftSize: Int, hopLength: Int, windowLength: Int? = nil, window: Window = .hann, padding: Padding = .center()
    ) throws(SpectralError) {
        try self.init(
            fftSize: fftSize, hopLength: hopLength, windowLength: windowLength, window: window, padding: padding,
            transforms: .standard)
    }

    /// With a window of one's own, at most `fftSize` values, by the transforms of this build.
    /// - Throws: as the other initialiser, and `windowLength`.
    public init(
        fftSize: Int, hopLength: Int, windowValues: [Float], padding: Padding = .center()
    ) throws(SpectralError) {
        try self.init(
            fftSize: fftSize, hopLength: hopLength, windowValues: windowValues, padding: padding, transforms: .standard)
    }
}

extension MDCT {
    /// By the transforms of this build.
    /// - Parameters:
    ///   - size: N, even.
    ///   - window: `.sine` or `.kaiserBesselDerived`; others break the Princen–Bradley condition.
    /// - Throws: `SpectralError.size`, `oddSize`, `notPrincenBradley`, or what `Window.values` throws.
    public init(size: Int, window: Window = .sine) throws(SpectralError) {
        try self.init(size: size, window: window, transforms: .standard)
    }

    /// With a window of one's own: 2N values, symmetric, w[n]² + w[n+N]² = 1 to 10⁻⁵; by the transforms of this build.
    /// - Throws: `SpectralError.size`, `oddSize`, `windowLength`, `notPrincenBradley`.
    public init(size: Int, windowValues: [Float]) throws(SpectralError) {
        try self.init(size: size, windowValues: windowValues, transforms: .standard)
    }
}
