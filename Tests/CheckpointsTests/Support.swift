import Checkpoints
import Foundation

/// A folder that lasts as long as the test.
final class TemporaryFolder {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("codetta-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes `bytes` to a file of this folder, whose subfolders are made as needed; returns its path.
    @discardableResult
    func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        let url = URL(fileURLWithPath: path).appendingPathComponent(name)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: url)
        return url.path
    }

    @discardableResult
    func write(_ name: String, _ text: String) throws -> String { try write(name, Array(text.utf8)) }

    func link(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: path + "/" + name, withDestinationPath: target)
    }
}

/// A safetensors file of this header, whatever the header says.
func safetensors(_ header: String, data: [UInt8] = [], length: UInt64? = nil) -> [UInt8] {
    let json = Array(header.utf8)
    return littleEndian(length ?? UInt64(json.count)) + json + data
}

func littleEndian<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
}

/// One tensor "x" of the given type and shape over `data`.
func oneTensor(_ type: String, _ shape: [Int], _ data: [UInt8]) -> [UInt8] {
    safetensors(#"{"x":{"dtype":"\#(type)","shape":\#(shape),"data_offsets":[0,\#(data.count)]}}"#, data: data)
}

/// The error of opening a file with these bytes, or nil if it opens.
func openingError(_ bytes: [UInt8]) throws -> CheckpointError? {
    let folder = try TemporaryFolder()
    let path = try folder.write("model.safetensors", bytes)
    do {
        _ = try Checkpoint(path: path)
        return nil
    } catch let error as CheckpointError {
        return error
    }
}

/// A checkpoint of Float32 tensors counting up from 0.
func makeCheckpoint(_ shapes: [String: [Int]], in folder: TemporaryFolder) throws -> Checkpoint {
    var writer = SafetensorsWriter()
    for (name, shape) in shapes {
        let count = shape.reduce(1, *)
        writer.add(name, Tensor(shape: shape, values: (0..<count).map(Float.init)))
    }
    return try Checkpoint(path: folder.write("model.safetensors", writer.serialized()))
}

/// The problems with which building a model ends.
func problems(_ body: () throws -> Void) throws -> [CheckpointMismatch.Problem] {
    do {
        try body()
        return []
    } catch CheckpointError.mismatch(let mismatch) {
        return mismatch.problems
    }
}
