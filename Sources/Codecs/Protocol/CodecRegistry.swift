import Checkpoints

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
    public static func load(_ folder: ModelFolder) throws -> any Codec { try open(folder).codec }

    /// As `load(_:)`, with the weights that the codec was built from.
    package static func open(_ folder: ModelFolder) throws -> (codec: any Codec, weights: Checkpoint) {
        let type = try folder.modelType()
        if type == VocosVocoder.modelType { throw CodecError.isVocoder(model: folder.name) }
        guard let build = builders[type] else {
            throw CodecError.unknownModelType(type, known: modelTypes, file: folder.configPath)
        }
        let checkpoint = try folder.checkpoint()
        return (try build(folder, checkpoint), checkpoint)
    }
}
