import Kernels
import Platform
import Tokens

/// What a codec is, for users to choose by and for files to name.
public struct CodecDescription: Sendable, Hashable {
    /// Name of the model, e.g. `codetta-24k`.
    public var name: String
    /// Family that reads its config, e.g. `soundstream`.
    public var modelType: String
    /// In Hz.
    public var sampleRate: Int
    /// Channels that the model codes jointly.
    public var channels: Int
    /// All codebooks, at the highest bitrate.
    public var layout: CodeLayout
    /// Whether the first n codebooks alone decode.
    public var isTruncatable: Bool
    /// Algorithmic latency in samples at `sampleRate`: how much later a decoded sample is known than the sample that it stands for.
    /// Where the codec is not streaming, the wait for the end of the signal comes on top.
    public var latency: Int
    /// How many frames' codes a piece of audio depends on, of codes without segments; nil where there is no bound.
    public var decodingContext: DecodingContext?
    /// Whether memory is bounded and nothing waits for the end of the signal.
    public var isStreaming: Bool
    /// Whether codes may come in segments, each decoded by itself (`Codes.segments`).
    public var hasSegments: Bool
    /// Elements of all tensors.
    public var parameterCount: Int
    /// Licence of the weights, as an SPDX expression or a short text.
    public var license: String

    /// All that describes a codec.
    public init(
        name: String, modelType: String, sampleRate: Int, channels: Int, layout: CodeLayout,
        isTruncatable: Bool, latency: Int, decodingContext: DecodingContext? = nil, isStreaming: Bool = true, hasSegments: Bool = false,
        parameterCount: Int, license: String
    ) {
        self.name = name
        self.modelType = modelType
        self.sampleRate = sampleRate
        self.channels = channels
        self.layout = layout
        self.isTruncatable = isTruncatable
        self.latency = latency
        self.decodingContext = decodingContext
        self.isStreaming = isStreaming
        self.hasSegments = hasSegments
        self.parameterCount = parameterCount
        self.license = license
    }

    /// Checks that a codec which cuts nothing into segments is given no codes in segments, one entry per track.
    /// - Throws: `CodecError.segments`.
    public func checkSegments(_ tracks: [Codes]) throws(CodecError) {
        guard hasSegments || tracks.allSatisfy(\.segments.isEmpty) else { throw .segments(model: name) }
    }
}

/// A neural audio codec: immutable weights that make encoders and decoders.
public protocol Codec: Sendable {
    /// What the model is.
    var description: CodecDescription { get }

    /// A fresh encoder for one track with the first `codebooks` codebooks.
    /// - Throws: `CodecError.codebookCount` when the model cannot code with that many.
    func makeEncoder(codebooks: Int) throws -> any CodecEncoder

    /// A fresh decoder for one track of `codebooks` codebooks.
    /// - Throws: `CodecError.codebookCount` when the model cannot decode that many.
    func makeDecoder(codebooks: Int) throws -> any CodecDecoder
}

extension Codec {
    /// - Throws: `CodecError.codebookCount` unless the model can code with `count` codebooks.
    func requireCodebooks(_ count: Int) throws(CodecError) {
        let all = description.layout.codebooks.count
        let available = (description.isTruncatable ? 1 : all)...all
        guard available.contains(count) else { throw .codebookCount(requested: count, available: available) }
    }

    /// - Throws: `CodecError.channelCount` unless `audio` has the model's channels.
    func requireChannels(of audio: AudioBlock) throws(CodecError) {
        guard audio.channelCount == description.channels else {
            throw .channelCount(expected: description.channels, found: audio.channelCount)
        }
    }
}

/// Audio in, codes out, in pieces of any size. The encoder is its own state: a copy is a checkpoint. After `finish` every call throws
/// `UsedAfterEnd`.
public protocol CodecEncoder: Sendable {
    /// Codes known after `audio` `[model channels, any samples]` at the model's sample rate.
    mutating func push(_ audio: AudioBlock) throws -> Codes
    /// The end: pads to whole frames and returns the remaining codes. For n samples, ⌈n / hopLength⌉ base frames in all,
    /// rounded up to the layout's superframe, plus any frames that the decoder needs to emit the last sample.
    mutating func finish() throws -> Codes
}

/// An encoder that gives its continuous latents away before they are quantized: features for other models, and what
/// quantizers are fitted to.
///
/// A conforming encoder writes these three; its `push` and `finish` follow, unless its codes hold more than latents tell.
public protocol LatentEncoder: CodecEncoder {
    /// Latents `[time, dimension]` known after `audio` `[model channels, any samples]` at the model's sample rate.
    mutating func latents(of audio: AudioBlock) throws -> Frames
    /// The end: the remaining latents, as many as `finish` gives codes.
    mutating func finalLatents() throws -> Frames
    /// The codes that the encoder gives for such latents, without the levels of segments.
    func quantize(_ latents: Frames) -> Codes
    /// Whether that is all that `push` and `finish` give; true unless the encoder says otherwise.
    var givesQuantizedLatents: Bool { get }
}

extension LatentEncoder {
    /// Most encoders give no more than codes of their latents.
    public var givesQuantizedLatents: Bool { true }

    /// Codes known after `audio` `[model channels, any samples]`.
    public mutating func push(_ audio: AudioBlock) throws -> Codes { quantize(try latents(of: audio)) }
    /// The end: the remaining codes.
    public mutating func finish() throws -> Codes { quantize(try finalLatents()) }
}

/// Codes in, audio out, in pieces of any size. Sample i of the output stands for sample i of the encoder's input. After `finish` every
/// call throws `UsedAfterEnd`.
public protocol CodecDecoder: Sendable {
    /// Audio known after `codes`.
    mutating func push(_ codes: Codes) throws -> AudioBlock
    /// The end: what is left. The total is at least as long as the encoder's input; callers crop it to the exact length.
    mutating func finish() throws -> AudioBlock
}

/// What a codec cannot do with what it was given.
public enum CodecError: CodettaError, Equatable {
    /// A model is asked for more or fewer codebooks than it has.
    case codebookCount(requested: Int, available: ClosedRange<Int>)
    /// Audio has other channels than the model codes jointly.
    case channelCount(expected: Int, found: Int)
    /// A codec that must see the whole recording is given more than it takes.
    case signalTooLong(model: String, seconds: Int)
    /// The codec's quantizer has nothing to search, or its codes are more than a search of latents gives.
    case searchUnsupported(model: String, search: String)
    /// The codec's encoder keeps its latents to itself.
    case noLatents(model: String)
    /// A model that makes audio of features is asked for codes.
    case isVocoder(model: String)
    /// A model of another kind is asked to make audio of features.
    case notVocoder(model: String, modelType: String)
    /// Features that a vocoder does not take.
    case features(String)
    /// Codes in segments, each with a level, for a model that knows nothing of them.
    case segments(model: String)
    /// Codes without the levels of their segments, which the model cannot do without.
    case noSegments(model: String)
    /// Windows of so few frames that the model makes no sample of one.
    case windowTooShort(model: String, frames: Int)
    /// A codec whose network ends in an inverse Fourier transform is loaded without a library of them.
    case needsTransforms(model: String)
    /// A codec's own initialiser is given a model of another family.
    case otherFamily(model: String, modelType: String, expected: [String])
    case unknownModelType(String, known: [String], file: String)

    /// The class of the failure.
    public var kind: FailureKind {
        switch self {
        case .codebookCount, .searchUnsupported, .noLatents, .isVocoder, .notVocoder, .needsTransforms, .otherFamily: return .usage
        case .channelCount, .signalTooLong, .features, .segments, .noSegments, .windowTooShort: return .badData
        case .unknownModelType: return .badConfig
        }
    }

    /// One line: what and where.
    public var description: String { text.escapingControls }

    private var text: String {
        switch self {
        case .codebookCount(let requested, let available):
            return "\(requested) codebooks asked for, the model has \(available.lowerBound) to \(available.upperBound)"
        case .channelCount(let expected, let found):
            return "the model codes \(expected) channel(s), got \(found)"
        case .signalTooLong(let model, let seconds):
            return "\(model) codes a recording as a whole, of \(seconds) s at most; cut it into pieces"
        case .searchUnsupported(let model, let search):
            let needs = search.hasPrefix("rate") ? "a residual quantizer and a signal that is not cut into segments" : "a residual quantizer"
            return "\(search) is not for \(model): it needs \(needs)"
        case .noLatents(let model):
            return "the encoder of \(model) gives no continuous latents"
        case .isVocoder(let model):
            return "\(model) is a vocoder, which has no codes"
        case .notVocoder(let model, let type):
            return "\(model) (\(type)) is no vocoder"
        case .features(let reason): return reason
        case .segments(let model):
            return "the codes come in segments, and \(model) has no segments: another codec made them"
        case .noSegments(let model):
            return "\(model) needs the scale of each segment beside the codes, which say nothing of them; .npy files hold none"
        case .windowTooShort(let model, let frames):
            return "codes in windows of \(frames) frame(s), of which \(model) makes no sample: the windows' length is wrong, or the model"
        case .needsTransforms(let model):
            return "\(model) makes audio by an inverse Fourier transform; load it with transforms, as module Spectral has them"
        case .otherFamily(let model, let type, let expected):
            return "\(model) is a model of \(type), not of \(expected.joined(separator: " or "))"
        case .unknownModelType(let type, let known, let file):
            return "\(file): unknown model_type \"\(type)\"; known: \(known.joined(separator: ", "))"
        }
    }
}
