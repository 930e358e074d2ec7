import Audio
import Foundation
import Kernels
import Platform
import TestSupport
import Testing

/// All of `audio`, converted in blocks whose sizes `sizes` gives in turn.
private func convert(
    _ audio: AudioBlock, from: Int, to: Int, sizes: [Int] = [1 << 30], quality: Resampler.Quality = .high
) throws -> AudioBlock {
    var resampler = try Resampler(from: from, to: to, channelCount: audio.channelCount, quality: quality)
    var output = AudioBlock(channelCount: audio.channelCount)
    var start = 0
    var turn = 0
    while start < audio.sampleCount {
        let end = min(audio.sampleCount, start + sizes[turn % sizes.count])
        output.append(try resampler.push(audio.slice(start..<end)))
        (start, turn) = (end, turn + 1)
    }
    output.append(try resampler.finish())
    #expect(resampler.samplesIn == audio.sampleCount && resampler.samplesOut == output.sampleCount)
    return output
}

private let rates = [8_000, 11_025, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000]

@Test func lengthIsExactForEveryPairOfRates() throws {
    for from in rates {
        for to in rates {
            for samples in [0, 1, 2, 100, 1021] {
                let output = try convert(noise(samples: samples, channels: 1), from: from, to: to)
                #expect(output.sampleCount == (samples * to + from - 1) / from, "\(samples) from \(from) to \(to)")
                let back = try convert(output, from: to, to: from)
                #expect(back.sampleCount >= samples && back.sampleCount <= samples + (from + to - 1) / to)
            }
        }
    }
}

@Test func lengthOfHugeCountsDoesNotOverflow() {
    #expect(Resampler.outputLength(of: .max, from: 8_000, to: 48_000) == .max)
    #expect(Resampler.outputLength(of: .max, from: 48_000, to: 48_000) == .max)
    #expect(Resampler.outputLength(of: 1 << 62, from: 48_000, to: 24_000) == 1 << 61)
    #expect(Resampler.outputLength(of: -5, from: 48_000, to: 24_000) == 0)
}

@Test func upAndDownByAWholeFactorGivesTheSameLength() throws {
    for samples in [0, 1, 100, 12_345] {
        let up = try convert(noise(samples: samples, channels: 1), from: 8_000, to: 24_000)
        #expect(try convert(up, from: 24_000, to: 8_000).sampleCount == samples)
    }
}

@Test(arguments: [(44_100, 24_000), (24_000, 44_100), (8_000, 24_000), (48_000, 24_000), (44_100, 44_101)])
func outputDoesNotDependOnBlocks(from: Int, to: Int) throws {
    let audio = noise(samples: 6000, channels: 2)
    let whole = try convert(audio, from: from, to: to)
    for sizes in [[1], [7, 480, 3], [255], [256], [257], [4096]] {
        #expect(try convert(audio, from: from, to: to, sizes: sizes) == whole, "blocks of \(sizes)")
    }
}

@Test func channelsDoNotMix() throws {
    let audio = noise(samples: 3000, channels: 3)
    let together = try convert(audio, from: 44_100, to: 24_000)
    for c in 0..<3 {
        let alone = try convert(AudioBlock(mono: audio.channels[c]), from: 44_100, to: 24_000)
        #expect(alone.channels[0] == together.channels[c])
    }
}

@Test(arguments: [(44_100, 24_000), (24_000, 44_100), (8_000, 24_000), (48_000, 16_000), (96_000, 24_000)])
func sineKeepsLevelAndPhase(from: Int, to: Int) throws {
    let frequency = 0.2 * Double(min(from, to))
    let output = try convert(AudioBlock(mono: sine(frequency, rate: from, samples: from)), from: from, to: to).channels[0]
    let ideal = sine(frequency, rate: to, samples: to)
    // The first and last 50 ms ring with the tone's sudden start and stop.
    let middle = to / 20..<to - to / 20
    let signal = middle.reduce(0.0) { $0 + Double(ideal[$1]) * Double(ideal[$1]) }
    let error = middle.reduce(0.0) { $0 + pow(Double(output[$1]) - Double(ideal[$1]), 2) }
    let ratio = 10 * log10(signal / error)
    #expect(ratio > 100, "\(ratio) dB")
}

@Test func tonesAboveTheNewBandVanish() throws {
    let tone = AudioBlock(mono: sine(14_000, rate: 48_000, samples: 48_000))
    let output = try convert(tone, from: 48_000, to: 24_000).channels[0]
    let loudest = output[2400..<21_600].map(abs).max() ?? 1
    #expect(loudest < 1e-5)
}

@Test func equalRatesPassUnchanged() throws {
    let audio = noise(samples: 1000, channels: 2)
    #expect(try convert(audio, from: 24_000, to: 24_000, sizes: [13]) == audio)
}

@Test func bothQualitiesAgreeInBand() throws {
    let tone = AudioBlock(mono: sine(3000, rate: 44_100, samples: 10_000))
    let high = try convert(tone, from: 44_100, to: 24_000).channels[0]
    let veryHigh = try convert(tone, from: 44_100, to: 24_000, quality: .veryHigh).channels[0]
    let middle = 1000..<4000
    #expect(middle.allSatisfy { abs(high[$0] - veryHigh[$0]) < 1e-5 })
    #expect(high != veryHigh)
}

@Test func extremeRatesWork() throws {
    let up = try convert(noise(samples: 300, channels: 1), from: 1_000, to: 768_000)
    #expect(up.sampleCount == 300 * 768)
    #expect(try convert(up, from: 768_000, to: 1_000).sampleCount == 300)
}

@Test func wrongUseIsRefused() throws {
    #expect(audioError { _ = try Resampler(from: 0, to: 24_000, channelCount: 1) }?.kind == .internal)
    #expect(audioError { _ = try Resampler(from: 24_000, to: 44_100, channelCount: 0) }?.kind == .internal)
    var resampler = try Resampler(from: 24_000, to: 44_100, channelCount: 1)
    #expect(audioError { _ = try resampler.push(noise(samples: 1, channels: 2)) }?.kind == .internal)
    _ = try resampler.finish()
    #expect(throws: UsedAfterEnd.self) { try resampler.push(noise(samples: 1, channels: 1)) }
    #expect(throws: UsedAfterEnd.self) { try resampler.finish() }
}
