import Kernels
import Platform

/// Writes audio, block by block, to a file or a pipe.
///
/// - A file appears under its name only when `finish()` has succeeded; until then, and for ever if it does not, the old one stays.
/// - WAV, RF64, AU, CAF, AIFF and raw PCM go out in one pass; with `totalSamples` given, a pipe gets the bytes that a file would.
///   Without, a pipe gets a header that means "up to the end". Other containers, AIFF and CAF of unknown length, reach a pipe
///   when they are complete.
/// - Opus, MP3 and Vorbis have sample rates of their own: audio at another is converted to the nearest that keeps all of it, and `warnings` says so.
/// - The same samples give the same bytes, at any time and in any blocks: integers are rounded to nearest without dither.
///
/// A process that writes to pipes should ignore SIGPIPE, so that a closed one becomes `AudioError.brokenPipe`.
///
/// Not thread-safe; one task at a time may use a writer.
public final class AudioWriter {
    /// What to write.
    public struct Settings: Sendable, Equatable {
        /// Hz.
        public var sampleRate: Int
        /// Number of channels; every block must have as many.
        public var channelCount: Int
        /// Nil: by the file name's extension; WAV for a descriptor.
        public var container: ContainerFormat?
        /// Nil: the container's default.
        public var sampleFormat: SampleFormat?
        /// Samples per channel, if they are known in advance; then exactly as many must be written.
        public var totalSamples: Int?

        /// A writer checks them when it starts.
        public init(
            sampleRate: Int, channelCount: Int, container: ContainerFormat? = nil, sampleFormat: SampleFormat? = nil,
            totalSamples: Int? = nil
        ) {
            self.sampleRate = sampleRate
            self.channelCount = channelCount
            self.container = container
            self.sampleFormat = sampleFormat
            self.totalSamples = totalSamples
        }
    }

    /// The path, or what the stream was called.
    public let name: String
    /// Hz, of the samples that are written to it.
    public let sampleRate: Int
    /// Hz, of the output: another than `sampleRate` where the format lacks that.
    public let storedSampleRate: Int
    /// Number of channels.
    public let channelCount: Int
    /// The file format that the samples are wrapped in.
    public let container: ContainerFormat
    /// How one sample is stored.
    public let sampleFormat: SampleFormat
    /// Samples per channel written so far.
    public private(set) var samplesWritten = 0
    /// Largest magnitude written so far.
    public private(set) var peak: Float = 0
    /// Samples over full scale that had to be clamped so far, over all channels; always 0 for formats that hold them.
    public private(set) var clippedSamples = 0
    /// Complete after `finish()`.
    public private(set) var warnings: [AudioWarning] = []
    /// The unfinished file, for a signal handler to remove; nil for descriptors, devices and after the end.
    public var temporaryPath: String? { target.temporaryPath }

    private let target: OutputTarget
    private let sink: any SampleSink
    private let totalSamples: Int?
    private var isOpen = true
    private static let chunk = 4096

    /// Starts a file. An existing one is refused unless `overwrite`; devices and named pipes are written to as they are.
    /// - Throws: `AudioError` of kind `.usage`, `.cannotCreate` or `.io`.
    public convenience init(path: String, settings: Settings, overwrite: Bool = false) throws(AudioError) {
        let fileExtension = Self.fileExtension(of: path)
        var settings = settings
        if fileExtension.isEmpty && settings.container == nil { throw .unknownContainer(path) }
        let form = try OutputForm(
            fileExtension: fileExtension, asked: settings.container.map { OutputForm($0) }, sampleFormat: settings.sampleFormat, file: path)
        (settings.container, settings.sampleFormat) = (form.container, form.sampleFormat)
        let plan = try Self.plan(settings, name: path)
        try self.init(target: OutputTarget(path: path, overwrite: overwrite), settings: settings, plan: plan)
    }

    /// Writes to an open descriptor, such as standard output (1), which stays open and must outlive the writer.
    /// - Parameter name: how errors call it.
    /// - Throws: as `init(path:settings:overwrite:)`.
    public convenience init(descriptor: Int32, name: String, settings: Settings) throws(AudioError) {
        let plan = try Self.plan(settings, name: name)
        try self.init(target: OutputTarget(descriptor: FileDescriptor(rawValue: descriptor), name: name), settings: settings, plan: plan)
    }

    private init(
        target: OutputTarget, settings: Settings, plan: (container: ContainerFormat, sampleFormat: SampleFormat)
    ) throws(AudioError) {
        name = target.name
        sampleRate = settings.sampleRate
        channelCount = settings.channelCount
        (container, sampleFormat) = plan
        totalSamples = settings.totalSamples
        storedSampleRate = sampleFormat.storedRate(sampleRate)
        let isBigEndian = [.au, .caf, .aiff, .aifc].contains(container)
        switch (container, PCMCoding(sampleFormat, bigEndian: isBigEndian)) {
        case (.wav, let coding?), (.rf64, let coding?), (.au, let coding?), (.aiff, let coding?), (.aifc, let coding?),
            (.caf, let coding?), (.raw, let coding?):
            let needsLength = [.aiff, .aifc, .caf].contains(container) && totalSamples == nil && !target.canRewrite
            self.target = needsLength ? try OutputTarget(spoolingTo: target) : target
            sink = try PCMSink(
                target: self.target, container: container, coding: coding, sampleRate: sampleRate,
                channelCount: channelCount, totalSamples: totalSamples)
        default:
            self.target = target.isPrivate ? target : try OutputTarget(spoolingTo: target)
            let library = try LibrarySink(
                target: self.target, container: container, sampleFormat: sampleFormat, sampleRate: storedSampleRate,
                channelCount: channelCount)
            sink = storedSampleRate == sampleRate
                ? library
                : try ResamplingSink(library, from: sampleRate, to: storedSampleRate, channelCount: channelCount, format: sampleFormat)
        }
    }

    /// Resolves defaults and refuses what cannot be written, before anything is created.
    private static func plan(
        _ settings: Settings, name: String
    ) throws(AudioError) -> (container: ContainerFormat, sampleFormat: SampleFormat) {
        let container = settings.container ?? .wav
        let available = container.sampleFormats
        func refuse(_ reason: String) -> AudioError { .unsupportedOutput(file: name, reason: reason) }
        guard let sampleFormat = settings.sampleFormat ?? available.first else {
            throw refuse("the installed libsndfile cannot write \(container.title)")
        }
        guard available.contains(sampleFormat) else {
            let names = available.map(\.rawValue).joined(separator: ", ")
            throw refuse("\(container.title) cannot be written with \(sampleFormat.rawValue) samples, only with \(names)")
        }
        guard AudioLimits.sampleRates.contains(settings.sampleRate),
            AudioLimits.channelCounts.contains(settings.channelCount), settings.totalSamples ?? 0 >= 0
        else {
            throw refuse("\(settings.channelCount) channel(s) at \(settings.sampleRate) Hz cannot be written")
        }
        return (container, sampleFormat)
    }

    private static func fileExtension(of path: String) -> String {
        let name = path.split(separator: "/").last ?? ""
        return name.lastIndex(of: ".").map { String(name[name.index(after: $0)...]) } ?? ""
    }

    /// Appends `block`.
    /// - Throws: `AudioError.io`, `.brokenPipe`; `.nonFinite` for NaN or infinity; of kind `.internal` for a block with another
    ///   number of channels or more samples than declared; `UsedAfterEnd` for a writer that has finished or failed.
    public func write(_ block: AudioBlock) throws {
        guard isOpen else { throw UsedAfterEnd(name) }
        try append(block)
    }

    private func append(_ block: AudioBlock) throws(AudioError) {
        guard block.channelCount == channelCount else {
            throw .blockChannels(file: name, expected: channelCount, found: block.channelCount)
        }
        if let totalSamples, block.sampleCount > totalSamples - samplesWritten {
            throw .lengthMismatch(file: name, declared: totalSamples, written: samplesWritten + block.sampleCount)
        }
        isOpen = false  // Unless all goes well: after a failure there is nothing sound to go on with.
        var start = 0
        while start < block.sampleCount {
            let count = min(Self.chunk, block.sampleCount - start)
            try block.frames.withUnsafeBufferPointer { values throws(AudioError) in
                let samples = UnsafeBufferPointer(rebasing: values[(start * channelCount)..<((start + count) * channelCount)])
                try check(samples)
                if let first = samples.baseAddress { try sink.write(first, count: count) }
            }
            start += count
            samplesWritten += count
        }
        isOpen = true
    }

    /// Watches over finiteness, peak and clipping of interleaved `samples`.
    private func check(_ samples: UnsafeBufferPointer<Float>) throws(AudioError) {
        var clipped = 0
        var largest: Float = 0
        var isFinite = true
        for sample in samples {
            let magnitude = sample.magnitude
            isFinite = isFinite && magnitude <= .greatestFiniteMagnitude
            largest = magnitude > largest ? magnitude : largest
            clipped += magnitude > 1 ? 1 : 0
        }
        if !isFinite { throw nonFinite(samples) }
        peak = max(peak, largest)
        if sampleFormat.clamps { clippedSamples += clipped }
    }

    /// Names the first sample that is not finite, of the first channel that has one.
    private func nonFinite(_ samples: UnsafeBufferPointer<Float>) -> AudioError {
        let places = samples.indices.filter { !samples[$0].isFinite }.map { ($0 % channelCount, $0 / channelCount) }
        let (channel, sample) = places.min { $0 < $1 } ?? (0, 0)
        return .nonFinite(file: name, sample: samplesWritten + sample, channel: channel)
    }

    /// Completes the output and, for a file, gives it its name. Without this call no file is left behind.
    /// - Throws: `AudioError.io`, `.brokenPipe`; of kind `.internal` when fewer samples than declared were written;
    ///   `UsedAfterEnd` for a writer that has finished or failed.
    public func finish() throws {
        guard isOpen else { throw UsedAfterEnd(name) }
        isOpen = false
        if let totalSamples, samplesWritten != totalSamples {
            throw AudioError.lengthMismatch(file: name, declared: totalSamples, written: samplesWritten)
        }
        warnings = try sink.finish(samples: samplesWritten)
        try target.commit()
    }
}
