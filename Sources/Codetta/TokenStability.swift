import Audio
import Kernels
import Quantizers
import TokenFiles
import Tokens

/// How many codes survive when decoded audio is encoded again, and again.
public struct TokenStability: Sendable, Codable, Equatable {
    /// 1 for the first re-encoding.
    public var pass: Int
    /// Share of the codes that are the original's, one per codebook; nil without codes.
    public var sameAsOriginal: [Double?]
    /// Share of the codes that are those of the pass before.
    public var sameAsBefore: [Double?]
}

/// Counts codes and how stable they are.
public struct TokenStudy: Sendable {
    /// Re-encodings that are reported.
    public let passes: [Int]
    /// How the codes of the first encoding use their codebooks.
    public private(set) var statistics: CodeStatistics
    private var original: [Agreement]
    private var before: [Agreement]

    /// Codes that agree, codebook by codebook.
    private struct Agreement: Sendable {
        var same: [Int]
        var total: [Int]

        mutating func add(_ a: [[Int32]], _ b: [[Int32]]) {
            for (k, (x, y)) in zip(a, b).enumerated() where same.indices.contains(k) {
                same[k] += zip(x, y).count { $0 == $1 }
                total[k] += min(x.count, y.count)
            }
        }

        var shares: [Double?] { zip(same, total).map { $1 > 0 ? Double($0) / Double($1) : nil } }
    }

    /// - Parameters:
    ///   - sizes: codewords of each codebook.
    ///   - passes: which re-encodings to report, from 1; none for statistics alone.
    public init(sizes: [Int], passes: [Int] = []) {
        self.passes = Set(passes.filter { $0 > 0 }).sorted()
        statistics = CodeStatistics(sizes: sizes)
        let none = Agreement(same: sizes.map { _ in 0 }, total: sizes.map { _ in 0 })
        original = self.passes.map { _ in none }
        before = original
    }

    /// One entry a reported pass.
    public var stability: [TokenStability] {
        passes.indices.map {
            TokenStability(pass: passes[$0], sameAsOriginal: original[$0].shares, sameAsBefore: before[$0].shares)
        }
    }

    /// Codes of one recording, `[codebooks][time]`, and how to make the next pass's out of some.
    public mutating func push(_ codes: [[Int32]], again: ([[Int32]]) throws -> [[Int32]]) rethrows {
        statistics.push(codes)
        var last = codes
        for pass in 1..<((passes.last ?? 0) + 1) {
            let next = try again(last)
            if let place = passes.firstIndex(of: pass) {
                original[place].add(codes, next)
                before[place].add(last, next)
            }
            last = next
        }
    }

    /// Encodes a recording and, for each pass, decodes and encodes again. The recording is held in memory.
    /// - Throws: as `AudioEncoder` and `AudioDecoder`.
    public mutating func push(_ reader: AudioReader, model: Model, choice: CodebookChoice, downmix: Bool) throws {
        var audio = AudioBlock(channelCount: reader.channelCount)
        while case let block = try reader.read(upTo: StepSize.samples), !block.isEmpty { audio.append(block) }
        let original = OriginalAudio(
            sampleRate: reader.sampleRate, channels: reader.channelCount, sampleCount: audio.sampleCount)
        func encode(_ audio: AudioBlock) throws -> (codes: [Codes], header: TokenHeader) {
            var original = original
            original.channels = audio.channelCount
            var encoder = try AudioEncoder(
                model: model, original: original, choice: choice, downmix: downmix && audio.channelCount > 1)
            var codes = [Codes](noneOf: encoder.header)
            try encoder.encode(audio) { codes.append(tracks: $0) }
            return (codes, encoder.header)
        }
        let (first, header) = try encode(audio)
        var rounds = [first]
        for _ in 0..<(passes.last ?? 0) {
            var decoder = try AudioDecoder(model: model, header: header)
            let pieces = rounds[rounds.count - 1].pieces(frames: StepSize.frames(header.layout), layout: header.layout)
            rounds.append(try encode(try decoder.decode(pieces, total: audio.sampleCount)).codes)
        }
        for track in first.indices {
            var round = 0
            push(first[track].streams) { _ in
                round += 1
                return rounds[round].indices.contains(track) ? rounds[round][track].streams : []
            }
        }
    }
}
