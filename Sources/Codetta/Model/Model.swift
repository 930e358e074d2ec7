import Checkpoints
import Codecs
import Platform
import Quantizers
import Spectral
import TokenFiles
import Tokens

/// A codec with its weights: encodes audio and decodes codes, in files, in memory and as streams.
///
/// Immutable and cheap to copy. What a model knows of its weights (their identity, the entropy model beside them) is read when it
/// is first needed, and then kept.
public struct Model: Sendable {
    /// The network.
    public private(set) var codec: any Codec
    /// Where the model was loaded from; nil for a codec without a folder.
    public let folder: ModelFolder?
    private let identity: Memo<ContentDigest>
    /// What files of edition 1 name the weights by, and those that were converted from them: their tensors, or of versions up to 1.2 their file.
    private let earlierIdentities: [Memo<ContentDigest>]
    private let entropyModel: Memo<EntropyModel?>

    /// Loads the model of a folder.
    /// - Throws: `CodecError.unknownModelType` or `.isVocoder`; `CheckpointError` for a config or weights that do not fit.
    public init(_ folder: ModelFolder) throws {
        let (codec, checkpoint, settings) = try CodecRegistry.open(folder, transforms: .standard)
        self.codec = codec
        self.folder = folder
        identity = Memo { try checkpoint.identity(settings: settings) }
        earlierIdentities = [Memo { try checkpoint.identity() }, Memo { try checkpoint.fileDigest() }]
        entropyModel = Memo { try EntropyModels.load(folder) }
    }

    /// A codec that was made in another way.
    /// - Parameters:
    ///   - codec: the codec to use.
    ///   - weights: what token files name the weights by; `.zero` for a codec without weights.
    ///   - entropyModel: the codec's, for entropy mode `lm`.
    public init(codec: any Codec, weights: ContentDigest = .zero, entropyModel: EntropyModel? = nil) {
        self.codec = codec
        folder = nil
        identity = Memo { weights }
        earlierIdentities = []
        self.entropyModel = Memo { entropyModel }
    }

    /// What the model is: sample rate, codebooks, latency, licence.
    public var description: CodecDescription { codec.description }
    /// What token files call the model.
    public var name: String { description.name }

    /// What token files name the weights and the settings they are used with by. Hashes the weights when it is first asked for.
    public var weights: ContentDigest {
        get throws { try identity.get() }
    }

    /// Whether `digest`, as a token file has it, stands for this model's weights: it is their identity or the beginning of it, or what earlier
    /// versions of the format named them by, or says nothing (`.zero`).
    /// - Throws: `CheckpointError` for weights that cannot be read again.
    public func hasWeights(_ digest: ContentDigest) throws -> Bool {
        // The earlier kinds of hash are only computed for files that need them.
        if try digest == .zero || digest.agrees(with: weights) { return true }
        return try earlierIdentities.contains { try digest.agrees(with: $0.get()) }
    }

    /// Whether these are the tensors, saved anew, of the installed model whose very file of weights `header` names, as earlier versions of the
    /// format named weights.
    private func isSavedAgain(_ header: TokenHeader) throws -> Bool {
        guard folder != nil, ModelLabel.isPlain(header.codecName),
            let other = try? ModelLocator.standard().locate(header.codecName).checkpoint(),
            try header.weights.agrees(with: other.fileDigest())
        else { return false }
        return try hasWeights(other.identity())
    }

    /// How far decoders of files look around a frame; nil where codes may come in segments, of which a file's header says nothing.
    var fileContext: DecodingContext? { description.hasSegments ? nil : description.decodingContext }

    /// The same model with encoders that search so.
    /// - Throws: `CodecError.searchUnsupported`.
    public func searching(_ search: CodeSearch) throws -> Model {
        var model = self
        model.codec = try codec.searching(search)
        return model
    }

    /// What `mode` needs for the model's codes: its entropy model for `lm`, nil for the other modes.
    /// - Throws: `PipelineError.noEntropyModel`, `CheckpointError`, and `TokenStreamError.foreign` for a file that is no entropy model.
    public func entropyModel(for mode: EntropyMode) throws -> EntropyModel? {
        guard mode == .lm else { return nil }
        guard let model = try entropyModel.get() else { throw PipelineError.noEntropyModel(model: folder?.path ?? name) }
        return model
    }

    /// The entropy model beside the weights, nil if there is none.
    func entropyModelIfAny() throws -> EntropyModel? { try entropyModel.get() }

    /// Whether the model made the codes that `header` introduces, as far as the names of weights tell.
    /// - Throws: `PipelineError.weightsMismatch`.
    func requireWeights(of header: TokenHeader) throws {
        if try hasWeights(header.weights) || isSavedAgain(header) { return }
        throw PipelineError.weightsMismatch(
            file: header.weights.description, model: try weights.description, name: header.codecName)
    }
}
