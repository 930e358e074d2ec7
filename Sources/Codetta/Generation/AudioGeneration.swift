import Codecs
import Kernels
import Platform
import TokenFiles
import TokenLM
import Tokens

/// How a language model continues a recording, or begins from nothing.
public struct GenerationSettings: Sendable {
    /// How codes are drawn.
    public var options = SamplingOptions()
    /// For autoregressive models.
    public var drafting: Drafting?
    /// Passes of a masked model for a window, 1...16; nil = 16. Autoregressive models have none.
    public var fillingSteps: Int?
    /// What the output should be like.
    public var condition = Condition()
    /// Seed of the random numbers: the same vectors, options and seed give the same result.
    public var seed: UInt64 = 0
    /// Continuations of the same prompt, side by side in one batch.
    public var count = 1
    /// Whether outputs start with the prompt.
    public var keepsPrompt = true

    /// The model's own distribution, with seed 0.
    public init() {}
}

/// What one generation amounted to.
public struct GenerationReport: Sendable {
    /// What the file says about the codes: codec, layout, original.
    public var header: TokenHeader
    /// Base frames that the prompt has.
    public var promptFrames: Int
    /// Base frames generated, of each sample.
    public var frames: Int
    /// Codes generated, of all samples.
    public var codes: Int
    /// Time that the generation took.
    public var time: Duration
    /// The part of `time` that the language model and the drawing took; the rest is decoding and writing.
    public var modelTime: Duration
    /// From the start to the first audio behind the prompt; nil without audio.
    public var timeToFirstAudio: Duration?
    /// Passes through the language model.
    public var passes: Int
    /// Steps that drafts guessed, and those of them that were kept.
    public var drafted: Int
    /// Drafted steps that were kept whole.
    public var accepted: Int
    /// Bytes of keys and values that the language model kept at the end.
    public var stateBytes: Int

    /// Seconds of audio generated, of each sample.
    public var duration: Double { Double(frames) / header.layout.frameRate }
}

/// Prompt and continuation of a generation, ready to run: whatever the request has wrong is found before any output is made.
///
/// Codes become audio as they come, prompt and continuation through one streaming decoder, so that they join without a seam. The
/// codec's codebooks beyond those of the language model stay unused, which gives the codec's quality at that lower bitrate.
/// Memory does not grow with the audio, but for the codes themselves: beyond its context the model forgets the oldest steps.
public struct AudioGeneration {
    /// Longest continuation.
    public static let maximumSeconds = 3600.0

    /// Of what outputs hold.
    public let header: TokenHeader
    /// Base frames that the prompt has.
    public let promptFrames: Int
    /// Base frames of the continuation.
    public let frames: Int
    let settings: GenerationSettings
    /// Of prompt and continuation, whether outputs hold both or not.
    let wholeHeader: TokenHeader
    private var generation: any CodeGeneration
    /// Frames behind the continuation that the decoder needs for its last samples.
    let flushFrames: Int

    /// - Parameters:
    ///   - model: the codec.
    ///   - languageModel: must fit the codec, see `LoadedLanguageModel.check`.
    ///   - prompt: codes of whole superframes, as `CodeReader` gives them; nil = none.
    ///   - seconds: length of the continuation, rounded to whole superframes, at least one.
    ///   - settings: what is generated, and how.
    /// - Throws: `TokenLMError` for settings, a length, a prompt or a condition that does not fit; `CodecError`.
    public init(
        model: Model, languageModel: TokenLanguageModel, prompt: Codes?, seconds: Double, settings: GenerationSettings
    ) throws {
        guard seconds > 0, seconds <= Self.maximumSeconds else {
            throw TokenLMError.option(name: "seconds", reason: "is \(seconds), expected above 0 and at most 3600")
        }
        guard (1...256).contains(settings.count) else {
            throw TokenLMError.option(name: "count", reason: "is \(settings.count), expected 1...256")
        }
        let (description, weights) = (model.description, try model.weights)
        let layout = description.layout.prefix(languageModel.pattern.codebookCount)
        let prompt = prompt ?? Codes(codebooks: layout.codebooks.count)
        let superframe = layout.superframe
        let (promptFrames, wanted) = (layout.frames(of: prompt), (seconds * layout.frameRate / Double(superframe)).rounded())
        frames = max(1, Int(wanted)) * superframe
        flushFrames = try Self.flushFrames(model.codec, layout)
        generation = try Self.generation(languageModel, frames: promptFrames + frames + flushFrames, prompt: prompt, settings)
        func header(frames: Int) -> TokenHeader {
            TokenHeader(
                codecName: description.name, modelType: description.modelType, weights: weights, layout: layout,
                channels: description.channels,
                original: OriginalAudio(
                    sampleRate: description.sampleRate, channels: description.channels, subtype: TokenHeader.generatedSubtype,
                    sampleCount: frames * layout.hopLength))
        }
        self.promptFrames = promptFrames
        self.settings = settings
        wholeHeader = header(frames: promptFrames + frames)
        self.header = settings.keepsPrompt ? wholeHeader : header(frames: frames)
    }

    private static func generation(
        _ model: TokenLanguageModel, frames: Int, prompt: Codes, _ settings: GenerationSettings
    ) throws -> any CodeGeneration {
        let prompts = Array(repeating: prompt, count: settings.count)
        let conditions = Array(repeating: settings.condition, count: settings.count)
        switch model.kind {
        case .autoregressive:
            guard settings.fillingSteps == nil else { throw TokenLMError.kind(expected: .masked, operation: "filling in steps") }
            return try TokenGeneration(
                model: model, frames: frames, prompts: prompts, conditions: conditions, options: settings.options,
                drafting: settings.drafting, seed: settings.seed)
        case .masked:
            guard settings.drafting == nil else { throw TokenLMError.kind(expected: .autoregressive, operation: "drafting") }
            return try WindowedFilling(
                model: model, frames: frames, prompts: prompts, conditions: conditions, options: settings.options,
                steps: settings.fillingSteps ?? TokenLanguageModel.maximumFillingSteps, seed: settings.seed)
        }
    }

    /// Frames that the codec's encoder appends to a whole number of them, so that the decoder gives their last sample.
    private static func flushFrames(_ codec: any Codec, _ layout: CodeLayout) throws -> Int {
        var encoder = try codec.makeEncoder(codebooks: layout.codebooks.count)
        let silence = AudioBlock(silence: layout.superframe * layout.hopLength, channelCount: codec.description.channels)
        var codes = try encoder.push(silence)
        codes.append(try encoder.finish())
        return max(0, layout.frames(of: codes) - layout.superframe)
    }

    /// Most frames that wait before they are written. The first goes out at once, later ones in pieces that decode faster.
    private static let mostFramesAtOnce = 16

    /// Generates, and hands codes to `outputs`, one for each sample, as they become complete; then finishes them.
    /// - Parameters:
    ///   - outputs: where each sequence goes.
    ///   - progress: called with the base frames generated so far.
    /// - Throws: `TokenLMError`, and what the outputs throw.
    public mutating func run(to outputs: [GenerationOutput], progress: (Int) -> Void = { _ in }) throws -> GenerationReport {
        precondition(outputs.count == settings.count, "\(outputs.count) outputs for \(settings.count) samples")
        let clock = ContinuousClock()
        let start = clock.now
        var (modelTime, firstAudio) = (Duration.zero, Duration?.none)
        var (taken, piece, isRunning) = (0, 1, true)
        while isRunning {
            modelTime += try clock.measure { isRunning = try generation.advance() }
            let ready = generation.completeFrames
            guard ready > taken, ready - taken >= piece || generation.isFinished else { continue }
            for (row, output) in outputs.enumerated() { try output.write(generation.takeComplete(row)) }
            taken = ready
            if ready > promptFrames { piece = min(2 * piece, Self.mostFramesAtOnce) }
            if firstAudio == nil, outputs[0].hasGeneratedAudio { firstAudio = clock.now - start }
            progress(max(0, ready - promptFrames))
        }
        for output in outputs { try output.finish() }
        if firstAudio == nil, outputs[0].hasGeneratedAudio { firstAudio = clock.now - start }
        let codes = header.layout.codebooks.reduce(0) { $0 + frames / $1.stride }
        return GenerationReport(
            header: header, promptFrames: promptFrames, frames: frames, codes: codes * settings.count, time: clock.now - start,
            modelTime: modelTime, timeToFirstAudio: firstAudio, passes: generation.passes, drafted: generation.drafted,
            accepted: generation.accepted, stateBytes: generation.stateBytes)
    }
}

extension TokenHeader {
    /// `original.subtype` of codes that no recording was encoded to.
    public static let generatedSubtype = "generated"
}
