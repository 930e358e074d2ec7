import Checkpoints
import Codecs
import Spectral

// Module Codecs has no library of Fourier transforms; who imports Codetta has one.

extension CodecRegistry {
    /// Builds the codec of a model folder from its config and weights, strictly, with the transforms of this build.
    /// - Throws: `CodecError.unknownModelType`, `.isVocoder`; `CheckpointError` for a config or weights that do not fit.
    public static func load(_ folder: ModelFolder) throws -> any Codec { try load(folder, transforms: .standard) }
}

extension PretrainedCodec {
    /// The model of a folder, with the transforms of this build.
    /// - Throws: `CodecError.otherFamily` for a folder of another family; `CheckpointError` for a config out of range, and for
    ///   tensors that are missing, misshapen or unused.
    public init(_ folder: ModelFolder) throws { try self.init(folder, transforms: .standard) }
}

extension VocosVocoder {
    /// The model of a folder, with the transforms of this build.
    /// - Throws: `CodecError.notVocoder` for a folder of another kind of model; `CheckpointError` for a config out of range, and
    ///   for tensors that are missing, misshapen or unused.
    public init(_ folder: ModelFolder) throws { try self.init(folder, transforms: .standard) }
}
