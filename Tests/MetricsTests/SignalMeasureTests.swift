import Foundation
import Kernels
import Metrics
import TestSupport
import Testing

/// Loudness, bandwidth and clipping.
struct SignalMeasureTests {
    private func tone(_ frequency: Double, amplitude: Double, count: Int = 48000) -> [Float] {
        sine(frequency, rate: 48000, samples: count, amplitude: amplitude)
    }

    private func measure(_ r: [[Float]], _ d: [[Float]]) throws -> ReconstructionReport {
        try .measure(reference: AudioBlock(channels: r), degraded: AudioBlock(channels: d), sampleRate: 48000)
    }

    @Test func aFullScaleToneHasTheStandardsLoudness() throws {
        // ITU-R BS.1770: 997 Hz at 0 dB FS in one front channel reads -3.01 LUFS.
        let found = try measure([tone(997, amplitude: 1)], [tone(997, amplitude: 0.5)]).overall
        #expect(abs(try #require(found[.loudnessReference].number) + 3.01) < 0.01)
        #expect(abs(try #require(found[.loudnessDifference].number) + 6.02) < 0.01)
    }

    @Test func loudnessIsOfAllChannelsTogether() throws {
        let one = tone(997, amplitude: 0.5)
        let found = try measure([one, one], [one, one])
        #expect(abs(try #require(found.overall[.loudnessReference].number) + 6.02) < 0.01)
        #expect(found.channels[0][.loudnessReference] == .undefined(.measuredJointly))
    }

    @Test func aWhisperBelowTheGateIsInaudible() throws {
        let found = try measure([tone(997, amplitude: 0.5)], [tone(997, amplitude: 1e-5)]).overall
        #expect(found[.loudnessDegraded] == .undefined(.inaudible))
        #expect(found[.loudnessDifference] == .undefined(.inaudible))
        #expect(found[.loudnessReference].number != nil)
    }

    /// To within the band and what the window spreads of the loudest one.
    @Test func bandwidthIsTheHighestBandWithPower() throws {
        let low = tone(500, amplitude: 0.5)
        let both = zip(low, tone(9000, amplitude: 0.05)).map { $0 + $1 }
        let found = try measure([both], [low.map { $0 / 8 }]).overall
        #expect(abs(try #require(found[.bandwidthReference].number) - 9000) < 250)
        #expect(abs(try #require(found[.bandwidthDegraded].number) - 500) < 450)
    }

    @Test func clippingCountsFullScale() throws {
        let clipped = tone(997, amplitude: 2).map { min(max($0, -1), 32767.0 / 32768) }
        let found = try measure([tone(997, amplitude: 0.99)], [clipped]).overall
        #expect(found[.clippingReference] == .value(0))
        // Two thirds of a sine's time it is beyond half its peak.
        #expect(abs(try #require(found[.clippingDegraded].number) - 200.0 / 3) < 0.5)
    }

    @Test func aGainLeavesLevelInvariantMeasuresAlone() throws {
        let (r, d) = signals(count: 12000)
        let (plain, halved) = (try report(r, d).overall, try report(r, d.map { $0 / 2 }).overall)
        for measure in [Measure.siSDR, .stoi, .estoi, .melCepstralDistortion, .bandwidthDegraded] {
            let (a, b) = (try #require(plain[measure].number), try #require(halved[measure].number))
            #expect(abs(a - b) <= 1e-4 * abs(a), "\(measure): \(a), \(b)")
        }
    }
}
