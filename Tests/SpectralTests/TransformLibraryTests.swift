import Foundation
import Kernels
import Spectral
import Testing

/// Features by the transforms of this build, FFTW's or KissFFT's, beside those by a plain sum.
@Suite struct TransformLibraryTests {
    /// The definition, in double precision.
    private struct PlainTransforms: FourierTransforms {
        func real(size: Int) -> any RealTransform { Plain(size: size) }

        private struct Plain: RealTransform {
            let size: Int
            /// cos and sin of 2πi/size.
            let turns: [(cos: Double, sin: Double)]

            init(size: Int) {
                self.size = size
                turns = (0..<size).map { (cos(2 * .pi * Double($0) / Double(size)), sin(2 * .pi * Double($0) / Double(size))) }
            }

            func forward(_ samples: UnsafeMutablePointer<Float>, _ spectrum: UnsafeMutablePointer<Float>) {
                for k in 0...(size / 2) {
                    var (re, im) = (0.0, 0.0)
                    for t in 0..<size {
                        re += Double(samples[t]) * turns[k * t % size].cos
                        im -= Double(samples[t]) * turns[k * t % size].sin
                    }
                    (spectrum[2 * k], spectrum[2 * k + 1]) = (Float(re), Float(im))
                }
            }

            func inverse(_ spectrum: UnsafeMutablePointer<Float>, _ samples: UnsafeMutablePointer<Float>) {
                for t in 0..<size {
                    var sum = Double(spectrum[0])
                    for k in stride(from: 1, through: size / 2, by: 1) {
                        let turn = turns[k * t % size]
                        let weight = 2 * k == size ? 1.0 : 2.0
                        let im = 2 * k == size ? 0 : Double(spectrum[2 * k + 1])
                        sum += weight * (Double(spectrum[2 * k]) * turn.cos - im * turn.sin)
                    }
                    samples[t] = Float(sum)
                }
            }
        }
    }

    private func expectClose(_ found: [Float], _ expected: [Float], _ what: String) {
        let largest = expected.map(abs).max() ?? 0
        let worst = zip(found, expected).map { abs($0 - $1) }.max() ?? .infinity
        #expect(found.count == expected.count && worst <= 1e-5 * largest, "\(what): off by \(worst / largest)")
    }

    /// Sizes that the house uses: powers of two, 20 and 25 ms at 16 and 24 kHz, and odd ones, a prime among them.
    @Test(arguments: [256, 320, 400, 480, 1, 2, 6, 15, 97, 441])
    func spectraAndTheirInversesAgree(size: Int) throws {
        let (found, expected) = (try RealFFT(size: size), try RealFFT(size: size, transforms: PlainTransforms()))
        let rows = Frames(count: 3, channels: size, values: noise(3 * size, seed: 31))
        expectClose(found.forward(rows).values, expected.forward(rows).values, "spectra of \(size)")
        let spectrum = expected.forward(rows)
        expectClose(found.inverse(spectrum).values, expected.inverse(spectrum).values, "inverses of \(size)")
    }

    @Test func featuresAgree() throws {
        let samples = noise(2000, seed: 32)
        func logMel(_ transforms: any FourierTransforms) throws -> LogMel {
            try LogMel(
                stft: STFT(fftSize: 400, hopLength: 160, transforms: transforms),
                filters: MelFilterbank(sampleRate: 16_000, fftSize: 400, bands: 40))
        }
        let (found, expected) = (try logMel(.standard), try logMel(PlainTransforms()))
        expectClose(try found(samples).values, try expected(samples).values, "log mel")
        let spectrum = try expected.stft.analyze(samples)
        expectClose(found.stft.synthesize(spectrum, length: 2000), expected.stft.synthesize(spectrum, length: 2000), "synthesis")
        for size in [6, 60, 128] {
            let (mdct, plain) = (try MDCT(size: size), try MDCT(size: size, transforms: PlainTransforms()))
            let blocks = Frames(count: 4, channels: 2 * size, values: noise(8 * size, seed: 33))
            expectClose(mdct.forward(blocks).values, plain.forward(blocks).values, "MDCT of \(size)")
        }
    }
}
