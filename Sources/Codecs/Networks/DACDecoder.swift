import Kernels
import Layers
import Platform
import Quantizers
import Tokens

/// Decodes codes of DAC that were coded as a whole, and those that the original repository codes in windows (`compress` in
/// `dac.model.base`, for recordings longer than its `win_duration`): each segment of the codes is a window.
struct DACDecoder: CodecDecoder {
    private let codec: DACCodec
    private let layout: CodeLayout
    private var whole: NetworkDecoder<DACCodec>
    /// Nil before the first window.
    private var windows: WindowDecoder?
    private var end = StreamEnd("decoder")

    init(codec: DACCodec, codebooks: Int) {
        self.codec = codec
        layout = codec.description.layout.prefix(codebooks)
        whole = NetworkDecoder(codec: codec, codebooks: codebooks)
    }

    mutating func push(_ codes: Codes) throws -> AudioBlock {
        try end.requireOpen()
        if windows == nil && codes.segments.isEmpty { return try whole.push(codes) }
        let lengths = codes.streams.map(\.count)
        guard lengths.count == layout.codebooks.count else {
            throw QuantizerError.codebookCount(expected: layout.codebooks.count...layout.codebooks.count, found: lengths.count)
        }
        guard Set(lengths).count == 1 else { throw QuantizerError.ragged(lengths: lengths) }
        var audio = AudioBlock(channelCount: 1)
        for (segment, run) in codes.cutAtSegments(layout) {
            if segment != nil && windows == nil {
                audio.append(try whole.finish())
                windows = WindowDecoder(codec: codec, layout: layout)
            }
            if let segment, let ended = try windows?.begin(segment) { audio.append(ended) }
            audio.append(try windows?.push(run) ?? whole.push(run))
        }
        return audio
    }

    mutating func finish() throws -> AudioBlock {
        try end.reach()
        return try windows?.end() ?? whole.finish()
    }
}

/// Decodes windows one after the other, each by itself and without padding: a window of T frames gives fewer samples than
/// T hops, those of the next follow, and the windows' codes overlap by as much.
///
/// A window ends where the next begins, or where the one before it did: frames that follow without a window of their own,
/// as in a file with damage, make one of the same length and level.
private struct WindowDecoder {
    private let codec: DACCodec
    private let layout: CodeLayout
    private let network: Sequential
    private var state: Sequential.State
    private var scale: Float = 1
    /// Frames of the window so far.
    private var frames = 0
    /// Frames of the window before.
    private var length: Int?
    /// Samples of all windows so far.
    private var samples = 0

    init(codec: DACCodec, layout: CodeLayout) {
        self.codec = codec
        self.layout = layout
        network = codec.decoder.withoutPadding()
        state = network.makeState()
    }

    /// Ends the window at hand, if any, and begins `segment`'s.
    mutating func begin(_ segment: CodeSegment) throws -> AudioBlock {
        let audio = try end()
        scale = segment.scale
        return audio
    }

    mutating func push(_ codes: Codes) throws -> AudioBlock {
        var audio = AudioBlock(channelCount: 1)
        let count = codes.streams[0].count
        var position = 0
        while position < count {
            if frames == length { audio.append(try end()) }
            let next = min(count, length.map { position + $0 - frames } ?? count)
            let piece = codes.slice(frames: position..<next, layout: layout)
            audio.append(levelled(try network.step(try codec.quantizer.dequantize(piece.streams), state: &state)))
            frames += next - position
            position = next
        }
        return audio
    }

    /// Ends the window at hand, if any.
    /// - Throws: `CodecError.windowTooShort` if no window so far gave a sample.
    mutating func end() throws -> AudioBlock {
        guard frames > 0 else { return AudioBlock(channelCount: 1) }
        let audio = levelled(try network.finish(state: &state))
        guard samples > 0 else {
            throw CodecError.windowTooShort(model: codec.description.name, frames: frames)
        }
        state = network.makeState()
        (length, frames) = (frames, 0)
        return audio
    }

    private mutating func levelled(_ output: Frames) -> AudioBlock {
        samples += output.count
        let audio = AudioBlock(output)
        return scale == 1 ? audio : audio.map { $0 * scale }
    }
}
