import Spectral
import Testing

private let paddings: [STFT.Padding] = [
    .center(.reflect), .center(.zero), .same(.reflect), .same(.zero), .causal, .none,
]

struct STFTTests {
    @Test func matchesLibrosa() throws {
        let x = noise(200, seed: 1)
        let reflect = try STFT(fftSize: 32, hopLength: 12)
        try expectGolden(try reflect.analyze(x).values, "stft.center.reflect", tolerance: 1e-6)
        let zero = try STFT(fftSize: 32, hopLength: 12, window: .hamming, padding: .center(.zero))
        try expectGolden(try zero.analyze(x).values, "stft.center.zero", tolerance: 1e-6)
        let none = try STFT(fftSize: 32, hopLength: 12, padding: .none)
        try expectGolden(try none.analyze(x).values, "stft.none", tolerance: 1e-6)
        let short = try STFT(fftSize: 32, hopLength: 8, windowLength: 20)
        try expectGolden(try short.analyze(x).values, "stft.shortWindow", tolerance: 1e-6)
    }

    @Test func frameCountsFollowThePadding() throws {
        let x = noise(101, seed: 1)
        let counts = try paddings.map { try STFT(fftSize: 32, hopLength: 8, padding: $0).analyze(x).count }
        #expect(counts == [13, 13, 12, 12, 13, 9])
    }

    @Test func aCausalFrameEndsWithItsHop() throws {
        let causal = try STFT(fftSize: 32, hopLength: 8, padding: .causal)
        let none = try STFT(fftSize: 32, hopLength: 8, padding: .none)
        let x = noise(64, seed: 2)
        #expect(try causal.analyze(x).slice(3..<8) == none.analyze(x))
        var stream = STFTAnalysis(causal)
        #expect(try stream.push(Array(x[..<8])).count == 1)
    }

    @Test(arguments: [(64, 16, STFT.Padding.center()), (64, 32, .center(.zero)), (60, 20, .same()), (63, 21, .same(.zero))])
    func inversionIsExact(fftSize: Int, hop: Int, padding: STFT.Padding) throws {
        let stft = try STFT(fftSize: fftSize, hopLength: hop, window: .hann, padding: padding)
        let x = noise(1260, seed: 6)
        let y = stft.synthesize(try stft.analyze(x), length: x.count)
        #expect(y.count == x.count)
        // The last hop is only covered by the window's faint edge.
        #expect(signalToNoise(x[..<(1260 - hop)], y[..<(1260 - hop)]) > 125)
        #expect(signalToNoise(x, y) > 100)
    }

    @Test func inversionIsExactWhereTheWindowReaches() throws {
        let x = noise(640, seed: 6)
        let causal = try STFT(fftSize: 64, hopLength: 16, window: .hamming, padding: .causal)
        #expect(signalToNoise(x, causal.synthesize(try causal.analyze(x))) > 120)
        let none = try STFT(fftSize: 64, hopLength: 16, window: .hann, padding: .none)
        let y = none.synthesize(try none.analyze(x))
        // A Hann window's first value is zero, so the first sample cannot be known.
        #expect(y[0] == 0)
        #expect(signalToNoise(x[16..<624], y[16..<624]) > 125)
    }

    @Test func aNonOverlappingTransformInverts() throws {
        let stft = try STFT(fftSize: 16, hopLength: 16, window: .rectangular, padding: .none)
        let x = noise(160, seed: 6)
        #expect(signalToNoise(x, stft.synthesize(try stft.analyze(x))) > 125)
    }

    @Test func withoutALengthTheFramesSetIt() throws {
        let x = noise(100, seed: 1)
        let lengths = try paddings.map { padding -> Int in
            let stft = try STFT(fftSize: 32, hopLength: 8, padding: padding)
            return stft.synthesize(try stft.analyze(x)).count
        }
        #expect(lengths == [96, 96, 96, 96, 104, 96])
        let stft = try STFT(fftSize: 32, hopLength: 8)
        #expect(stft.synthesize(Spectrum(bins: 17)).isEmpty)
        #expect(stft.synthesize(try stft.analyze(x), length: 5).count == 5)
        #expect(stft.synthesize(try stft.analyze(x), length: 500).count == 500)
    }

    @Test(arguments: paddings, cuts)
    func anyCutGivesTheSameBits(padding: STFT.Padding, sizes: [Int]) throws {
        let stft = try STFT(fftSize: 32, hopLength: 10, padding: padding)
        let x = noise(333, seed: 8)
        let expected = try stft.analyze(x)
        var analysis = STFTAnalysis(stft)
        var found = Spectrum(bins: stft.bins)
        for piece in pieces(x, sizes) { found.append(try analysis.push(piece)) }
        found.append(try analysis.finish())
        #expect(found == expected)

        let samples = stft.synthesize(expected, length: 333)
        var synthesis = STFTSynthesis(stft)
        var streamed: [Float] = []
        var start = 0
        for size in sizes + [expected.count] {
            let end = min(start + size, expected.count)
            streamed += try synthesis.push(expected.slice(start..<end))
            start = end
        }
        streamed += try synthesis.finish(length: 333)
        #expect(Array(streamed.prefix(333)) == samples)
    }

    /// Sample by sample, the buffer meets every relation of its capacity to the length that mirroring needs.
    @Test func theMirroredEdgeDoesNotDependOnTheCut() throws {
        let x = noise(300, seed: 14)
        for fftSize in stride(from: 2, through: 140, by: 2) {
            let stft = try STFT(fftSize: fftSize, hopLength: max(1, fftSize / 4))
            var analysis = STFTAnalysis(stft)
            var found = Spectrum(bins: stft.bins)
            for sample in x { found.append(try analysis.push([sample])) }
            found.append(try analysis.finish())
            #expect(try found == stft.analyze(x), "FFT size \(fftSize)")
        }
    }

    @Test func aSignalTooShortToMirrorIsRefusedByName() throws {
        let stft = try STFT(fftSize: 32, hopLength: 8)
        #expect(throws: SpectralError.signalTooShort(samples: 16, needed: 17)) { try stft.analyze(noise(16, seed: 1)) }
        #expect(throws: SpectralError.signalTooShort(samples: 0, needed: 17)) { try stft.analyze([]) }
        #expect(try stft.analyze(noise(17, seed: 1)).count == 3)
    }

    @Test func refusesImpossibleSettings() {
        #expect(throws: SpectralError.size(what: "hop length", found: 33, allowed: 1...32)) {
            try STFT(fftSize: 32, hopLength: 33)
        }
        #expect(throws: SpectralError.size(what: "window length", found: 40, allowed: 1...32)) {
            try STFT(fftSize: 32, hopLength: 8, windowLength: 40)
        }
        #expect(throws: SpectralError.self) { try STFT(fftSize: 33, hopLength: 8, padding: .same()) }
        #expect(throws: SpectralError.self) { try STFT(fftSize: 0, hopLength: 8) }
        #expect(throws: SpectralError.self) { try STFT(fftSize: 32, hopLength: 8, windowValues: []) }
    }
}
