import Checkpoints
import Platform
import TokenFiles

/// Finds the entropy models of codecs, each beside its codec's weights, and keeps them once they are loaded.
public final class EntropyModels: Sendable {
    /// By folder.
    private let loaded = Lock<[String: EntropyModel]>([:])
    private let codec: Model?

    /// Looks where installed models are.
    public static let standard = EntropyModels()

    /// - Parameter model: the codec, whatever token files call it; nil looks for the name that they give.
    public init(_ model: Model? = nil) { codec = model }

    /// The model of a codec's folder, or nil if it has none.
    /// - Throws: `CheckpointError`, and `TokenStreamError.foreign` for a file that is no entropy model.
    public func model(in folder: ModelFolder) throws -> EntropyModel? {
        try loaded.withLock { loaded in
            if let model = loaded[folder.path] { return model }
            let model = try Self.load(folder)
            loaded[folder.path] = model
            return model
        }
    }

    /// The model of a codec's folder, or nil if it has none.
    /// - Throws: as `model(in:)`.
    static func load(_ folder: ModelFolder) throws -> EntropyModel? {
        guard let file = try folder.entropyModel() else { return nil }
        var hash = SHA256()
        try file.forEachChunk { hash.update($0) }
        return try EntropyModel(identity: Checkpoint(files: [file]).identity(), file: hash.finalize()) { try file.loadIntegers($0) }
    }

    /// The model for the codes that `header` introduces, or nil if it is not installed. It may turn out to be another than the
    /// header names, which readers check.
    /// - Throws: as `model(in:)`.
    public func model(for header: TokenHeader) throws -> EntropyModel? {
        if let codec { return try codec.entropyModelIfAny() }
        guard ModelLabel.isPlain(header.codecName) else { return nil }
        do {
            return try model(in: ModelLocator.standard().locate(header.codecName))
        } catch CheckpointError.modelNotFound {
            return nil
        }
    }
}

/// Names of models that files carry.
public enum ModelLabel {
    /// Whether it can only be a name: a label from a file is not to be taken for a path.
    public static func isPlain(_ name: String) -> Bool {
        !name.hasPrefix(".") && name.unicodeScalars.allSatisfy {
            $0.properties.isAlphabetic || $0.properties.numericType != nil || "-_.".unicodeScalars.contains($0)
        }
    }
}
