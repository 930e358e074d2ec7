#if PermissiveFFT
import CKissFFT
import Platform
import Transforms

/// KissFFT in single precision (Borgerding), under a BSD licence.
public struct KissFFTTransforms: FourierTransforms {
    /// KissFFT's transforms.
    public init() {}

    /// The transform of real signals of `size` samples.
    /// - Throws: `SpectralError.planFailed` when memory runs out.
    public func real(size: Int) throws(SpectralError) -> any RealTransform {
        try cache.transform(size: size) { () throws(SpectralError) in
            if size % 2 == 0 { return try EvenTransform(size: size) }
            return try OddTransform(size: size)
        }
    }
}

private let cache = TransformCache()

/// The complex transforms of one size, there and back. KissFFT's real ones keep scratch in their plans, which threads could
/// not share.
///
/// `@unchecked Sendable` is safe: `kiss_fft` only reads its plan where input and output differ, as here.
private final class ComplexPlans: @unchecked Sendable {
    private let there: kiss_fft_cfg
    private let back: kiss_fft_cfg

    init(size: Int) throws(SpectralError) {
        guard let there = kiss_fft_alloc(Int32(size), 0, nil, nil) else { throw .planFailed(size: size) }
        guard let back = kiss_fft_alloc(Int32(size), 1, nil, nil) else {
            free(UnsafeMutableRawPointer(there))
            throw .planFailed(size: size)
        }
        (self.there, self.back) = (there, back)
    }

    deinit {
        free(UnsafeMutableRawPointer(there))
        free(UnsafeMutableRawPointer(back))
    }

    func forward(_ input: UnsafeMutablePointer<Float>, _ output: UnsafeMutablePointer<Float>) {
        kiss_fft(there, complex(input), complex(output))
    }

    func inverse(_ input: UnsafeMutablePointer<Float>, _ output: UnsafeMutablePointer<Float>) {
        kiss_fft(back, complex(input), complex(output))
    }

    private func complex(_ pointer: UnsafeMutablePointer<Float>) -> UnsafeMutablePointer<kiss_fft_cpx> {
        UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: kiss_fft_cpx.self)
    }
}

/// An even number n of samples as n/2 complex ones, of which the even samples are the real parts and the odd ones the imaginary.
private struct EvenTransform: RealTransform {
    private let half: Int
    private let plans: ComplexPlans
    /// e^{−πik/half} for k = 0 … half, interleaved.
    private let twiddle: [Float]

    init(size: Int) throws(SpectralError) {
        half = size / 2
        plans = try ComplexPlans(size: size / 2)
        twiddle = (0..<(size + 2)).map { i in
            let angle = -Double.pi * Double(i / 2) / Double(size / 2)
            return Float(i % 2 == 0 ? cos(angle) : sin(angle))
        }
    }

    func forward(_ samples: UnsafeMutablePointer<Float>, _ spectrum: UnsafeMutablePointer<Float>) {
        withTransformScratch(2 * half) { z in
            plans.forward(samples, z)
            twiddle.withUnsafeBufferPointer { w in
                for k in 0...half {
                    let (a, b) = (2 * (k < half ? k : 0), 2 * (k > 0 ? half - k : 0))
                    // Of the even samples' spectrum and the odd ones', both twice.
                    let (evenRe, evenIm) = (z[a] + z[b], z[a + 1] - z[b + 1])
                    let (oddRe, oddIm) = (z[a + 1] + z[b + 1], z[b] - z[a])
                    let (c, s) = (w[2 * k], w[2 * k + 1])
                    spectrum[2 * k] = 0.5 * (evenRe + c * oddRe - s * oddIm)
                    spectrum[2 * k + 1] = 0.5 * (evenIm + c * oddIm + s * oddRe)
                }
            }
        }
    }

    func inverse(_ spectrum: UnsafeMutablePointer<Float>, _ samples: UnsafeMutablePointer<Float>) {
        (spectrum[1], spectrum[2 * half + 1]) = (0, 0)
        withTransformScratch(2 * half) { z in
            twiddle.withUnsafeBufferPointer { w in
                for k in 0..<half {
                    let (a, b) = (2 * k, 2 * (half - k))
                    let (evenRe, evenIm) = (spectrum[a] + spectrum[b], spectrum[a + 1] - spectrum[b + 1])
                    let (re, im) = (spectrum[a] - spectrum[b], spectrum[a + 1] + spectrum[b + 1])
                    let (c, s) = (w[2 * k], w[2 * k + 1])
                    let (oddRe, oddIm) = (re * c + im * s, im * c - re * s)
                    z[a] = evenRe - oddIm
                    z[a + 1] = evenIm + oddRe
                }
            }
            plans.inverse(z, samples)
        }
    }
}

/// An odd number of samples as complex ones without imaginary parts.
private struct OddTransform: RealTransform {
    private let size: Int
    private let plans: ComplexPlans

    init(size: Int) throws(SpectralError) {
        self.size = size
        plans = try ComplexPlans(size: size)
    }

    func forward(_ samples: UnsafeMutablePointer<Float>, _ spectrum: UnsafeMutablePointer<Float>) {
        withTransformScratch(2 * size) { z in
            withTransformScratch(2 * size) { output in
                for t in 0..<size { (z[2 * t], z[2 * t + 1]) = (samples[t], 0) }
                plans.forward(z, output)
                for i in 0..<(size + 1) { spectrum[i] = output[i] }
            }
        }
    }

    func inverse(_ spectrum: UnsafeMutablePointer<Float>, _ samples: UnsafeMutablePointer<Float>) {
        withTransformScratch(2 * size) { z in
            withTransformScratch(2 * size) { output in
                (z[0], z[1]) = (spectrum[0], 0)
                for k in stride(from: 1, through: size / 2, by: 1) {
                    (z[2 * k], z[2 * k + 1]) = (spectrum[2 * k], spectrum[2 * k + 1])
                    (z[2 * (size - k)], z[2 * (size - k) + 1]) = (spectrum[2 * k], -spectrum[2 * k + 1])
                }
                plans.inverse(z, output)
                for t in 0..<size { samples[t] = output[2 * t] }
            }
        }
    }
}
#endif
