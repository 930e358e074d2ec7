import Foundation
import Kernels
import Metrics
import Testing

/// What cannot be measured has a named reason, and never a number.
struct UndefinedTests {
    private let noise = signals(count: 12000)
    private let silence = [Float](repeating: 0, count: 12000)

    private func expectAll(_ reason: UndefinedReason, _ report: ReconstructionReport) {
        for measure in Measure.allCases { #expect(report.overall[measure] == .undefined(reason)) }
    }

    @Test func aSilentReference() throws {
        let found = try report(silence, noise.degraded, maximumLag: 100)
        expectAll(.silentReference, found)
        #expect(found.delay == DelayEstimate(samples: 0, correlation: .undefined(.silentReference)))
        try expectAll(.silentReference, report(silence, silence))
    }

    @Test func aSilentDegradedSignalHasNoScale() throws {
        let found = try report(noise.reference, silence, maximumLag: 100)
        #expect(found.overall[.siSDR] == .undefined(.silentDegraded))
        #expect(found.delay.correlation == .undefined(.silentDegraded))
        // An error as large as the signal is a measured 0 dB.
        #expect(found.overall[.snr] == .value(0))
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity])
    func samplesThatAreNotNumbers(bad: Float) throws {
        var broken = noise.reference
        broken[2000] = bad
        let a = try report(broken, noise.degraded, maximumLag: 100)
        expectAll(.nonFiniteReference, a)
        #expect(a.delay.correlation == .undefined(.nonFiniteReference))
        let b = try report(noise.reference, broken, maximumLag: 100)
        expectAll(.nonFiniteDegraded, b)
        #expect(b.delay.correlation == .undefined(.nonFiniteDegraded))
    }

    @Test func nothingToCompare() throws {
        try expectAll(.noOverlap, report(noise.reference, []))
        try expectAll(.noOverlap, report([], []))
        let none = AudioBlock(channelCount: 0)
        try expectAll(.noOverlap, .measure(reference: none, degraded: none, sampleRate: 24000))
        var meter = try ReconstructionMeter(
            sampleRate: 24000, channelCount: 1,
            delay: DelayEstimate(samples: 15000, correlation: .undefined(.notMeasured)))
        try meter.push(reference: AudioBlock(mono: noise.reference), degraded: AudioBlock(mono: noise.degraded))
        expectAll(.noOverlap, try meter.finish())
    }

    @Test func signalsShorterThanAMeasuresFrames() throws {
        let (r, d) = signals(count: 719)
        let short = try report(r, d).overall
        #expect(short[.snr].number != nil)
        #expect(short[.siSDR].number != nil)
        #expect(short[.segmentalSNR] == .undefined(.tooShort(samples: 719, needed: 720)))
        for measure in [Measure.multiResolutionSTFT, .melDistance, .logSpectralDistance] {
            #expect(short[measure] == .undefined(.tooShort(samples: 719, needed: 1025)))
        }
        for measure in [Measure.stoi, .estoi] {
            #expect(short[measure] == .undefined(.tooShort(samples: 719, needed: 9831)))
        }
        for measure in [Measure.f0ErrorCents, .grossPitchError, .voicingDecisionError] {
            #expect(short[measure] == .undefined(.tooShort(samples: 719, needed: 1535)))
        }
        #expect(short[.bandwidthReference] == .undefined(.tooShort(samples: 719, needed: 2048)))
        #expect(short[.loudnessDegraded] == .undefined(.tooShort(samples: 719, needed: 9600)))
        let (r2, d2) = signals(count: 1025)
        let enough = try report(r2, d2).overall
        for measure in Measure.allCases where [.waveform, .spectrum].contains(measure.definition.kind) {
            #expect(enough[measure].number != nil)
        }
    }

    @Test func identicalSignalsHaveNoRatioButZeroDistances() throws {
        let same = try report(noise.reference, noise.reference).overall
        #expect(same[.snr] == .undefined(.noError))
        #expect(same[.siSDR] == .undefined(.noError))
        #expect(same[.segmentalSNR] == .value(35))
        #expect(same[.multiResolutionSTFT] == .value(0))
        #expect(same[.melDistance] == .value(0))
        #expect(same[.logSpectralDistance] == .value(0))
        #expect(try report(noise.reference, noise.reference.map { $0 / 4 }).overall[.siSDR] == .undefined(.noError))
    }

    @Test func mismatchedFormats() throws {
        let (mono, stereo) = (AudioBlock(mono: noise.reference), AudioBlock(channels: [silence, silence]))
        let channels = try ReconstructionReport.measure(reference: mono, degraded: stereo, sampleRate: 24000)
        expectAll(.channelMismatch(reference: 1, degraded: 2), channels)
        let rates = try ReconstructionReport.measure(
            reference: mono, degraded: mono, sampleRate: 24000, degradedSampleRate: 16000)
        expectAll(.sampleRateMismatch(reference: 24000, degraded: 16000), rates)
    }

    @Test func aSilentChannelLeavesTheMeanUndefined() throws {
        let stereo = try ReconstructionReport.measure(
            reference: AudioBlock(channels: [noise.reference, silence]),
            degraded: AudioBlock(channels: [noise.degraded, silence]), sampleRate: 24000)
        for measure in Measure.allCases where [.waveform, .spectrum, .intelligibility].contains(measure.definition.kind) {
            #expect(stereo.overall[measure] == .undefined(.silentReference))
        }
        // Loudness is of all channels together, and one of them is not silent.
        #expect(stereo.overall[.loudnessReference].number != nil)
        #expect(stereo.channels[0][.snr].number != nil)
    }

    @Test func samplesTooLargeForSinglePrecision() throws {
        let huge = noise.reference.map { $0 * 1e30 }
        let found = try report(huge, noise.degraded, maximumLag: 10)
        for measure in [Measure.multiResolutionSTFT, .logSpectralDistance] {
            #expect(found.overall[measure] == .undefined(.overflow))
        }
        for measure in Measure.allCases { #expect(found.overall[measure].number?.isFinite != false) }
    }

    @Test func settingsWithoutMeaningAreErrors() {
        #expect(throws: MetricsError.sampleRate(0, allowed: 1000...1_000_000)) {
            try ReconstructionMeter(sampleRate: 0, channelCount: 1)
        }
        #expect(throws: MetricsError.channelCount(0)) { try ReconstructionMeter(sampleRate: 24000, channelCount: 0) }
        #expect(throws: MetricsError.maximumLag(-1, allowed: 0...(1 << 20))) {
            try DelayEstimator(channelCount: 1, maximumLag: -1)
        }
    }
}
