import Checkpoints
import Platform

/// A codec with its weights, and the identity that token files record.
public struct LoadedModel: Sendable {
    public var codec: any Codec
    /// SHA-256 of the weight files, in the order in which the folder names them.
    public let weightsSHA256: ContentDigest
    public let folder: ModelFolder
}

/// From a config's `model_type` to the codec that reads it. Adding a codec is one line here.
public enum CodecRegistry {
    private typealias Builder = @Sendable (ModelFolder, Checkpoint) throws -> any Codec

    private static let builders: [String: Builder] = [
        BigCodec.modelType: { try BigCodec(folder: $0, checkpoint: $1) },
        CodettaCodec.modelType: { try CodettaCodec(folder: $0, checkpoint: $1) },
        DACCodec.modelType: { try DACCodec(folder: $0, checkpoint: $1) },
        EnCodecCodec.modelType: { try EnCodecCodec(folder: $0, checkpoint: $1) },
        HiFiCodec.modelType: { try HiFiCodec(folder: $0, checkpoint: $1) },
        LanguageCodec.modelType: { try LanguageCodec(folder: $0, checkpoint: $1) },
        MimiCodec.modelType: { try MimiCodec(folder: $0, checkpoint: $1) },
        SNACCodec.modelType: { try SNACCodec(folder: $0, checkpoint: $1) },
        SoundStreamCodec.modelTypes[0]: { try SoundStreamCodec(folder: $0, checkpoint: $1) },
        SoundStreamCodec.modelTypes[1]: { try SoundStreamCodec(folder: $0, checkpoint: $1) },
        VocosEnCodecCodec.modelType: { try VocosEnCodecCodec(folder: $0, checkpoint: $1) },
        WavTokenizerCodec.modelType: { try WavTokenizerCodec(folder: $0, checkpoint: $1) },
        XCodec.modelType: { try XCodec(folder: $0, checkpoint: $1) },
    ]

    /// Those whose codecs need the whole signal; see `CodecDescription.isStreaming`.
    public static let wholeSignalTypes: Set<String> = [HiFiCodec.modelType, WavTokenizerCodec.modelType, XCodec.modelType]

    /// Every `model_type` that loads.
    public static var modelTypes: [String] { builders.keys.sorted() }

    /// Builds the codec of a model folder from its config and weights, strictly.
    /// - Throws: `CodecError.unknownModelType`, `.isVocoder`; `CheckpointError` for a config or weights that do not fit.
    public static func load(_ folder: ModelFolder) throws -> LoadedModel {
        let type = try folder.modelType()
        if type == VocosVocoder.modelType { throw CodecError.isVocoder(model: folder.name) }
        guard let build = builders[type] else {
            throw CodecError.unknownModelType(type, known: modelTypes, file: folder.configPath)
        }
        let checkpoint = try folder.checkpoint()
        let codec = try build(folder, checkpoint)
        var hash = SHA256()
        try checkpoint.forEachChunk { hash.update($0) }
        return LoadedModel(codec: codec, weightsSHA256: hash.finalize(), folder: folder)
    }
}
