import Checkpoints
import Layers
import Tokens
import Transforms

/// A family of codecs that is read from model folders: `try EnCodecCodec(folder)`, or `CodecRegistry.load(folder)` for whatever
/// family the folder's config names.
///
/// A family is one type, and its initialiser reads as the figure of its paper: the config, the networks, the description.
/// It is listed in `CodecRegistry`.
public protocol PretrainedCodec: Codec {
    /// What configs call the family in `model_type`.
    static var modelTypes: [String] { get }
    /// Whether memory is bounded and nothing waits for the end of the signal; true unless the family says otherwise.
    static var isStreaming: Bool { get }
    /// Builds the codec from the config and the weights of `model`.
    /// - Throws: `CheckpointError` for a config that no model of the family has, and for weights that cannot be read. What is
    ///   missing, misshapen or unused is reported after the initialiser, all at once.
    init(_ model: PretrainedModel) throws
}

extension PretrainedCodec {
    /// Most families stream.
    public static var isStreaming: Bool { true }

    /// The model of a folder.
    /// - Parameter transforms: for families whose networks end in an inverse Fourier transform; module Codetta passes those of the
    ///   build.
    /// - Throws: `CodecError.otherFamily` for a folder of another family, `.needsTransforms`; `CheckpointError` for a config out of range, and for
    ///   tensors that are missing, misshapen or unused.
    public init(_ folder: ModelFolder, transforms: (any FourierTransforms)? = nil) throws {
        let type = try folder.modelType()
        guard Self.modelTypes.contains(type) else {
            throw CodecError.otherFamily(model: folder.name, modelType: type, expected: Self.modelTypes)
        }
        self = try Self.open(folder, checkpoint: folder.checkpoint(), transforms: transforms).codec
    }

    /// The model of a folder of this family, and the settings that it was built with.
    static func open(
        _ folder: ModelFolder, checkpoint: Checkpoint, transforms: (any FourierTransforms)?
    ) throws -> (codec: Self, settings: [String]) {
        let model = try PretrainedModel(folder, checkpoint: checkpoint, transforms: transforms, isStreaming: Self.isStreaming)
        let codec = try Self(model)
        try model.finish()
        return (codec, model.settings)
    }
}

/// What a model is built from: the config, the weights and the licence of a model folder.
///
/// Not `Sendable`: a model is built on one thread.
public final class PretrainedModel {
    /// Where the model is.
    public let folder: ModelFolder
    /// All tensors, under the names that they have in the file.
    public let checkpoint: Checkpoint
    /// What the config calls the family.
    public let modelType: String
    /// Licence of the weights, as the model's card states it.
    public let license: String
    private let transforms: (any FourierTransforms)?
    private let isStreaming: Bool
    private var loader: WeightLoader?
    /// Those of the config; none before it is read.
    private(set) var settings: [String] = []

    /// - Throws: `CheckpointError` for a config or a card that cannot be read.
    init(
        _ folder: ModelFolder, checkpoint: Checkpoint, transforms: (any FourierTransforms)?, isStreaming: Bool = true
    ) throws {
        self.folder = folder
        self.checkpoint = checkpoint
        self.transforms = transforms
        self.isStreaming = isStreaming
        modelType = try folder.modelType()
        license = try folder.card()?.license ?? "not stated"
    }

    /// The config, decoded strictly.
    /// - Throws: `CheckpointError.invalidConfig` naming the field.
    public func config<Config: Decodable>(_ type: Config.Type) throws -> Config {
        let config = try folder.config(type)
        if let config = config as? any ModelConfig { settings = config.settings }
        return config
    }

    /// The root of all tensors, asked for once. Every tensor must be read or ignored before the initialiser ends.
    /// - Parameters: as `WeightLoader.init`.
    /// - Throws: `CheckpointError.invalidTensor` if two tensors get the same name.
    public func weights(keyMap: KeyMap = .identity, ignoring: [String] = []) throws -> WeightPath {
        let loader = try WeightLoader(checkpoint, keyMap: keyMap, ignoring: ignoring)
        self.loader = loader
        return loader.root
    }

    /// The transforms that the model was loaded with.
    /// - Throws: `CodecError.needsTransforms` if there are none.
    public func requireTransforms() throws(CodecError) -> any FourierTransforms {
        guard let transforms else { throw .needsTransforms(model: folder.name) }
        return transforms
    }

    /// Ends the building of the model.
    /// - Throws: `CheckpointError.mismatch` with everything that was missing, misshapen, unusable or left over.
    func finish() throws { try loader?.finish() }

    /// What the model is, with the rate of `layout`.
    /// - Parameters:
    ///   - channels: that the model codes jointly.
    ///   - layout: all codebooks.
    ///   - isTruncatable: whether the first n codebooks alone decode.
    ///   - latency: in samples; see `CodecDescription.latency`.
    ///   - decoders: those of all bitrates, which say the `decodingContext`; none for a codec that decodes in segments.
    ///   - hasSegments: whether codes may come in segments.
    public func description(
        channels: Int = 1, layout: CodeLayout, isTruncatable: Bool = true, latency: Int, decoders: [Sequential], hasSegments: Bool = false
    ) -> CodecDescription {
        CodecDescription(
            name: folder.name, modelType: modelType, sampleRate: layout.sampleRate, channels: channels, layout: layout,
            isTruncatable: isTruncatable, latency: latency,
            decodingContext: DecodingContext(of: decoders, layout: layout), isStreaming: isStreaming, hasSegments: hasSegments,
            parameterCount: checkpoint.elementCount, license: license)
    }
}
