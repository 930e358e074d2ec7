import Audio
import Kernels
import TokenFiles
import Tokens

/// Where one sample of an `AudioGeneration` goes: decoded as it comes, or as codes.
public final class GenerationOutput {
    private enum Backend {
        case audio(AudioDecoder, write: (AudioBlock) throws -> Void, finish: () throws -> Void)
        case tokens(TokenFileWriter)
    }

    private var backend: Backend
    /// Of prompt and continuation.
    private let header: TokenHeader
    /// Codes that do not yet fill a superframe.
    private var pending: Codes
    private let promptSamples: Int
    private let outputSamples: Int
    /// Samples, or base frames of codes, that are to be dropped from the beginning.
    private var dropped: Int
    /// Base frames of codes that are still to be written; what comes after them serves the decoder alone.
    private var framesLeft: Int
    private var samples = 0

    /// Hands audio to `write`, at the codec's rate, exactly as many samples as the generation's header says.
    /// - Throws: `CodecError`, `PipelineError`.
    public init(
        _ generation: AudioGeneration, model: Model, write: @escaping (AudioBlock) throws -> Void,
        finish: @escaping () throws -> Void = {}
    ) throws {
        header = generation.wholeHeader
        pending = Codes(codebooks: header.layout.codebooks.count)
        promptSamples = generation.promptFrames * header.layout.hopLength
        outputSamples = generation.frames * header.layout.hopLength + (generation.settings.keepsPrompt ? promptSamples : 0)
        dropped = generation.settings.keepsPrompt ? 0 : promptSamples
        framesLeft = generation.promptFrames + generation.frames + generation.flushFrames
        backend = .audio(try AudioDecoder(model: model, header: header), write: write, finish: finish)
    }

    /// Writes audio.
    public convenience init(_ generation: AudioGeneration, model: Model, writer: AudioWriter) throws {
        try self.init(generation, model: model, write: { try writer.write($0) }, finish: { try writer.finish() })
    }

    /// Writes codes, with as many frames at the end as the decoder needs.
    public init(_ generation: AudioGeneration, writer: TokenFileWriter) {
        header = generation.wholeHeader
        pending = Codes(codebooks: header.layout.codebooks.count)
        promptSamples = generation.promptFrames * header.layout.hopLength
        outputSamples = generation.frames * header.layout.hopLength + (generation.settings.keepsPrompt ? promptSamples : 0)
        dropped = generation.settings.keepsPrompt ? 0 : generation.promptFrames
        framesLeft = generation.promptFrames + generation.frames + generation.flushFrames
        backend = .tokens(writer)
    }

    /// Whether audio behind the prompt has been decoded.
    var hasGeneratedAudio: Bool { samples > promptSamples }

    /// Base frames that are decoded in one step: a long prompt comes all at once.
    private static let framesAtOnce = 64

    /// Takes the next codes.
    func write(_ codes: Codes) throws {
        pending.append(codes)
        let frames = min(framesLeft, header.layout.frames(of: pending))
        let whole = frames - frames % header.layout.superframe
        guard whole > 0 else { return }
        let ready = pending.slice(frames: 0..<whole, layout: header.layout)
        for (k, codebook) in header.layout.codebooks.enumerated() { pending.streams[k].removeFirst(whole / codebook.stride) }
        framesLeft -= whole
        switch backend {
        case .audio(var decoder, let write, let finish):
            defer { backend = .audio(decoder, write: write, finish: finish) }
            for piece in [ready].pieces(frames: Self.framesAtOnce, layout: header.layout) {
                try deliver(try decoder.push(piece), to: write)
            }
        case .tokens(let writer):
            let skipped = min(dropped, whole)
            dropped -= skipped
            try writer.write([ready.slice(frames: skipped..<whole, layout: header.layout)])
        }
    }

    /// The end: the decoder's last samples, or the token file's.
    func finish() throws {
        switch backend {
        case .audio(var decoder, let write, let finish):
            defer { backend = .audio(decoder, write: write, finish: finish) }
            try deliver(try decoder.finish(total: header.original.sampleCount ?? 0), to: write)
            try finish()
        case .tokens(let writer): try writer.finish(samples: outputSamples)
        }
    }

    private func deliver(_ audio: AudioBlock, to write: (AudioBlock) throws -> Void) throws {
        samples += audio.sampleCount
        let skipped = min(dropped, audio.sampleCount)
        dropped -= skipped
        if skipped < audio.sampleCount { try write(audio.slice(skipped..<audio.sampleCount)) }
    }
}
