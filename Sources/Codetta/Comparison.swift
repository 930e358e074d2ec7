import Audio
import Kernels
import Metrics

/// Audio that can be gone through more than once: a file is opened again each time, a pipe is kept in memory.
public struct RepeatableAudio {
    /// Rate of the reference in Hz; the degraded signal is converted to it.
    public let sampleRate: Int
    /// Channels of both signals.
    public let channelCount: Int
    /// Where the channels are to be heard, if the file says so.
    public let speakers: [Speaker]?
    private let path: PathName
    private let options: AudioReader.Options
    private let kept: AudioBlock?

    /// Audio in memory.
    /// - Parameters:
    ///   - sampleRate: in Hz.
    ///   - speakers: where the channels are to be heard; nil if that is not known.
    public init(_ audio: AudioBlock, sampleRate: Int, speakers: [Speaker]? = nil) {
        (path, options, kept) = (PathName(""), AudioReader.Options(), audio)
        (self.sampleRate, channelCount, self.speakers) = (sampleRate, audio.channelCount, speakers)
    }

    /// - Throws: `PipelineError` and `AudioError` for what cannot be read.
    public init(_ path: PathName, options: AudioReader.Options = AudioReader.Options()) throws {
        let input = try InputFile(path)
        let reader = try input.audioReader(options: options)
        self.path = path
        self.options = options
        sampleRate = reader.sampleRate
        channelCount = reader.channelCount
        speakers = reader.speakers
        kept = path.isStandardStream || input.status.type != .regular ? try reader.readAll() : nil
    }

    /// Goes through the audio once, converted to one sample rate.
    final class Pass {
        private let reader: AudioReader?
        private var resampler: Resampler
        private var isFinished = false
        private var rest: AudioBlock

        fileprivate init(_ audio: RepeatableAudio, sampleRate: Int) throws {
            resampler = try Resampler(from: audio.sampleRate, to: sampleRate, channelCount: audio.channelCount)
            rest = audio.kept ?? AudioBlock(channelCount: audio.channelCount)
            reader = audio.kept == nil ? try InputFile(audio.path).audioReader(options: audio.options) : nil
        }

        /// The next samples, from at most `count` before the conversion; empty at the end only.
        func read(upTo count: Int) throws -> AudioBlock {
            while !isFinished {
                let block = try original(upTo: count)
                isFinished = block.isEmpty
                let converted = isFinished ? try resampler.finish() : try resampler.push(block)
                if !converted.isEmpty { return converted }
            }
            return AudioBlock(channelCount: resampler.channelCount)
        }

        private func original(upTo count: Int) throws -> AudioBlock {
            if let reader { return try reader.read(upTo: count) }
            return rest.takeFirst(min(count, rest.sampleCount))
        }
    }

    func makePass(sampleRate: Int) throws -> Pass { try Pass(self, sampleRate: sampleRate) }
}

/// Compares two recordings of any length: converts the degraded one to the reference's sample rate, finds the delay, aligns,
/// measures. Files are read twice, in bounded memory.
public enum Comparison {
    /// What documents that hold the results of a comparison call their form. Keys of one form keep their names and meanings; new ones may come.
    package static let schema = "codetta-comparison/1"

    /// - Parameters:
    ///   - reference: the original recording.
    ///   - degraded: what became of it.
    ///   - maximumLag: largest delay searched either way, in seconds.
    ///   - measures: what to measure; nil for the standard ones of the reference's rate.
    ///   - progress: called with the samples per channel gone through, both passes together. What it throws ends the comparison.
    /// - Throws: `PipelineError.incomparable` when channels differ; `AudioError`; `MetricsError`; what `progress` throws.
    public static func run(
        reference: RepeatableAudio, degraded: RepeatableAudio, maximumLag: Double,
        measures: Set<Measure>? = nil, progress: (Int) throws -> Void = { _ in }
    ) throws -> ReconstructionReport {
        guard reference.channelCount == degraded.channelCount else {
            throw PipelineError.incomparable(
                "has \(degraded.channelCount) channel(s), the reference \(reference.channelCount)")
        }
        var done = 0
        var estimator = try DelayEstimator(
            channelCount: reference.channelCount, maximumLag: Int(maximumLag * Double(reference.sampleRate)))
        try forEachPair(reference, degraded) {
            try estimator.push(reference: $0, degraded: $1)
            done += $0.sampleCount
            try progress(done)
        }
        var meter = try ReconstructionMeter(
            sampleRate: reference.sampleRate, channelCount: reference.channelCount, delay: try estimator.finish(),
            measures: measures ?? Measure.standard(sampleRate: reference.sampleRate),
            speakers: reference.speakers ?? degraded.speakers)
        try forEachPair(reference, degraded) {
            try meter.push(reference: $0, degraded: $1)
            done += $0.sampleCount
            try progress(done)
        }
        return try meter.finish()
    }

    private static func forEachPair(
        _ reference: RepeatableAudio, _ degraded: RepeatableAudio, _ body: (AudioBlock, AudioBlock) throws -> Void
    ) throws {
        let rate = reference.sampleRate
        let (a, b) = (try reference.makePass(sampleRate: rate), try degraded.makePass(sampleRate: rate))
        while true {
            let (x, y) = (try a.read(upTo: 1 << 14), try b.read(upTo: 1 << 14))
            if x.isEmpty && y.isEmpty { return }
            try body(x, y)
        }
    }
}
