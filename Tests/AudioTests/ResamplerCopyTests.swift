import Audio
import Kernels
import Platform
import TestSupport
import Testing

/// A copy of a resampler and where it was made.
private struct Checkpoint {
    var resampler: Resampler
    var taken: Int
    var given: Int
}

private let pairs = [
    (44_100, 24_000), (48_000, 24_000), (16_000, 24_000), (8_000, 24_000), (24_000, 44_100), (96_000, 24_000), (22_050, 24_000),
    (24_000, 16_000), (24_000, 8_000), (32_000, 24_000), (44_100, 16_000), (192_000, 24_000), (44_100, 44_101), (24_000, 24_000),
]

extension Resampler {
    /// Converts `audio` from sample `start` on in blocks of random sizes, calling `pause` before each, and ends.
    fileprivate mutating func finish(
        _ audio: AudioBlock, from start: Int, upTo size: Int, random: inout SplitMix64, pause: (Resampler, Int) -> Void = { _, _ in }
    ) throws -> AudioBlock {
        var output = AudioBlock(channelCount: channelCount)
        var start = start
        while start < audio.sampleCount {
            pause(self, start)
            let end = min(audio.sampleCount, start + Int.random(in: 1...size, using: &random))
            output.append(try push(audio.slice(start..<end)))
            start = end
        }
        pause(self, start)
        output.append(try finish())
        return output
    }
}

@Suite struct ResamplerCopyTests {
    @Test(arguments: pairs, Resampler.Quality.allCases)
    func aCopyGoesOnToTheSameSamples(_ rates: (Int, Int), _ quality: Resampler.Quality) throws {
        var random = SplitMix64(seed: UInt64(rates.0))
        let audio = noise(samples: 30_000 + 2 * max(0, rates.0 - 48_000), channels: 2)
        var original = try Resampler(from: rates.0, to: rates.1, channelCount: 2, quality: quality)
        let untouched = original
        var checkpoints: [Checkpoint] = []
        let output = try original.finish(audio, from: 0, upTo: 3000, random: &random) {
            checkpoints.append(Checkpoint(resampler: $0, taken: $1, given: $0.samplesOut))
        }
        var whole = untouched
        var found = try whole.push(audio)
        found.append(try whole.finish())
        #expect(output == found, "copies disturbed the original")
        for var checkpoint in [checkpoints[0], checkpoints[1]] + checkpoints.shuffled(using: &random).prefix(4) + checkpoints.suffix(1) {
            let again = checkpoint
            let rest = try checkpoint.resampler.finish(audio, from: checkpoint.taken, upTo: 5000, random: &random)
            #expect(rest == output.slice(again.given..<output.sampleCount), "from \(again.taken)")
            var second = again.resampler
            #expect(try second.finish(audio, from: again.taken, upTo: 1 << 20, random: &random) == rest, "again from \(again.taken)")
        }
    }

    @Test func theCopyMayGoOnFirst() throws {
        var random = SplitMix64(seed: 5)
        let audio = noise(samples: 20_000, channels: 1)
        var original = try Resampler(from: 44_100, to: 24_000, channelCount: 1)
        _ = try original.push(audio.slice(0..<9_000))
        var (copy, other) = (original, original)
        let loud = try copy.push(noise(samples: 5_000, channels: 1, seed: 9))
        let rest = try original.finish(audio, from: 9_000, upTo: 700, random: &random)
        #expect(try other.finish(audio, from: 9_000, upTo: 2_000, random: &random) == rest)
        #expect(!loud.isEmpty && copy.samplesIn == 14_000)
    }

    /// Long enough for the copy to count soxr's blocks instead of feeding all that came before.
    @Test(arguments: [
        (44_100, 24_000), (24_000, 44_100), (48_000, 24_000), (16_000, 24_000), (8_000, 24_000), (96_000, 24_000), (44_100, 16_000),
        (44_100, 44_101),
    ])
    func aCopyOfALongStreamGoesOnToTheSameSamples(from: Int, to: Int) throws {
        var random = SplitMix64(seed: UInt64(to))
        let audio = noise(samples: 330_000, channels: 1)
        var original = try Resampler(from: from, to: to, channelCount: 1)
        for start in [0, 100_000, 200_000] { _ = try original.push(audio.slice(start..<start + 100_000)) }
        _ = try original.push(audio.slice(300_000..<300_000 + Int.random(in: 0...9_000, using: &random)))
        let (taken, given) = (original.samplesIn, original.samplesOut)
        var copy = original
        let rest = try original.finish(audio, from: taken, upTo: 4_000, random: &random)
        #expect(try copy.finish(audio, from: taken, upTo: 4_000, random: &random) == rest)
        #expect(copy.samplesOut == original.samplesOut && copy.samplesOut == given + rest.sampleCount)
    }

    @Test func copiesGoOnAtTheSameTime() async throws {
        let audio = noise(samples: 30_000, channels: 2)
        var original = try Resampler(from: 44_100, to: 24_000, channelCount: 2)
        _ = try original.push(audio.slice(0..<12_345))
        let start = original
        let found = try await withThrowingTaskGroup(of: AudioBlock.self) { group in
            for seed in 0..<8 {
                group.addTask {
                    var (copy, random) = (start, SplitMix64(seed: UInt64(seed)))
                    return try copy.finish(audio, from: 12_345, upTo: 3_000, random: &random)
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        var random = SplitMix64(seed: 99)
        let rest = try original.finish(audio, from: 12_345, upTo: 3_000, random: &random)
        #expect(found.count == 8 && found.allSatisfy { $0 == rest })
    }

    @Test func aCopyOfOneThatHasEndedHasEnded() throws {
        var original = try Resampler(from: 44_100, to: 24_000, channelCount: 1)
        var copy = original
        _ = try original.finish()
        var ended = original
        #expect(throws: UsedAfterEnd.self) { try ended.finish() }
        #expect(try copy.finish().isEmpty)
    }
}
