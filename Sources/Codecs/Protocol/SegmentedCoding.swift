import Kernels
import Layers
import Platform
import Quantizers
import Tokens

/// How a codec cuts its signal into segments, each coded by itself, as EnCodec's 48 kHz model does.
///
/// Segment i covers `length` samples from i·`stride` on, up to the end of the signal; there is one for every such i within it.
public struct Segmentation: Sendable, Hashable {
    /// Samples of a whole segment.
    public let length: Int
    /// Samples from the start of one segment to that of the next, at most `length`.
    public let stride: Int
    /// Whether a segment is divided by its level before it is coded: the root mean square of its channels' mean, plus 1e-8.
    public let isNormalized: Bool

    /// Segments of these lengths in samples.
    public init(length: Int, stride: Int, isNormalized: Bool) {
        self.length = length
        self.stride = stride
        self.isNormalized = isNormalized
    }

    /// The level of `audio`, at least one sample; 1 where segments are not divided.
    func scale(of audio: AudioBlock) -> Float {
        guard isNormalized else { return 1 }
        var energy = 0.0
        for t in 0..<audio.sampleCount {
            let mean = (0..<audio.channelCount).reduce(0) { $0 + Double(audio.frames[t, $1]) } / Double(audio.channelCount)
            energy += mean * mean
        }
        return Float((energy / Double(audio.sampleCount)).squareRoot()) + 1e-8
    }

    /// The weight of each of a segment's `count` samples where segments overlap: a triangle that is highest in the middle.
    static func weights(_ count: Int) -> [Float] {
        (1...max(1, count)).map { Float(0.5 - abs(Double($0) / Double(count + 1) - 0.5)) }
    }
}

/// Codes segment by segment: the network starts anew with each, so that codes are known a whole segment at a time.
///
/// Its latents are those of all segments, one segment after the other, each of which was divided by its level.
struct SegmentEncoder<Model: NetworkCodec>: LatentEncoder {
    private let codec: Model
    private let codebooks: Int
    private let segmentation: Segmentation
    /// Samples from the start of the next segment on.
    private var held: AudioBlock
    private var end = StreamEnd("encoder")

    init(codec: Model, codebooks: Int, segmentation: Segmentation) {
        self.codec = codec
        self.codebooks = codebooks
        self.segmentation = segmentation
        held = AudioBlock(channelCount: codec.description.channels)
    }

    /// Codes go with the levels of their segments.
    var givesQuantizedLatents: Bool { false }

    mutating func push(_ audio: AudioBlock) throws -> Codes { coded(try segments(of: audio)) }
    mutating func finish() throws -> Codes { coded(try remainingSegments()) }

    mutating func latents(of audio: AudioBlock) throws -> Frames { joined(try segments(of: audio)) }
    mutating func finalLatents() throws -> Frames { joined(try remainingSegments()) }

    /// Without the segments' levels, which latents do not tell.
    func quantize(_ latents: Frames) -> Codes { Codes(streams: codec.quantizer.quantize(latents, codebooks: codebooks)) }

    /// The latents of one segment and what it was divided by.
    private struct Segment {
        let latents: Frames
        let scale: Float
    }

    /// The segments that `audio` completes.
    private mutating func segments(of audio: AudioBlock) throws -> [Segment] {
        try end.requireOpen()
        try codec.requireChannels(of: audio)
        held.append(audio)
        var segments: [Segment] = []
        while held.sampleCount >= segmentation.length { segments.append(takeSegment()) }
        return segments
    }

    private mutating func remainingSegments() throws -> [Segment] {
        try end.reach()
        var segments: [Segment] = []
        while !held.isEmpty { segments.append(takeSegment()) }
        return segments
    }

    /// The next segment, which ends with what is held.
    private mutating func takeSegment() -> Segment {
        let samples = held.slice(0..<min(segmentation.length, held.sampleCount))
        held.removeFirst(min(segmentation.stride, held.sampleCount))
        let scale = segmentation.scale(of: samples)
        return Segment(latents: codec.encoder(samples.map { $0 / scale }.frames), scale: scale)
    }

    private func coded(_ segments: [Segment]) -> Codes {
        segments.reduce(into: Codes(codebooks: codebooks)) { codes, segment in
            var next = quantize(segment.latents)
            next.segments = [CodeSegment(frame: 0, scale: segment.scale)]
            codes.append(next)
        }
    }

    private func joined(_ segments: [Segment]) -> Frames {
        segments.reduce(into: Frames(channels: codec.encoder.outputChannels)) { $0.append($1.latents) }
    }
}

/// Decodes segment by segment and adds where they overlap, weighted by triangles. Holds a segment of codes and one of audio.
///
/// A segment ends where the next begins or at its greatest length. Frames that follow such an end without a segment of their
/// own, as in a file with damage, are decoded at the level of the one before.
struct SegmentDecoder<Model: NetworkCodec>: CodecDecoder {
    private let codec: Model
    private let segmentation: Segmentation
    /// Frames of a whole segment.
    private let frames: Int
    /// Codes of the segment that is not complete yet.
    private var held: Codes
    /// The level of the segment at hand, nil before the first.
    private var scale: Float?
    /// From the start of the next segment on: the weighted sum so far, and the sum of the weights.
    private var sum: Frames
    private var weightSum: [Float] = []
    /// Weights for segments of the length of the first one, which the last shares.
    private var weights: [Float] = []
    private var end = StreamEnd("decoder")

    init(codec: Model, codebooks: Int, segmentation: Segmentation) {
        self.codec = codec
        self.segmentation = segmentation
        let hop = codec.description.layout.hopLength
        frames = (segmentation.length + hop - 1) / hop
        held = Codes(codebooks: codebooks)
        scale = segmentation.isNormalized ? nil : 1
        sum = Frames(channels: codec.description.channels)
    }

    mutating func push(_ codes: Codes) throws -> AudioBlock {
        try end.requireOpen()
        let lengths = codes.streams.map(\.count)
        guard lengths.count == held.codebookCount else {
            throw QuantizerError.codebookCount(expected: held.codebookCount...held.codebookCount, found: lengths.count)
        }
        guard Set(lengths).count == 1 else { throw QuantizerError.ragged(lengths: lengths) }
        let layout = codec.description.layout.prefix(held.codebookCount)
        var audio = AudioBlock(channelCount: codec.description.channels)
        for (segment, run) in codes.cutAtSegments(layout) {
            if let segment {
                try closeSegment(&audio)
                scale = segment.scale
            }
            var position = 0
            while position < run.streams[0].count {
                let end = min(run.streams[0].count, position + frames - held.streams[0].count)
                held.append(run.slice(frames: position..<end, layout: layout))
                position = end
                if held.streams[0].count == frames { try closeSegment(&audio) }
            }
        }
        return audio
    }

    mutating func finish() throws -> AudioBlock {
        try end.reach()
        if !held.isEmpty { try decodeSegment() }
        return release(weightSum.count)
    }

    /// Decodes the segment at hand, if it has any frames, and adds to `audio` what no later segment changes.
    private mutating func closeSegment(_ audio: inout AudioBlock) throws {
        guard !held.isEmpty else { return }
        try decodeSegment()
        extend(to: segmentation.stride)
        audio.append(release(segmentation.stride))
    }

    /// Decodes the segment at hand and adds it to the sum.
    private mutating func decodeSegment() throws {
        guard let scale else { throw CodecError.noSegments(model: codec.description.name) }
        let decoded = codec.decoder(try codec.quantizer.dequantize(held.streams))
        held = Codes(codebooks: held.codebookCount)
        if decoded.count > weights.count { weights = Segmentation.weights(decoded.count) }
        add(decoded, scale: scale)
    }

    private mutating func extend(to count: Int) {
        let missing = max(0, count - weightSum.count)
        weightSum += [Float](repeating: 0, count: missing)
        sum.append(Frames(zeros: missing, channels: sum.channels))
    }

    private mutating func add(_ segment: Frames, scale: Float) {
        extend(to: segment.count)
        for t in 0..<segment.count {
            weightSum[t] += weights[t]
            for c in 0..<segment.channels { sum[t, c] += weights[t] * (segment[t, c] * scale) }
        }
    }

    /// Takes the first `count` samples, divided by their weights.
    private mutating func release(_ count: Int) -> AudioBlock {
        var ready = sum.slice(0..<count)
        for t in 0..<count {
            for c in 0..<ready.channels { ready[t, c] = weightSum[t] > 0 ? ready[t, c] / weightSum[t] : 0 }
        }
        sum.removeFirst(count)
        weightSum.removeFirst(count)
        return AudioBlock(ready)
    }
}

extension Codes {
    /// The codes cut where segments begin, each piece with the segment that it begins; the first has none where it goes on
    /// with one before. Without segments of their own, and as many of each codebook.
    func cutAtSegments(_ layout: CodeLayout) -> [(segment: CodeSegment?, codes: Codes)] {
        let count = streams.first?.count ?? 0
        let starts: [(segment: CodeSegment?, frame: Int)] = segments.map { ($0, min($0.frame, count)) }
        return zip([(nil, 0)] + starts, starts.map(\.frame) + [count]).compactMap { start, end in
            guard start.frame < end else { return nil }
            return (start.segment, Codes(streams: slice(frames: start.frame..<end, layout: layout).streams))
        }
    }
}
