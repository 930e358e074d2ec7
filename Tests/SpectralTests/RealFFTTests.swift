import Foundation
import Kernels
import Spectral
import Testing

struct RealFFTTests {
    @Test(arguments: [1, 2, 3, 8, 15, 97, 240])
    func matchesTheDefinition(size: Int) throws {
        let x = noise(size, seed: 11)
        let spectrum = try RealFFT(size: size).forward(Frames(count: 1, channels: size, values: x))
        #expect(spectrum.bins == size / 2 + 1)
        for k in 0..<spectrum.bins {
            var (re, im) = (0.0, 0.0)
            for n in 0..<size {
                let angle = 2 * Double.pi * Double(k * n % size) / Double(size)
                re += Double(x[n]) * cos(angle)
                im -= Double(x[n]) * sin(angle)
            }
            #expect(abs(Double(spectrum[0, k].real) - re) < 1e-6 * Double(size))
            #expect(abs(Double(spectrum[0, k].imaginary) - im) < 1e-6 * Double(size))
        }
    }

    @Test(arguments: [1, 2, 9, 320, 1024])
    func inverseUndoesForward(size: Int) throws {
        let fft = try RealFFT(size: size)
        let x = Frames(count: 3, channels: size, values: noise(3 * size, seed: 5))
        #expect(signalToNoise(x.values, fft.inverse(fft.forward(x)).values) > 125)
        let scaled = fft.inverse(fft.forward(x), normalized: false).values.map { $0 / Float(size) }
        #expect(signalToNoise(x.values, scaled) > 125)
    }

    @Test func imaginaryPartsThatNoRealSignalHasAreIgnored() throws {
        let fft = try RealFFT(size: 16)
        let clean = fft.forward(Frames(count: 1, channels: 16, values: noise(16, seed: 2)))
        var odd = clean
        odd[0, 0].imaginary = 3
        odd[0, 8].imaginary = -7
        #expect(fft.inverse(odd) == fft.inverse(clean))
    }

    @Test func aRowHasTheSameBitsAloneAndInABatch() throws {
        let fft = try RealFFT(size: 100)
        let rows = Frames(count: 7, channels: 100, values: noise(700, seed: 2))
        let batch = fft.forward(rows)
        for row in 0..<7 { #expect(fft.forward(rows.slice(row..<(row + 1))) == batch.slice(row..<(row + 1))) }
    }

    @Test func plansAndTransformsFromManyThreadsAgree() async throws {
        let sizes = (1...60).map { 2 * $0 + 200 }
        let expected = try sizes.map { try transform(size: $0) }
        await withTaskGroup(of: Bool.self) { group in
            for task in 0..<8 {
                group.addTask {
                    sizes.indices.allSatisfy { i in
                        // Fresh sizes too, so that planning itself runs concurrently.
                        let fresh = try? RealFFT(size: 1001 + 2 * (i + task))
                        return fresh != nil && (try? transform(size: sizes[i])) == expected[i]
                    }
                }
            }
            for await agrees in group { #expect(agrees) }
        }
    }

    @Test func refusesSizesOutOfRange() {
        for size in [0, -1, 1 << 25, Int.max] {
            #expect(throws: SpectralError.size(what: "FFT size", found: size, allowed: 1...(1 << 24))) {
                try RealFFT(size: size)
            }
        }
    }

    @Test func spectrumPartsFitTogether() throws {
        let x = Frames(count: 2, channels: 64, values: noise(128, seed: 4))
        let spectrum = try RealFFT(size: 64).forward(x)
        #expect(Spectrum(real: spectrum.real, imaginary: spectrum.imaginary) == spectrum)
        let polar = Spectrum(magnitude: spectrum.magnitude, phase: spectrum.phase)
        #expect(signalToNoise(spectrum.values, polar.values) > 115)
        for (m, p) in zip(spectrum.magnitude.values, spectrum.power.values) { #expect(abs(m * m - p) <= 1e-5 * p) }
    }
}

private func transform(size: Int) throws -> Spectrum {
    try RealFFT(size: size).forward(Frames(count: 2, channels: size, values: noise(2 * size, seed: UInt64(size))))
}
