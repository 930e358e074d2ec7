import Foundation
import Kernels
import Platform
import Spectral
import Testing

struct MDCTTests {
    @Test func matchesSciPysDCT() throws {
        let block = Frames(count: 1, channels: 48, values: noise(48, seed: 7))
        try expectGolden(try MDCT(size: 24).forward(block).values, "mdct", tolerance: 1e-6)
    }

    @Test(arguments: [2, 6, 24, 480])
    func forwardMatchesTheDefinitionInDouble(size: Int) throws {
        let mdct = try MDCT(size: size, window: .kaiserBesselDerived(alpha: 4))
        let x = noise(2 * size, seed: 21)
        let found = mdct.forward(Frames(count: 1, channels: 2 * size, values: x))
        var (error, energy) = (0.0, 0.0)
        for k in 0..<size {
            var sum = 0.0
            for n in 0..<(2 * size) { sum += Double(mdct.window[n]) * Double(x[n]) * basis(n, k, size) }
            error += pow(Double(found[0, k]) - sum, 2)
            energy += sum * sum
        }
        #expect((error / energy).squareRoot() < 4e-7)
    }

    @Test(arguments: [2, 6, 480])
    func inverseMatchesTheDefinitionInDouble(size: Int) throws {
        let mdct = try MDCT(size: size)
        let coefficients = noise(size, seed: 22)
        let found = mdct.inverse(Frames(count: 1, channels: size, values: coefficients))
        var (error, energy) = (0.0, 0.0)
        for n in 0..<(2 * size) {
            var sum = 0.0
            for k in 0..<size { sum += Double(coefficients[k]) * basis(n, k, size) }
            sum *= Double(mdct.window[n])
            error += pow(Double(found[0, n]) - sum, 2)
            energy += sum * sum
        }
        #expect((error / energy).squareRoot() < 4e-7)
    }

    @Test(arguments: [Window.sine, .kaiserBesselDerived(alpha: 4)], [1, 59, 60, 61, 600])
    func synthesisUndoesAnalysis(window: Window, count: Int) throws {
        let mdct = try MDCT(size: 60, window: window)
        let x = noise(count, seed: 3)
        var analysis = MDCTAnalysis(mdct)
        var frames = try analysis.push(x)
        frames.append(try analysis.finish())
        #expect(frames.count == (count + 59) / 60 + 1)
        var synthesis = MDCTSynthesis(mdct)
        let y = synthesis.push(frames).dropFirst(60)
        #expect(y.count >= count)
        #expect(signalToNoise(x, y) > 125)
    }

    @Test func keepsTheEnergy() throws {
        var analysis = MDCTAnalysis(try MDCT(size: 32))
        let x = noise(320, seed: 9)
        var frames = try analysis.push(x)
        frames.append(try analysis.finish())
        let energy = { (v: [Float]) in v.reduce(0.0) { $0 + Double($1) * Double($1) } }
        #expect(abs(energy(frames.values) / energy(x) - 1) < 1e-6)
    }

    @Test(arguments: cuts)
    func anyCutGivesTheSameBits(sizes: [Int]) throws {
        let mdct = try MDCT(size: 20)
        let x = noise(333, seed: 8)
        var whole = MDCTAnalysis(mdct)
        var expected = try whole.push(x)
        expected.append(try whole.finish())

        var stream = MDCTAnalysis(mdct)
        var found = Frames(channels: 20)
        for piece in pieces(x, sizes) { found.append(try stream.push(piece)) }
        found.append(try stream.finish())
        #expect(found == expected)

        var wholeSynthesis = MDCTSynthesis(mdct)
        let samples = wholeSynthesis.push(expected)
        var synthesis = MDCTSynthesis(mdct)
        var streamed: [Float] = []
        var start = 0
        for size in sizes + [expected.count] {
            let end = min(start + size, expected.count)
            streamed += synthesis.push(expected.slice(start..<end))
            start = end
        }
        #expect(streamed == samples)
    }

    @Test func theFirstFrameSeesZerosThenTheFirstHop() throws {
        let mdct = try MDCT(size: 16)
        let x = noise(16, seed: 1)
        var analysis = MDCTAnalysis(mdct)
        let first = try analysis.push(x)
        let block = Frames(count: 1, channels: 32, values: [Float](repeating: 0, count: 16) + x)
        #expect(first == mdct.forward(block))
    }

    @Test func anEmptySignalHasNoFrames() throws {
        var analysis = MDCTAnalysis(try MDCT(size: 16))
        #expect(try analysis.finish().isEmpty)
    }

    @Test func afterTheEndItThrows() throws {
        var analysis = MDCTAnalysis(try MDCT(size: 16))
        _ = try analysis.push(noise(40, seed: 1))
        _ = try analysis.finish()
        #expect(throws: UsedAfterEnd.self) { try analysis.push([1]) }
        #expect(throws: UsedAfterEnd.self) { try analysis.finish() }
    }

    @Test func refusesWindowsThatLeaveAliasing() {
        #expect(throws: SpectralError.notPrincenBradley(index: 0)) { try MDCT(size: 8, window: .hann) }
        #expect(throws: SpectralError.notPrincenBradley(index: 0)) {
            try MDCT(size: 2, windowValues: [.nan, 1, 1, 0])
        }
        // w² sums to 1, but the window is not symmetric.
        #expect(throws: SpectralError.notPrincenBradley(index: 0)) { try MDCT(size: 2, windowValues: [1, 1, 0, 0]) }
        #expect(throws: SpectralError.windowLength(expected: 16, found: 3)) {
            try MDCT(size: 8, windowValues: [1, 1, 1])
        }
        #expect(throws: SpectralError.oddSize(what: "MDCT size", found: 7)) { try MDCT(size: 7) }
        #expect(throws: SpectralError.self) { try MDCT(size: 0) }
    }
}

private func basis(_ n: Int, _ k: Int, _ size: Int) -> Double {
    let angle = Double.pi / Double(size) * (Double(n) + 0.5 + Double(size) / 2) * (Double(k) + 0.5)
    return (2 / Double(size)).squareRoot() * cos(angle)
}
