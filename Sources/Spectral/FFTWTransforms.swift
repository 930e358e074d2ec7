#if !PermissiveFFT
import CFFTW
import Platform
import Transforms

/// FFTW in single precision (Frigo and Johnson, "The Design and Implementation of FFTW3", 2005). FFTW is under the GPL.
public struct FFTWTransforms: FourierTransforms {
    /// FFTW's transforms.
    public init() {}

    /// The transform of real signals of `size` samples.
    /// - Throws: `SpectralError.planFailed` when memory runs out.
    public func real(size: Int) throws(SpectralError) -> any RealTransform {
        try cache.transform(size: size) { () throws(SpectralError) in try FFTWPlans(size: size) }
    }
}

/// FFTW's planner is not thread safe, so planning happens under the cache's lock.
private let cache = TransformCache()

/// The plans of one size, there and back.
///
/// `@unchecked Sendable` is safe: plans are never changed or destroyed once made, and FFTW documents its new-array execute
/// functions, the only ones called, as safe to run on one plan from many threads.
private struct FFTWPlans: RealTransform, @unchecked Sendable {
    private let there: OpaquePointer
    private let back: OpaquePointer

    /// Estimates instead of measuring: a measured plan depends on timings, so the same frame could round differently in
    /// the next run, and measuring costs seconds at start-up where estimating costs microseconds.
    init(size: Int) throws(SpectralError) {
        let plans = withTransformScratch(size) { samples in
            withTransformScratch(size + 2) { spectrum in
                (
                    fftwf_plan_dft_r2c_1d(Int32(size), samples, complex(spectrum), FFTW_ESTIMATE),
                    fftwf_plan_dft_c2r_1d(Int32(size), complex(spectrum), samples, FFTW_ESTIMATE)
                )
            }
        }
        guard let there = plans.0, let back = plans.1 else { throw .planFailed(size: size) }
        (self.there, self.back) = (there, back)
    }

    func forward(_ samples: UnsafeMutablePointer<Float>, _ spectrum: UnsafeMutablePointer<Float>) {
        fftwf_execute_dft_r2c(there, samples, complex(spectrum))
    }

    func inverse(_ spectrum: UnsafeMutablePointer<Float>, _ samples: UnsafeMutablePointer<Float>) {
        fftwf_execute_dft_c2r(back, complex(spectrum), samples)
    }
}

private func complex(_ pointer: UnsafeMutablePointer<Float>) -> UnsafeMutablePointer<fftwf_complex> {
    UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: fftwf_complex.self)
}
#endif
