import Audio
import Codecs
import Kernels

/// What the making of audio from one file of features amounted to.
public struct SynthesisReport: Sendable {
    /// Name of the vocoder.
    public var model: String
    /// Frames of features.
    public var frames: Int
    /// Samples of the audio.
    public var samples: Int
    /// Rate of the audio in Hz.
    public var sampleRate: Int
    /// The kind of audio file that was written.
    public var container: ContainerFormat
    /// How its samples are stored.
    public var sampleFormat: SampleFormat
    /// Samples that an integer format had to clamp.
    public var clippedSamples: Int
    /// What a user should know though the work was done, one line each.
    public var warnings: [String]

    /// Seconds of audio.
    public var duration: Double { Double(samples) / Double(sampleRate) }
}

/// Makes audio of files of features, as `FeatureExport(vocoder:)` writes them, in pieces and in constant memory.
public struct FeatureDecoder: Sendable {
    /// The vocoder that makes audio of the features.
    public var vocoder: VocosVocoder
    /// Nil chooses WAV.
    public var container: ContainerFormat?
    /// Nil chooses the container's format closest to 16 bits.
    public var sampleFormat: SampleFormat?

    /// `container` and `sampleFormat` are those of the output; by its name when nil.
    public init(vocoder: VocosVocoder, container: ContainerFormat? = nil, sampleFormat: SampleFormat? = nil) {
        self.vocoder = vocoder
        self.container = container
        self.sampleFormat = sampleFormat
    }

    /// Makes mono audio of all of `features` at the vocoder's rate in `output`, which the caller then commits.
    /// - Parameters:
    ///   - features: features `[time, featureCount]`.
    ///   - output: where the result goes.
    ///   - progress: called after each piece with the samples done so far.
    /// - Throws: `CodecError.features` for features that are not the vocoder's; `TokenStreamError`, `CheckpointError`,
    ///   `AudioError`. The output is then incomplete.
    public func decode(
        _ features: LatentFiles, to output: OutputFile, progress: (Int) -> Void = { _ in }
    ) throws -> SynthesisReport {
        let description = vocoder.description
        let container = container ?? .wav
        let writer = try AudioWriter(
            descriptor: output.descriptor, name: output.name,
            settings: AudioWriter.Settings(
                sampleRate: description.sampleRate, channelCount: 1, container: container,
                sampleFormat: sampleFormat ?? container.sampleFormat(closestTo: .pcm16),
                totalSamples: vocoder.sampleCount(frames: features.count)))
        var synthesis = vocoder.makeSynthesis()
        try features.forEachBlock { block in
            for start in stride(from: 0, to: block.count, by: Self.framesAtOnce) {
                let piece = block.slice(start..<min(start + Self.framesAtOnce, block.count))
                try writer.write(AudioBlock(mono: synthesis.push(piece)))
                progress(writer.samplesWritten)
            }
        }
        try writer.write(AudioBlock(mono: synthesis.finish()))
        try writer.finish()
        var warnings = writer.warnings.map(\.description)
        if writer.clippedSamples > 0 { warnings.append("\(writer.clippedSamples) sample(s) over full scale were clipped") }
        return SynthesisReport(
            model: description.name, frames: features.count, samples: writer.samplesWritten, sampleRate: description.sampleRate,
            container: writer.container, sampleFormat: writer.sampleFormat, clippedSamples: writer.clippedSamples,
            warnings: warnings)
    }

    /// Frames that are decoded in one step: enough for the kernels, little for the caches.
    private static let framesAtOnce = 64
}
