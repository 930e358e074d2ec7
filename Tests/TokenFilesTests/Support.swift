import Platform
import TestSupport
import TokenFiles
import Tokens

/// Random codes of `frames` base frames.
func randomTracks(_ layout: CodeLayout, tracks: Int, frames: Int, using random: inout SplitMix64) -> [Codes] {
    (0..<tracks).map { _ in
        Codes(
            streams: layout.codebooks.map { codebook in
                (0..<frames / codebook.stride).map { _ in Int32(Int.random(in: 0..<codebook.size, using: &random)) }
            })
    }
}

/// A length that `frames` hold with no more than an encoder's padding beside it, at the codec's rate.
func randomSamples(_ layout: CodeLayout, frames: Int, using random: inout SplitMix64) -> Int {
    let held = frames * layout.hopLength
    return Int.random(in: max(0, held - (2 * layout.superframe + 32) * layout.hopLength + 1)...held, using: &random)
}

/// A ragged two-track document with odd codebook sizes, small enough for exhaustive tests.
func smallDocument(frames: Int = 20, samplesKnown: Bool = false) -> EncodedAudio {
    var random = SplitMix64(seed: 7)
    let layout = CodeLayout(
        codebooks: [.init(size: 5, stride: 4), .init(size: 1000, stride: 2), .init(size: 64, stride: 1)],
        hopLength: 320, sampleRate: 24000)
    let samples = max(0, frames * 640 - 123)
    let header = TokenHeader(
        codecName: "small", modelType: "test", weights: SHA256.hash(Array("weights".utf8)), layout: layout,
        trackCount: 2,
        original: OriginalAudio(
            sampleRate: 48000, channels: 2, subtype: "pcm16", sampleCount: samplesKnown ? samples : nil),
        framesPerChunk: 8)
    return EncodedAudio(
        header: header, tracks: randomTracks(layout, tracks: 2, frames: frames, using: &random), samples: samples)
}

extension EncodedAudio {
    var bytes: [UInt8] {
        get throws {
            let sink = MemorySink()
            try write(to: sink)
            return sink.bytes
        }
    }

    /// The frames `range` of all tracks; the range must lie on superframes.
    func codes(_ range: Range<Int>) -> [Codes] {
        tracks.map { track in
            Codes(
                streams: zip(track.streams, header.layout.codebooks).map { stream, codebook in
                    Array(stream[range.lowerBound / codebook.stride..<range.upperBound / codebook.stride])
                })
        }
    }
}

/// What a reader made of a whole stream.
struct ReadResult {
    var chunks: [TokenChunk] = []
    var totals: TokenTotals
    var damage: DamageLog
    var skippedSections: Int

    var concealed: [Range<Int>] { chunks.filter(\.isConcealed).map(\.frames) }
}

func readAll(_ source: any ByteSource, _ mode: ContainerReader.Mode = .strict) throws -> ReadResult {
    let reader = try ContainerReader(source: source, mode: mode)
    var chunks: [TokenChunk] = []
    while let chunk = try reader.next() { chunks.append(chunk) }
    guard let totals = reader.totals else { throw TokenStreamError.usage("the reader ended without totals") }
    return ReadResult(chunks: chunks, totals: totals, damage: reader.damage, skippedSections: reader.skippedSections)
}

func readAll(_ bytes: [UInt8], _ mode: ContainerReader.Mode = .strict) throws -> ReadResult {
    try readAll(MemorySource(bytes), mode)
}

/// The error that a strict reader throws, nil when it accepts the bytes.
func strictError(_ bytes: [UInt8]) -> TokenStreamError? {
    do {
        _ = try readAll(bytes)
        return nil
    } catch {
        return error as? TokenStreamError ?? .usage("\(error)")
    }
}

/// A source that hands out at most `piece` bytes at a time and cannot seek, as a pipe.
func pipe(_ bytes: [UInt8], piece: Int) -> ClosureSource {
    let source = MemorySource(bytes)
    return ClosureSource { buffer in
        source.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(piece)))
    }
}
