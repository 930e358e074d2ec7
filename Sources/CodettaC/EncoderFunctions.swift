import CCodetta
import Codetta
import Kernels
import Platform
import TokenFiles
import Tokens

/// An encoder behind a handle.
final class EncoderObject: HandledStream, ThreadedObject, @unchecked Sendable {
    override class var noun: String { "encoder" }

    private var encoder: AudioEncoder
    private var execution: Execution
    private let channels: Int
    private let cancel: CancelFlag

    init(_ encoder: AudioEncoder, channels: Int, _ execution: Execution, _ cancel: CancelFlag) {
        (self.encoder, self.channels, self.execution, self.cancel) = (encoder, channels, execution, cancel)
    }

    func setThreadCount(_ count: Int) throws { try exclusively { execution = Execution(threads: count) } }

    /// Another one in the same state.
    func copy() throws -> EncoderObject { try step { EncoderObject(encoder, channels: channels, execution, cancel) } }

    /// The codes known after `array`.
    func push(_ array: AudioArray) throws -> CodesObject {
        guard array.channels == channels else {
            throw ArgumentError("audio", "has \(array.channels) channel(s), the encoder takes \(channels)")
        }
        return try coding { encoder, tracks in
            try array.requireFinite(unless: cancel)
            // No samples are a block too, after which nothing has changed.
            if array.samples == 0 { tracks.append(tracks: try encoder.push(AudioBlock(channelCount: channels))) }
            try array.forEachBlock {
                try cancel.check()
                try tracks.append(withinBudget: try encoder.push($0))
            }
        }
    }

    /// The remaining codes.
    func finish() throws -> CodesObject {
        try coding { encoder, tracks in tracks.append(tracks: try encoder.finish()) }
    }

    private func coding(_ body: (inout AudioEncoder, inout [Codes]) throws -> Void) throws -> CodesObject {
        try step {
            let before = encoder.samples
            var tracks = [Codes](noneOf: encoder.header)
            try execution.run {
                try cancel.check()
                try body(&encoder, &tracks)
            }
            return CodesObject(EncodedAudio(header: encoder.header, tracks: tracks, samples: encoder.samples - before))
        }
    }
}

@c @implementation
package func codetta_encoder_create(
    _ model: OpaquePointer?, _ sample_rate: Int32, _ channels: Int32, _ options: UnsafePointer<codetta_encode_options>?,
    _ encoder: UnsafeMutablePointer<OpaquePointer?>?
) -> codetta_status {
    call {
        let encoder = try Argument.output(encoder, "encoder", empty: nil)
        let model: ModelObject = try Handles.object(model, "model")
        let rate = try Argument.sampleRate(sample_rate, "sample_rate")
        guard AudioLimits.channelCounts.contains(Int(channels)) else { throw ArgumentError("channels", "is \(channels)") }
        let settings = try EncodeSettings(options)
        let made = try model.execution.run {
            try settings.makeEncoder(model.model, OriginalAudio(sampleRate: rate, channels: Int(channels)))
        }
        encoder.pointee = Handles.add(EncoderObject(made, channels: Int(channels), model.execution, settings.cancel))
    }
}

@c @implementation
package func codetta_encoder_push(
    _ encoder: OpaquePointer?, _ audio: UnsafePointer<codetta_audio>?, _ codes: UnsafeMutablePointer<OpaquePointer?>?
) -> codetta_status {
    call {
        let codes = try Argument.output(codes, "codes", empty: nil)
        let encoder: EncoderObject = try Handles.object(encoder, "encoder")
        codes.pointee = Handles.add(try encoder.push(try AudioArray(audio, "audio")))
    }
}

@c @implementation
package func codetta_encoder_finish(_ encoder: OpaquePointer?, _ codes: UnsafeMutablePointer<OpaquePointer?>?) -> codetta_status {
    call {
        let codes = try Argument.output(codes, "codes", empty: nil)
        let encoder: EncoderObject = try Handles.object(encoder, "encoder")
        codes.pointee = Handles.add(try encoder.finish())
    }
}

@c @implementation
package func codetta_encoder_copy(_ encoder: OpaquePointer?, _ copy: UnsafeMutablePointer<OpaquePointer?>?) -> codetta_status {
    call {
        let copy = try Argument.output(copy, "copy", empty: nil)
        let encoder: EncoderObject = try Handles.object(encoder, "encoder")
        copy.pointee = Handles.add(try encoder.copy())
    }
}
