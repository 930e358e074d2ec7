import Checkpoints
import Transforms

/// From a config's `model_type` to the codec that reads it.
public enum CodecRegistry {
    /// Every family. Adding one is one line here.
    private static let families: [any PretrainedCodec.Type] = [
        BigCodec.self,
        DACCodec.self,
        EnCodecCodec.self,
        HiFiCodec.self,
        LanguageCodec.self,
        MimiCodec.self,
        SNACCodec.self,
        SoundStreamCodec.self,
        VocosEnCodecCodec.self,
        WavTokenizerCodec.self,
        XCodec.self,
    ]

    /// Every `model_type` that loads.
    public static var modelTypes: [String] { families.flatMap { $0.modelTypes }.sorted() }

    /// Those whose codecs need the whole signal; see `CodecDescription.isStreaming`.
    public static var wholeSignalTypes: Set<String> { Set(families.filter { !$0.isStreaming }.flatMap { $0.modelTypes }) }

    /// Builds the codec of a model folder from its config and weights, strictly.
    /// - Parameter transforms: for families whose networks end in an inverse Fourier transform; module Codetta passes those of the
    ///   build.
    /// - Throws: `CodecError.unknownModelType`, `.isVocoder`, `.needsTransforms`; `CheckpointError` for a config or weights that do not fit.
    public static func load(_ folder: ModelFolder, transforms: (any FourierTransforms)? = nil) throws -> any Codec {
        try open(folder, transforms: transforms).codec
    }

    /// As `load(_:transforms:)`, with the weights and the settings that the codec was built from.
    package static func open(
        _ folder: ModelFolder, transforms: (any FourierTransforms)?
    ) throws -> (codec: any Codec, weights: Checkpoint, settings: [String]) {
        let type = try folder.modelType()
        if type == VocosVocoder.modelType { throw CodecError.isVocoder(model: folder.name) }
        guard let family = families.first(where: { $0.modelTypes.contains(type) }) else {
            throw CodecError.unknownModelType(type, known: modelTypes, file: folder.configPath)
        }
        let checkpoint = try folder.checkpoint()
        let (codec, settings) = try family.open(folder, checkpoint: checkpoint, transforms: transforms)
        return (codec, checkpoint, settings)
    }
}
