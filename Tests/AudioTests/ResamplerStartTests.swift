import Audio
import Kernels
import Platform
import TestSupport
import Testing

private let pairs = [
    (24_000, 44_100), (24_000, 16_000), (24_000, 48_000), (24_000, 22_050), (48_000, 44_100), (16_000, 44_101), (24_000, 24_000),
    (24_000, 8_000), (11_025, 44_101), (44_100, 16_000),
]

extension Resampler {
    /// All that comes of `audio` in blocks of random sizes up to `size`, and of the end.
    fileprivate mutating func all(of audio: AudioBlock, upTo size: Int, random: inout SplitMix64) throws -> AudioBlock {
        var output = AudioBlock(channelCount: channelCount)
        var start = 0
        while start < audio.sampleCount {
            let end = min(audio.sampleCount, start + Int.random(in: 1...size, using: &random))
            output.append(try push(audio.slice(start..<end)))
            start = end
        }
        output.append(try finish())
        return output
    }
}

@Suite struct ResamplerStartTests {
    /// Also so far in that blocks of soxr are counted instead of fed.
    @Test(arguments: pairs, Resampler.Quality.allCases)
    func whatStartsInTheMiddleIsTheWholesAfterItsMemory(_ rates: (Int, Int), _ quality: Resampler.Quality) throws {
        var random = SplitMix64(seed: UInt64(rates.0 + rates.1))
        let memory = Resampler.memory(from: rates.0, to: rates.1, quality: quality)
        let audio = noise(samples: 220_000, channels: 1)
        var resampler = try Resampler(from: rates.0, to: rates.1, channelCount: 1, quality: quality)
        let whole = try resampler.all(of: audio, upTo: 50_000, random: &random)
        let positions = [1, 100, 65_537, 170_000] + (0..<6).map { _ in Int.random(in: 0..<180_000, using: &random) }
        for position in positions {
            var late = try Resampler(
                from: rates.0, to: rates.1, channelCount: 1, quality: quality, startingAt: position)
            let copy = late
            let output = try late.all(of: audio.slice(position..<audio.sampleCount), upTo: 9_000, random: &random)
            let start = late.outputLength(of: position)
            #expect(output.sampleCount == whole.sampleCount - start, "from \(position) on")
            #expect(late.samplesIn == audio.sampleCount - position && late.samplesOut == output.sampleCount)
            let same = late.outputLength(of: position + memory)
            #expect(
                output.slice((same - start)..<output.sampleCount) == whole.slice(same..<whole.sampleCount), "from \(position) on")
            var again = copy
            let end = min(audio.sampleCount, position + 20_000)
            let piece = try again.all(of: audio.slice(position..<end), upTo: 700, random: &random)
            #expect(piece.sampleCount == late.outputLength(of: end) - start)
            let ready = min(piece.sampleCount, late.outputLength(of: end - memory) - start)
            if ready > 0 { #expect(piece.slice(0..<ready) == output.slice(0..<ready), "a copy from \(position) on") }
        }
    }

    /// After silence it makes no difference where one starts: also the first samples are the whole's.
    @Test(arguments: pairs) func zerosBeforeTheStartAreTheWholes(_ rates: (Int, Int)) throws {
        var random = SplitMix64(seed: 4)
        for position in [3, 20_001, 150_000] {
            let audio = noise(samples: 12_000, channels: 2)
            var long = AudioBlock(silence: position, channelCount: 2)
            long.append(audio)
            var resampler = try Resampler(from: rates.0, to: rates.1, channelCount: 2)
            let whole = try resampler.all(of: long, upTo: 50_000, random: &random)
            var late = try Resampler(from: rates.0, to: rates.1, channelCount: 2, startingAt: position)
            let output = try late.all(of: audio, upTo: 3_000, random: &random)
            #expect(output == whole.slice(late.outputLength(of: position)..<whole.sampleCount), "from \(position) on")
        }
    }

    /// The memory is a bound, but not of another order than the least.
    @Test func theMemoryIsNeeded() throws {
        let audio = noise(samples: 40_000, channels: 1)
        var random = SplitMix64(seed: 8)
        var resampler = try Resampler(from: 24_000, to: 44_100, channelCount: 1)
        let whole = try resampler.all(of: audio, upTo: 50_000, random: &random)
        var most = 0
        for _ in 0..<20 {
            let position = Int.random(in: 2_000..<30_000, using: &random)
            var late = try Resampler(from: 24_000, to: 44_100, channelCount: 1, startingAt: position)
            let output = try late.all(of: audio.slice(position..<audio.sampleCount), upTo: 50_000, random: &random)
            let start = late.outputLength(of: position)
            let last = (0..<output.sampleCount).last { output.frames[$0, 0] != whole.frames[start + $0, 0] } ?? 0
            most = max(most, last * 24_000 / 44_100 + 1)
        }
        let memory = Resampler.memory(from: 24_000, to: 44_100)
        #expect(most > memory / 8 && most <= memory, "\(most) of \(memory)")
    }

    @Test(arguments: pairs, Resampler.Quality.allCases)
    func allOfAnInstantHasComeAfterItsLookahead(_ rates: (Int, Int), _ quality: Resampler.Quality) throws {
        let lookahead = Resampler.lookahead(from: rates.0, to: rates.1, quality: quality)
        for position in [0, 12_345] {
            var resampler = try Resampler(
                from: rates.0, to: rates.1, channelCount: 1, quality: quality, startingAt: position)
            for _ in 0..<8_000 {
                _ = try resampler.push(AudioBlock(silence: 7, channelCount: 1))
                let due = resampler.outputLength(of: position + resampler.samplesIn - lookahead)
                let first = resampler.outputLength(of: position)
                guard resampler.samplesOut >= due - first else {
                    Issue.record("\(resampler.samplesOut) samples of \(due - first) after \(resampler.samplesIn)")
                    return
                }
            }
        }
    }

    @Test func equalRatesNeedNothing() throws {
        #expect(Resampler.memory(from: 24_000, to: 24_000) == 0 && Resampler.lookahead(from: 24_000, to: 24_000) == 0)
        var resampler = try Resampler(from: 24_000, to: 24_000, channelCount: 1, startingAt: 500)
        let audio = noise(samples: 100, channels: 1)
        #expect(try resampler.push(audio) == audio)
        #expect(try resampler.finish().isEmpty && resampler.samplesOut == 100)
        #expect(audioError { _ = try Resampler(from: 24_000, to: 44_100, channelCount: 1, startingAt: -1) }?.kind == .internal)
    }
}
