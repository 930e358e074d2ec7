import CCodetta
import Codetta
import Kernels
import Platform

@c @implementation
package func codetta_encode(
    _ model: OpaquePointer?, _ audio: UnsafePointer<codetta_audio>?, _ sample_rate: Int32,
    _ options: UnsafePointer<codetta_encode_options>?, _ codes: UnsafeMutablePointer<OpaquePointer?>?
) -> codetta_status {
    call {
        let codes = try Argument.output(codes, "codes", empty: nil)
        let model: ModelObject = try Handles.object(model, "model")
        let array = try AudioArray(audio, "audio")
        let rate = try Argument.sampleRate(sample_rate, "sample_rate")
        let settings = try EncodeSettings(options)
        codes.pointee = Handles.add(try model.execution.run { try settings.encode(array, sampleRate: rate, model.model) })
    }
}

@c @implementation
package func codetta_decode(
    _ model: OpaquePointer?, _ codes: OpaquePointer?, _ options: UnsafePointer<codetta_decode_options>?,
    _ audio: UnsafePointer<codetta_audio>?
) -> codetta_status {
    call {
        let model: ModelObject = try Handles.object(model, "model")
        let codes: CodesObject = try Handles.object(codes, "codes")
        let settings = try DecodeSettings(options)
        let array = try AudioArray(audio, "audio")
        let encoded = try codes.snapshot()
        try model.execution.run { try settings.decode(encoded, into: array, model.model) }
    }
}

@c @implementation
package func codetta_encode_batch(
    _ model: OpaquePointer?, _ items: UnsafePointer<codetta_audio>?, _ count: Int64, _ sample_rate: Int32,
    _ options: UnsafePointer<codetta_encode_options>?, _ codes: UnsafeMutablePointer<OpaquePointer?>?
) -> codetta_status {
    call {
        let model: ModelObject = try Handles.object(model, "model")
        let count = try Batch.count(count, items, codes)
        guard let items, let codes else { return }
        for i in 0..<count { codes[i] = nil }
        let rate = try Argument.sampleRate(sample_rate, "sample_rate")
        let settings = try EncodeSettings(options)
        let arrays = try (0..<count).map { try AudioArray(items + $0, "items[\($0)]") }
        let results = try Batch.run(count, on: model.execution) { try settings.encode(arrays[$0], sampleRate: rate, model.model) }
        for (i, result) in results.enumerated() { codes[i] = Handles.add(result) }
    }
}

@c @implementation
package func codetta_decode_batch(
    _ model: OpaquePointer?, _ items: UnsafePointer<OpaquePointer?>?, _ count: Int64, _ options: UnsafePointer<codetta_decode_options>?,
    _ audio: UnsafePointer<codetta_audio>?
) -> codetta_status {
    call {
        let model: ModelObject = try Handles.object(model, "model")
        let count = try Batch.count(count, items, audio)
        guard let items, let audio else { return }
        let settings = try DecodeSettings(options)
        let arrays = try (0..<count).map { try AudioArray(audio + $0, "audio[\($0)]") }
        let encoded = try (0..<count).map { try Handles.object(items[$0], "items[\($0)]", CodesObject.self).snapshot() }
        _ = try Batch.run(count, on: model.execution) { try settings.decode(encoded[$0], into: arrays[$0], model.model) }
    }
}
