import CCodetta
import Codetta
import Kernels
import Platform
import Tokens

/// A model behind a handle.
final class ModelObject: HandledObject, @unchecked Sendable {
    override class var noun: String { "model" }

    let model: Model
    /// What calls on the model run on.
    let execution = Execution()
    private let texts: (name: OwnedText, type: OwnedText, license: OwnedText)

    init(_ model: Model) {
        let description = model.description
        self.model = model
        texts = (OwnedText(description.name), OwnedText(description.modelType), OwnedText(description.license))
    }

    /// The facts of the model.
    /// - Throws: as `ModelFolder.entropyModel()`.
    func info() throws -> codetta_model_info {
        let description = model.description
        let layout = description.layout
        return codetta_model_info(
            size: MemoryLayout<codetta_model_info>.size, sample_rate: Int32(clamping: description.sampleRate),
            channels: Int32(clamping: description.channels), hop_length: Int32(clamping: layout.hopLength),
            codebooks: Int32(clamping: layout.codebooks.count), frame_rate: layout.frameRate, kilobits: layout.nominalBitrate / 1000,
            latency: Int64(description.latency), parameters: Int64(description.parameterCount),
            is_truncatable: description.isTruncatable ? 1 : 0, is_streaming: description.isStreaming ? 1 : 0,
            is_ragged: layout.isRagged ? 1 : 0, has_entropy_model: try model.folder?.entropyModel() == nil ? 0 : 1,
            name: texts.name.pointer, type: texts.type.pointer, license: texts.license.pointer)
    }
}

extension CodeLayout {
    /// Whether codebooks have different rates.
    var isRagged: Bool { codebooks.contains { $0.stride != codebooks.first?.stride } }

    /// A codebook for C.
    /// - Throws: `ArgumentError` where there is none of this number.
    func codebook(_ index: Int32) throws -> codetta_codebook {
        guard codebooks.indices.contains(Int(index)) else {
            throw ArgumentError("index", "is \(index), expected 0 to \(codebooks.count - 1)")
        }
        return codetta_codebook(count: Int64(codebooks[Int(index)].size), stride: Int32(clamping: codebooks[Int(index)].stride))
    }
}

/// Whose threads calls on an object run on.
protocol ThreadedObject: HandledObject {
    /// Gives it as many threads, 1 to 64.
    func setThreadCount(_ count: Int) throws
}

extension ModelObject: ThreadedObject {
    func setThreadCount(_ count: Int) { execution.setThreadCount(count) }
}
