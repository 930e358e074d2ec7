import Audio
import Checkpoints
import Codecs
import Kernels
import TokenFiles

/// The file formats that hold continuous latents.
public enum LatentFormat: String, CaseIterable, Sendable {
    /// A float32 array `[time, dimension]`, or `[tracks, time, dimension]`.
    case npy
    /// The same array as the tensor `latents`, with the model's name, the weights' hash and the frame rate as metadata.
    case safetensors
}

/// What the latents of one file amounted to.
public struct LatentReport: Sendable {
    /// Name of the codec.
    public var model: String
    /// Tracks that the audio was coded in.
    public var tracks: Int
    /// Latent frames per track.
    public var frames: Int
    /// Channels of each latent frame.
    public var dimension: Int
    /// Frames per second.
    public var frameRate: Double
    /// Original samples per channel, and their rate.
    public var samples: Int
    /// Rate of the audio in Hz.
    public var sampleRate: Int
    /// Bytes of the file that was written.
    public var byteCount: Int
    /// What a user should know though the work was done, one line each.
    public var warnings: [String]

    /// Seconds of audio.
    public var duration: Double { Double(samples) / Double(sampleRate) }
}

/// Writes what a codec's encoder gives before it is quantized.
///
/// All latents are held in memory until the end: neither format can be written without knowing their number.
public struct LatentExport: Sendable {
    /// The options of the encoder whose latents are written.
    public var encoder: FileEncoder
    /// The format of the file that is written.
    public var format: LatentFormat

    /// Writes the latents of `encoder` as `format`.
    public init(_ encoder: FileEncoder, format: LatentFormat) {
        self.encoder = encoder
        self.format = format
    }

    /// The latents of all of `reader` to `sink`.
    /// - Throws: `CodecError.noLatents` for a codec that keeps them to itself, and as `FileEncoder.encode`.
    public func write(
        _ reader: AudioReader, to sink: any ByteSink, progress: (Int) -> Void = { _ in }
    ) throws -> LatentReport {
        var stream = try encoder.makeAudioEncoder(reader)
        var tracks: [Frames] = []
        func keep(_ pieces: [Frames]) {
            if tracks.isEmpty { tracks = pieces } else { for t in tracks.indices { tracks[t].append(pieces[t]) } }
        }
        while true {
            let block = try reader.read(upTo: StepSize.samples)
            if block.isEmpty { break }
            keep(try stream.latents(of: block))
            progress(stream.samples)
        }
        keep(try stream.finalLatents())
        let layout = encoder.model.description.layout
        let report = LatentReport(
            model: encoder.model.name, tracks: tracks.count, frames: tracks[0].count, dimension: tracks[0].channels,
            frameRate: layout.frameRate, samples: stream.samples, sampleRate: reader.sampleRate, byteCount: 0,
            warnings: reader.encodingWarnings)
        let metadata = ["model": report.model, "weights": try encoder.model.weights.description]
        return try format.write(tracks, name: "latents", report, metadata: metadata, to: sink)
    }
}

extension LatentFormat {
    /// Writes tracks of one length and says how many bytes they took.
    /// - Parameters:
    ///   - name: of the tensor in a safetensors file.
    ///   - metadata: for a safetensors file, beside the frame rate, the length and the sample rate.
    func write(
        _ tracks: [Frames], name: String, _ report: LatentReport, metadata: [String: String], to sink: any ByteSink
    ) throws -> LatentReport {
        let shape = (tracks.count == 1 ? [] : [tracks.count]) + [report.frames, report.dimension]
        let bytes: [UInt8]
        switch self {
        case .npy: bytes = NumPyFloats.encode(tracks.flatMap(\.values), shape: shape)
        case .safetensors:
            let facts = [
                "frame_rate": "\(report.frameRate)", "samples": "\(report.samples)", "sample_rate": "\(report.sampleRate)",
            ]
            var writer = SafetensorsWriter(metadata: metadata.merging(facts) { first, _ in first })
            writer.add(name, Tensor(shape: shape, values: tracks.flatMap(\.values)))
            bytes = writer.serialized()
        }
        try bytes.withUnsafeBytes { try sink.write($0) }
        var report = report
        report.byteCount = bytes.count
        return report
    }
}
