import Codetta
import Foundation

/// Loads each model once, for all files that need it.
final class ModelStore: @unchecked Sendable {
    // `loaded` is only touched under `lock`; models themselves are immutable.
    private let lock = NSLock()
    private var loaded: [String: Model] = [:]
    private let locator = ModelLocator.standard()

    static let defaultName = "codetta-24k"

    /// The model of a name or folder.
    /// - Throws: `CheckpointError`, `CodecError`.
    func load(_ name: String) throws -> Model {
        try lock.withLock {
            if let model = loaded[name] { return model }
            let model = try ProcessMemory.loadingWeights { try Model(try locator.locate(name)) }
            loaded[name] = model
            return model
        }
    }

    /// The folder of a name, of whatever kind of model.
    /// - Throws: `CheckpointError`.
    func locate(_ name: String) throws -> ModelFolder { try locator.locate(name) }

    /// The vocoder of a name or folder, or nil if that is another kind of model.
    /// - Throws: `CheckpointError`.
    func vocoder(_ name: String) throws -> VocosVocoder? {
        let folder = try locator.locate(name)
        return try folder.modelType() == VocosVocoder.modelType ? VocosVocoder(folder) : nil
    }

    /// The model that a token file names.
    /// - Throws: as `load(label:)`.
    func load(namedBy header: TokenHeader) throws -> Model { try load(label: header.codecName) }

    /// The model that a file names, which is a label and not to be taken for a path.
    /// - Throws: `PipelineError.modelNotInstalled`, and as `load(_:)`.
    func load(label name: String) throws -> Model {
        do {
            guard ModelLabel.isPlain(name) else {
                throw CheckpointError.modelNotFound(name: name, searched: locator.places)
            }
            return try load(name)
        } catch CheckpointError.modelNotFound(_, let searched) {
            throw PipelineError.modelNotInstalled(name: name, searched: searched)
        }
    }
}
