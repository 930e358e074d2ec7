import Kernels
import Platform
import Quantizers
import TestSupport
import Testing

/// Blocks that never exist all at once.
private struct StreamedVectors: VectorSource {
    let frames: Frames
    let blockSize: Int
    var dimension: Int { frames.channels }
    var count: Int { frames.count }

    func forEachBlock(_ body: (Frames) throws -> Void) throws {
        for start in stride(from: 0, to: count, by: blockSize) { try body(frames.slice(start..<min(start + blockSize, count))) }
    }
}

extension SplitMix64 {
    /// Vectors around `clusters` centres far apart, as many around each.
    fileprivate mutating func clusters(_ clusters: Int, each: Int, dimension: Int) -> Frames {
        let centres = frames(clusters, dimension, scale: 20)
        var vectors = frames(clusters * each, dimension)
        for t in 0..<vectors.count { for c in 0..<dimension { vectors[t, c] += centres[t % clusters, c] } }
        return vectors
    }
}

@Suite struct FitTests {
    private func error(_ quantizer: some Quantizer, _ frames: Frames) throws -> Double {
        energy(subtract(frames, try quantizer.dequantize(quantizer.quantize(frames)))) / energy(frames)
    }

    @Test func kMeansFindsSeparateClusters() throws {
        var random = SplitMix64(seed: 41)
        let vectors = random.clusters(24, each: 40, dimension: 6)
        let codebook = try KMeans(size: 24).fit(MemoryVectors(vectors))
        // Variance 1 in each of 6 channels, less what 24 means of 40 take.
        let rest = energy(subtract(vectors, try VectorQuantizer(codebook: codebook).dequantize([codebook.nearest(vectors)])))
        #expect(rest / Double(vectors.count) < 6)
        #expect(Set(codebook.nearest(vectors)).count == 24)
    }

    @Test func streamedVectorsGiveWhatVectorsInMemoryGive() throws {
        var random = SplitMix64(seed: 42)
        let vectors = random.frames(9000, 4)
        let streamed = try KMeans(size: 16, passes: 3, seed: 5).fit(StreamedVectors(frames: vectors, blockSize: 8192))
        let held = try KMeans(size: 16, passes: 3, seed: 5).fit(MemoryVectors(vectors))
        #expect(streamed.codewords == held.codewords)
    }

    @Test func seedsDecide() throws {
        var random = SplitMix64(seed: 43)
        let source = MemoryVectors(random.frames(600, 3))
        let first = try KMeans(size: 20, seed: 1).fit(source)
        #expect(try KMeans(size: 20, seed: 1).fit(source).codewords == first.codewords)
        #expect(try KMeans(size: 20, seed: 2).fit(source).codewords != first.codewords)
    }

    @Test func passesReportAFallingError() throws {
        var random = SplitMix64(seed: 44)
        let source = MemoryVectors(random.frames(5000, 3))
        var errors: [Double] = []
        _ = try KMeans(size: 32).fit(source) { pass, error in
            #expect(pass == errors.count + 1)
            errors.append(error)
        }
        #expect(errors.count >= 2)
        #expect(zip(errors, errors.dropFirst()).allSatisfy { $1 <= $0 * 1.001 })
    }

    @Test func vectorsThatCannotBeFittedAreRefused() {
        var bad = Frames(zeros: 50, channels: 2)
        bad[7, 1] = .nan
        #expect(throws: QuantizerError.unfittable("vector 7 has a NaN or infinite value")) { try KMeans(size: 4).fit(MemoryVectors(bad)) }
        #expect(throws: QuantizerError.self) { try KMeans(size: 4).fit(MemoryVectors(Frames(zeros: 3, channels: 2))) }
        #expect(throws: QuantizerError.self) { try QuantizerFit(kind: .vq, codebooks: 2).fit(MemoryVectors(Frames(zeros: 50, channels: 2))) }
        #expect(throws: QuantizerError.self) { try QuantizerFit(kind: .rvq).fit(MemoryVectors(Frames(channels: 2))) }
    }

    @Test func equalVectorsAreFittedWithoutFuss() throws {
        let vectors = Frames(count: 40, channels: 2, values: [Float](repeating: 3, count: 80))
        let codebook = try KMeans(size: 4).fit(MemoryVectors(vectors))
        #expect(codebook.codewords.allSatisfy { $0 == 3 })
    }

    @Test(arguments: QuantizerFit.Kind.allCases) func everyKindFitsCorrelatedVectors(kind: QuantizerFit.Kind) throws {
        var random = SplitMix64(seed: 45)
        let mixing = random.linear(12, 12)
        var sources = random.frames(2500, 12)
        for t in 0..<sources.count { for c in 0..<12 { sources[t, c] *= 3 / Float(c + 1) } }
        let vectors = mixing(sources)
        let single = [QuantizerFit.Kind.vq, .kmeans].contains(kind)
        let fit = QuantizerFit(kind: kind, codebooks: single ? 1 : 4, size: 64, groups: 2, passes: 4, seed: 3)
        let quantizer = try fit.fit(MemoryVectors(vectors))
        #expect(quantizer.dimension == 12)
        #expect(quantizer.codebookSizes.count == (single ? 1 : 4))
        #expect(quantizer.codebookSizes.allSatisfy { $0 <= 64 })
        // The mean alone leaves about everything.
        let rest = try error(quantizer, vectors)
        #expect(rest < (single || kind == .se ? 0.6 : 0.45), "\(kind): \(rest)")
        let again = try fit.fit(MemoryVectors(vectors))
        #expect(again.quantize(vectors) == quantizer.quantize(vectors))
    }

    @Test func structuralEntropyFindsTheClusters() throws {
        var random = SplitMix64(seed: 46)
        let vectors = random.clusters(9, each: 60, dimension: 8)
        let quantizer = try QuantizerFit(kind: .se, codebooks: 1, size: 512).fit(MemoryVectors(vectors))
        // Communities may be finer than the clusters, never coarser.
        #expect(quantizer.codebookSizes[0] >= 9)
        #expect(quantizer.codebookSizes[0] < 120)
        #expect(try error(quantizer, vectors) < 0.01)
    }

    @Test func scoresCountErrorUseAndEntropy() throws {
        let quantizer = VectorQuantizer(codebook: PackedCodebook(codewords: [-1, 1, 5, 9], dimension: 1))
        let vectors = Frames(count: 4, channels: 1, values: [-1, 1, -1.5, 1.5])
        let score = try QuantizerScore(quantizer, codebooks: 1, source: MemoryVectors(vectors))
        #expect(score.bitsPerFrame == 2 && score.use == 0.5 && score.entropy == 1)
        #expect(abs(score.relativeError - 0.5 / 6.5) < 1e-6)
    }
}

@Suite struct CodeStatisticsTests {
    @Test func entropiesOfKnownSequences() {
        var statistics = CodeStatistics(sizes: [4, 4])
        // The first codebook alternates; the second repeats the first but for nothing of its own.
        let first: [Int32] = (0..<1000).map { $0 % 2 }
        statistics.push([first, first.map { $0 + 2 }])
        let entries = statistics.codebooks
        #expect(entries.map(\.used) == [2, 2] && entries.map(\.codes) == [1000, 1000])
        #expect(abs(entries[0].entropy - 1) < 1e-9 && abs(entries[0].perplexity - 2) < 1e-9)
        #expect(entries[0].entropyGivenPreviousFrame ?? 1 < 1e-6)
        #expect(entries[0].entropyGivenPreviousCodebook == nil)
        #expect(entries[1].entropyGivenPreviousCodebook ?? 1 < 1e-6)
    }

    @Test func independentCodesKeepTheirEntropy() {
        var random = SplitMix64(seed: 51)
        var statistics = CodeStatistics(sizes: [8, 8])
        statistics.push((0..<2).map { _ in (0..<60_000).map { _ in Int32.random(in: 0..<8, using: &random) } })
        for entry in statistics.codebooks {
            #expect(abs(entry.entropy - 3) < 0.01)
            #expect(abs((entry.entropyGivenPreviousFrame ?? 0) - 3) < 0.01)
            #expect(abs(entry.zipfSlope ?? -1) < 0.05)
        }
        #expect(abs((statistics.codebooks[1].entropyGivenPreviousCodebook ?? 0) - 3) < 0.01)
    }

    @Test func zipfsLawHasSlopeMinusOne() {
        var statistics = CodeStatistics(sizes: [64])
        statistics.push([(0..<64).flatMap { [Int32](repeating: Int32($0), count: 6400 / ($0 + 1)) }])
        #expect(abs((statistics.codebooks[0].zipfSlope ?? 0) + 1) < 0.02)
    }

    /// The last code of one recording does not precede the first of the next.
    @Test func recordingsDoNotFollowEachOther() {
        var statistics = CodeStatistics(sizes: [2])
        for code: Int32 in [0, 1, 0, 1] { statistics.push([[code]]) }
        #expect(statistics.codebooks[0].entropyGivenPreviousFrame == nil)
        #expect(statistics.codebooks[0].codes == 4)
    }

    @Test func largeCodebooksAndForeignCodesAreCounted() {
        var statistics = CodeStatistics(sizes: [1 << 30, 1 << 30])
        statistics.push([[1, -1, .max, 1], [5, 5, 5, 5]])
        #expect(statistics.codebooks[0].used == 1)
        #expect(statistics.codebooks[1].codes == 4)
    }
}
