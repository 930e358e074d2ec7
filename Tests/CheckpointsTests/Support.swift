import Checkpoints
import Foundation
import TestSupport

/// A safetensors file of this header, whatever the header says.
func safetensors(_ header: String, data: [UInt8] = [], length: UInt64? = nil) -> [UInt8] {
    let json = Array(header.utf8)
    return littleEndian(length ?? UInt64(json.count)) + json + data
}

/// One tensor "x" of the given type and shape over `data`.
func oneTensor(_ type: String, _ shape: [Int], _ data: [UInt8]) -> [UInt8] {
    safetensors(#"{"x":{"dtype":"\#(type)","shape":\#(shape),"data_offsets":[0,\#(data.count)]}}"#, data: data)
}

/// The error of opening a file with these bytes, or nil if it opens.
func openingError(_ bytes: [UInt8]) throws -> CheckpointError? {
    let folder = try ScratchFolder()
    let path = try folder.write(bytes, to: "model.safetensors")
    do {
        _ = try Checkpoint(path: path)
        return nil
    } catch let error as CheckpointError {
        return error
    }
}

/// A checkpoint of Float32 tensors counting up from 0.
func makeCheckpoint(_ shapes: [String: [Int]], in folder: ScratchFolder) throws -> Checkpoint {
    var writer = SafetensorsWriter()
    for (name, shape) in shapes {
        let count = shape.reduce(1, *)
        writer.add(name, Tensor(shape: shape, values: (0..<count).map(Float.init)))
    }
    return try Checkpoint(path: folder.write(writer.serialized(), to: "model.safetensors"))
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
