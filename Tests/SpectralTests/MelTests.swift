import Kernels
import Spectral
import Testing

struct MelTests {
    @Test(arguments: [MelScale.slaney, .htk])
    func scalesMatchLibrosaAndInvert(scale: MelScale) throws {
        let high = scale.mel(fromHertz: 12000)
        let found = (0..<9).map { Float(scale.hertz(fromMel: high * Double($0) / 8)) }
        try expectGolden(found, "mel.\(scale.rawValue)", tolerance: 1e-7)
        for f in [0, 440, 999.9, 1000, 5000, 20000] {
            #expect(abs(scale.hertz(fromMel: scale.mel(fromHertz: f)) - f) < 1e-6)
        }
    }

    @Test(arguments: [(MelScale.slaney, MelFilterbank.Norm.slaney), (.htk, .none)])
    func filtersMatchLibrosa(scale: MelScale, norm: MelFilterbank.Norm) throws {
        let filters = try MelFilterbank(
            sampleRate: 16000, fftSize: 128, bands: 12, minimumFrequency: 50, maximumFrequency: 7000, scale: scale,
            norm: norm)
        try expectGolden(filters.matrix.values, "filters.\(scale.rawValue)", tolerance: 1e-6)
    }

    @Test func applyingIsTheProductWithTheMatrix() throws {
        let filters = try MelFilterbank(sampleRate: 24000, fftSize: 64, bands: 10)
        let input = Frames(count: 5, channels: 33, values: noise(165, seed: 3).map(abs))
        let (found, matrix) = (filters.apply(input), filters.matrix)
        for t in 0..<5 {
            for band in 0..<10 {
                let expected = (0..<33).reduce(0.0) { $0 + Double(matrix[band, $1]) * Double(input[t, $1]) }
                #expect(abs(Double(found[t, band]) - expected) <= 1e-6 * expected)
            }
        }
    }

    @Test func moreBandsThanBinsLeavesSomeBandsEmpty() throws {
        let filters = try MelFilterbank(sampleRate: 44100, fftSize: 32, bands: 40)
        let rows = filters.apply(Frames(count: 1, channels: 17, values: [Float](repeating: 1, count: 17)))
        #expect(rows.values.contains(0))
        #expect(rows.values.allSatisfy { $0.isFinite && $0 >= 0 })
    }

    @Test func logMelAndMFCCMatchLibrosa() throws {
        let envelope = (0..<1600).map { Float(1) / Float(1 << ($0 / 200)) }
        let x = zip(noise(1600, seed: 3), envelope).map { $0 * $1 }
        let logMel = try LogMel(
            stft: STFT(fftSize: 256, hopLength: 160),
            filters: MelFilterbank(sampleRate: 16000, fftSize: 256, bands: 20), logarithm: .decibels)
        let decibels = try logMel(x)
        try expectGolden(decibels.values, "logmel.decibels", tolerance: 1e-5)
        let limited = MFCC.limitedRange(decibels, range: 40)
        #expect(limited.values.min()! > decibels.values.min()!)
        try expectGolden(try MFCC(count: 13, bands: 20).apply(limited).values, "mfcc", tolerance: 1e-5)
    }

    @Test func logMelStreamsToTheSameBits() throws {
        let logMel = try LogMel(
            stft: STFT(fftSize: 64, hopLength: 16, padding: .causal),
            filters: MelFilterbank(sampleRate: 16000, fftSize: 64, bands: 8), exponent: .magnitude)
        let x = noise(500, seed: 12)
        var analysis = STFTAnalysis(logMel.stft)
        var found = Frames(channels: 8)
        for piece in pieces(x, [5, 90, 17]) { found.append(logMel.apply(try analysis.push(piece))) }
        found.append(logMel.apply(try analysis.finish()))
        #expect(try found == logMel(x))
    }

    @Test func silenceStaysAtTheFloor() throws {
        let logMel = try LogMel(
            stft: STFT(fftSize: 64, hopLength: 16, padding: .causal),
            filters: MelFilterbank(sampleRate: 16000, fftSize: 64, bands: 8), logarithm: .ten, floor: 1e-5)
        #expect(try logMel([Float](repeating: 0, count: 64)).values.allSatisfy { abs($0 + 5) < 1e-5 })
    }

    @Test func refusesImpossibleBands() throws {
        #expect(throws: SpectralError.self) { try MelFilterbank(sampleRate: 0, fftSize: 64, bands: 8) }
        #expect(throws: SpectralError.self) { try MelFilterbank(sampleRate: .nan, fftSize: 64, bands: 8) }
        #expect(throws: SpectralError.self) { try MelFilterbank(sampleRate: 16000, fftSize: 64, bands: 0) }
        #expect(throws: SpectralError.self) {
            try MelFilterbank(sampleRate: 16000, fftSize: 64, bands: 8, maximumFrequency: 9000)
        }
        #expect(throws: SpectralError.self) {
            try MelFilterbank(sampleRate: 16000, fftSize: 64, bands: 8, minimumFrequency: 4000, maximumFrequency: 3000)
        }
        #expect(throws: SpectralError.self) { try MFCC(count: 21, bands: 20) }
        let stft = try STFT(fftSize: 32, hopLength: 8)
        let filters = try MelFilterbank(sampleRate: 16000, fftSize: 64, bands: 8)
        #expect(throws: SpectralError.self) { try LogMel(stft: stft, filters: filters) }
    }
}
