import Checkpoints
import Codecs
import Kernels
import TokenLM
import Tokens

/// A token language model together with the folder that it came from.
public struct LoadedLanguageModel: Sendable {
    /// The language model.
    public let model: TokenLanguageModel
    /// Where it was loaded from.
    public let folder: ModelFolder

    /// The name of its folder.
    public var name: String { folder.name }

    /// - Parameters:
    ///   - folder: the model's folder.
    ///   - precision: to what the weights are rounded as they are read.
    /// - Throws: `CheckpointError` for a folder of something else, a config out of range and weights that do not fit.
    public init(_ folder: ModelFolder, precision: WeightPrecision = .float) throws {
        let type = try folder.modelType()
        guard type == TokenLMConfig.modelType else {
            throw CheckpointError.invalidConfig(
                field: "model_type", reason: "is \"\(type)\", a token language model has \"\(TokenLMConfig.modelType)\"",
                file: folder.configPath)
        }
        model = try TokenLanguageModel(folder: folder, precision: precision)
        self.folder = folder
    }

    /// Whether this model's codes are those of `codec`, as far as names and shapes can tell. They may be its first codebooks alone.
    /// - Parameters:
    ///   - codec: the codec to use.
    ///   - ignoringName: takes a codec of another name for a copy of the model's.
    /// - Throws: `PipelineError.languageModel` with what differs.
    public func check(_ codec: CodecDescription, ignoringName: Bool = false) throws(PipelineError) {
        let config = model.config
        let own = zip(config.codebookSizes, config.codebookStrides).map { CodeLayout.Codebook(size: $0, stride: $1) }
        func differs(_ what: String) -> PipelineError {
            .languageModel("\(name) models codes of \(config.codec), which \(codec.name) does not make: \(what)")
        }
        guard abs(config.frameRate / codec.layout.frameRate - 1) < 1e-6 else {
            throw differs("\(config.frameRate) frames per second against \(codec.layout.frameRate)")
        }
        guard codec.layout.codebooks.starts(with: own), codec.isTruncatable || own.count == codec.layout.codebooks.count else {
            throw differs("codebooks of \(Self.text(own)) against \(Self.text(codec.layout.codebooks))")
        }
        guard ignoringName || config.codec == codec.name else {
            throw .otherCodec(languageModel: name, codec: config.codec, found: codec.name)
        }
    }

    /// `6 × 1024`, or each codebook's size and stride.
    private static func text(_ codebooks: [CodeLayout.Codebook]) -> String {
        if let first = codebooks.first, codebooks.allSatisfy({ $0 == first }), first.stride == 1 {
            return "\(codebooks.count) × \(first.size)"
        }
        return codebooks.map { "\($0.size)/\($0.stride)" }.joined(separator: " ")
    }
}
