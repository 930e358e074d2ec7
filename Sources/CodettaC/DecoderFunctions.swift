import CCodetta
import Codetta
import Kernels
import Platform
import TokenFiles
import Tokens

/// A decoder behind a handle, with the audio that nobody has read yet.
final class DecoderObject: HandledStream, ThreadedObject, @unchecked Sendable {
    override class var noun: String { "decoder" }

    private var decoder: AudioDecoder
    private let settings: DecodeSettings
    private let codec: CodecDescription
    /// What codes must be like.
    private let stream: EncodedAudio
    private var execution: Execution
    /// Decoded blocks in order; of the first, `taken` samples were read.
    private var blocks: ArraySlice<AudioBlock> = []
    private var taken = 0
    private var waiting = 0
    /// Samples and base frames of the codes so far.
    private var samples = 0
    private var frames = 0

    init(_ decoder: AudioDecoder, _ settings: DecodeSettings, _ codec: CodecDescription, _ stream: EncodedAudio, _ execution: Execution) {
        (self.decoder, self.settings, self.codec, self.stream, self.execution) = (decoder, settings, codec, stream, execution)
    }

    func setThreadCount(_ count: Int) throws { try exclusively { execution = Execution(threads: count) } }

    /// Another one in the same state.
    func copy() throws -> DecoderObject {
        try step {
            let copy = DecoderObject(decoder, settings, codec, stream, execution)
            (copy.blocks, copy.taken, copy.waiting, copy.samples, copy.frames) = (blocks, taken, waiting, samples, frames)
            return copy
        }
    }

    /// Decodes `codes`. Returns the samples that can be read.
    func push(_ codes: EncodedAudio) throws -> Int {
        try stream.requireSameStream(as: codes, "codes")
        try codec.checkSegments(codes.tracks)
        return try step {
            let sum = samples.addingReportingOverflow(codes.samples)
            guard !sum.overflow else { throw ArgumentError("codes", "have \(codes.samples) samples, too many in all") }
            let layout = decoder.header.layout
            try execution.run {
                try settings.cancel.check()
                for piece in settings.tracks(codes.tracks).pieces(frames: StepSize.frames(layout), layout: layout) {
                    try settings.cancel.check()
                    keep(try decoder.push(piece))
                }
            }
            samples = sum.partialValue
            frames += layout.frames(of: codes.tracks)
            return waiting
        }
    }

    /// The end of a signal of `total` samples, nil for those of the codes. Returns the samples that can be read.
    func finish(_ total: Int?) throws -> Int {
        try step {
            let total = total ?? samples
            // Rounding aside, frames cover all samples: else the rest would be silence of any length.
            let covered = Double(frames * decoder.header.layout.hopLength) / Double(decoder.header.layout.sampleRate)
            guard Double(total) <= covered * Double(decoder.header.original.sampleRate) + 64 else {
                throw ArgumentError("samples", "are \(total) in all, more than \(frames) frames cover")
            }
            try execution.run { keep(try decoder.finish(total: settings.isLive ? max(total, decoder.samples) : total)) }
            return waiting
        }
    }

    private func keep(_ block: AudioBlock) {
        guard !block.isEmpty else { return }
        blocks.append(block)
        waiting += block.sampleCount
    }

    /// Moves samples into `array`. Returns how many.
    func read(into array: AudioArray) throws -> Int {
        try exclusively {
            guard array.channels == decoder.channelCount else {
                throw ArgumentError("audio", "has \(array.channels) channel(s), the decoder gives \(decoder.channelCount)")
            }
            var done = 0
            while done < array.samples, let block = blocks.first {
                let count = min(array.samples - done, block.sampleCount - taken)
                array.store(block.slice(taken..<taken + count), at: done)
                done += count
                taken += count
                if taken == block.sampleCount {
                    blocks.removeFirst()
                    taken = 0
                }
            }
            waiting -= done
            return done
        }
    }
}

@c @implementation
package func codetta_decoder_create(
    _ model: OpaquePointer?, _ codes: OpaquePointer?, _ options: UnsafePointer<codetta_decode_options>?,
    _ decoder: UnsafeMutablePointer<OpaquePointer?>?
) -> codetta_status {
    call {
        let decoder = try Argument.output(decoder, "decoder", empty: nil)
        let model: ModelObject = try Handles.object(model, "model")
        let codes: CodesObject = try Handles.object(codes, "codes")
        let settings = try DecodeSettings(options)
        var stream = try codes.snapshot()
        stream.tracks = []
        let made = try model.execution.run { try settings.makeStreamDecoder(model.model, stream.header) }
        decoder.pointee = Handles.add(DecoderObject(made, settings, model.model.description, stream, model.execution))
    }
}

@c @implementation
package func codetta_decoder_push(_ decoder: OpaquePointer?, _ codes: OpaquePointer?, _ available: UnsafeMutablePointer<Int64>?) -> codetta_status {
    call {
        available?.pointee = 0
        let decoder: DecoderObject = try Handles.object(decoder, "decoder")
        let codes: CodesObject = try Handles.object(codes, "codes")
        let count = try decoder.push(try codes.snapshot())
        available?.pointee = Int64(count)
    }
}

@c @implementation
package func codetta_decoder_finish(_ decoder: OpaquePointer?, _ samples: Int64, _ available: UnsafeMutablePointer<Int64>?) -> codetta_status {
    call {
        available?.pointee = 0
        let decoder: DecoderObject = try Handles.object(decoder, "decoder")
        guard samples >= -1 else { throw ArgumentError("samples", "is \(samples)") }
        let count = try decoder.finish(samples == -1 ? nil : Int(clamping: samples))
        available?.pointee = Int64(count)
    }
}

@c @implementation
package func codetta_decoder_read(
    _ decoder: OpaquePointer?, _ audio: UnsafePointer<codetta_audio>?, _ samples: UnsafeMutablePointer<Int64>?
) -> codetta_status {
    call {
        let samples = try Argument.output(samples, "samples", empty: 0)
        let decoder: DecoderObject = try Handles.object(decoder, "decoder")
        samples.pointee = Int64(try decoder.read(into: try AudioArray(audio, "audio")))
    }
}

@c @implementation
package func codetta_decoder_copy(_ decoder: OpaquePointer?, _ copy: UnsafeMutablePointer<OpaquePointer?>?) -> codetta_status {
    call {
        let copy = try Argument.output(copy, "copy", empty: nil)
        let decoder: DecoderObject = try Handles.object(decoder, "decoder")
        copy.pointee = Handles.add(try decoder.copy())
    }
}
