import Audio
import Codetta
import Kernels

extension Clip {
    /// Samples over all channels of the longest clip: 67 MB, 5.8 minutes of mono at 48 kHz. Bounds the memory of a job, which
    /// holds a clip some five times over.
    public static let sampleLimit = 1 << 24

    /// All that `reader` has.
    /// - Throws: `EvaluationError.clipTooLong` before more than the limit is held, `.emptyClip`; `AudioError`.
    init(reading reader: AudioReader) throws {
        let limit = Self.sampleLimit / max(1, reader.channelCount)
        // A length in a header may be any number.
        if let total = reader.totalSamples, total > limit { throw Self.tooLong(total, reader) }
        var audio = AudioBlock(channelCount: reader.channelCount)
        while true {
            let block = try reader.read(upTo: 1 << 16)
            if block.isEmpty { break }
            audio.append(block)
            if audio.sampleCount > limit { throw Self.tooLong(audio.sampleCount, reader) }
        }
        if audio.isEmpty { throw EvaluationError.emptyClip }
        self.init(audio: audio, sampleRate: reader.sampleRate, speakers: reader.speakers)
    }

    private static func tooLong(_ samples: Int, _ reader: AudioReader) -> EvaluationError {
        let (all, overflow) = samples.multipliedReportingOverflow(by: reader.channelCount)
        return .clipTooLong(samples: overflow ? .max : all, limit: sampleLimit)
    }

    /// The recording of a file.
    /// - Throws: `PipelineError`, `AudioError`, and as `init(reading:)`.
    init(_ path: PathName, downmix: Bool) throws {
        try self.init(reading: try InputFile(path).audioReader())
        if downmix { (audio, speakers) = (audio.mean(), nil) }
    }

    /// The same at another rate.
    func resampled(to rate: Int) throws -> Clip {
        if rate == sampleRate { return self }
        var resampler = try Resampler(from: sampleRate, to: rate, channelCount: audio.channelCount)
        var converted = try resampler.push(audio)
        converted.append(try resampler.finish())
        return Clip(audio: converted, sampleRate: rate)
    }

    /// Writes 16-bit WAV, over an older file.
    /// - Throws: `AudioError`, `PipelineError.cannotCreate`.
    func write(to path: PathName) throws {
        try FileSystem.createFolder(path.parent)
        let output = try OutputFile(path, overwrite: true)
        let writer = try AudioWriter(
            descriptor: output.descriptor, name: output.name,
            settings: AudioWriter.Settings(
                sampleRate: sampleRate, channelCount: audio.channelCount, container: .wav, sampleFormat: .pcm16))
        try writer.write(audio)
        try writer.finish()
        try output.commit()
    }
}
