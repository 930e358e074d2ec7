import Codecs
import Kernels
import TokenFiles
import Tokens

extension AudioEncoder {
    /// Encodes all audio that `source` gives, and ends.
    /// - Parameters:
    ///   - source: gives the next audio; an empty block is the end.
    ///   - sink: takes the codes known after each block and those at the end, one entry per track.
    /// - Throws: as `push(_:)`, and what the closures throw.
    public mutating func encode(from source: () throws -> AudioBlock, to sink: ([Codes]) throws -> Void) throws {
        while case let block = try source(), !block.isEmpty { try sink(try push(block)) }
        try sink(try finish())
    }

    /// Encodes all of `audio`, at most `count` samples per channel at a time, and ends.
    /// - Throws: as `push(_:)`, and what `sink` throws.
    public mutating func encode(
        _ audio: AudioBlock, upTo count: Int = StepSize.samples, to sink: ([Codes]) throws -> Void
    ) throws {
        var start = 0
        try encode(
            from: {
                let end = min(audio.sampleCount, start + count)
                defer { start = end }
                return audio.slice(start..<end)
            }, to: sink)
    }
}

extension AudioDecoder {
    /// Decodes all codes that `source` gives, and ends.
    /// - Parameters:
    ///   - source: gives the next codes, one entry per track; nil is the end.
    ///   - total: samples per channel of the original, asked for at the end.
    ///   - sink: takes the audio known after each piece and that at the end.
    /// - Throws: as `push(_:)` and `finish(total:)`, and what the closures throw.
    public mutating func decode(
        from source: () throws -> [Codes]?, total: () throws -> Int, to sink: (AudioBlock) throws -> Void
    ) throws {
        while let codes = try source() { try sink(try push(codes)) }
        try sink(try finish(total: total()))
    }

    /// All audio of `pieces` of codes, one after the other: `total` samples per channel.
    /// - Throws: as `push(_:)` and `finish(total:)`.
    public mutating func decode(_ pieces: some Sequence<[Codes]>, total: Int) throws -> AudioBlock {
        var (audio, rest) = (AudioBlock(channelCount: channelCount), pieces.makeIterator())
        try decode(from: { rest.next() }, total: { total }) { audio.append($0) }
        return audio
    }
}

extension [Codes] {
    /// The codes of all tracks in pieces of about `frames` base frames, so that a long chunk does not need long activations.
    package func pieces(frames: Int, layout: CodeLayout) -> [[Codes]] {
        let superframe = layout.superframe
        let step = Swift.max(1, frames / superframe) * superframe
        let total = layout.frames(of: self)
        return stride(from: 0, to: total, by: step).map { start in
            map { $0.slice(frames: start..<Swift.min(total, start + step), layout: layout) }
        }
    }
}
