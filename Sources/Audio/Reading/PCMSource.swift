import Kernels

/// Where decoded samples come from.
protocol SampleSource: AnyObject {
    var format: AudioFormat { get }
    var sampleRate: Int { get }
    var channelCount: Int { get }
    /// Samples per channel, or nil when only the end will tell.
    var totalSamples: Int? { get }
    /// What the headers let expect where only the end will tell; nil when they do not.
    var estimatedSamples: Int? { get }
    /// Where the channels are to be heard, if the input says so.
    var speakers: [Speaker]? { get }
    /// Whether a short read means that no more has arrived yet rather than that the end is near.
    var isLive: Bool { get }
    /// Fills `samples` with up to `count` samples per channel, interleaved, and returns how many; 0 at the end.
    func read(into samples: UnsafeMutablePointer<Float>, count: Int) throws(AudioError) -> Int
    /// What was noticed on the way.
    var warnings: [AudioWarning] { get }
}

extension SampleSource {
    var estimatedSamples: Int? { nil }
    var speakers: [Speaker]? { nil }
}

/// A header of PCM, understood: the samples begin where the input now stands.
struct PCMLayout {
    var container: ContainerFormat
    var coding: PCMCoding
    var sampleRate: Int
    var channelCount: Int
    /// Where the channels are to be heard, if the header says so.
    var speakers: [Speaker]?
    /// Bytes of samples; nil: up to the end of the input.
    var dataBytes: Int?
    /// Bytes that the header announces behind the samples.
    var trailingBytes = 0
    /// Whether bytes that do not fill a last sample mean damage rather than a source that was stopped.
    var isLastSampleStrict = false

    var bytesPerFrame: Int { coding.bytesPerSample * channelCount }
}

/// Samples stored one by one behind a header, or behind none, read from a file or as they arrive in a pipe.
final class PCMSource: SampleSource {
    let format: AudioFormat
    let totalSamples: Int?
    private(set) var warnings: [AudioWarning] = []
    var sampleRate: Int { layout.sampleRate }
    var channelCount: Int { layout.channelCount }
    var speakers: [Speaker]? { layout.speakers }
    var isLive: Bool { input.isStream }

    private let input: ByteInput
    private let layout: PCMLayout
    private let isLenient: Bool
    /// Bytes of samples not yet read; nil: up to the end.
    private var remaining: Int?
    private var isAtEnd = false

    /// - Throws: `AudioError.truncated` when a file is shorter than announced, unless `isLenient`.
    init(input: ByteInput, layout: PCMLayout, isLenient: Bool) throws(AudioError) {
        var layout = layout
        self.input = input
        self.isLenient = isLenient
        input.stopRecording()
        if let size = input.size {
            let available = max(0, size - input.position)
            let announced = layout.dataBytes ?? available
            if announced > available {
                guard isLenient else {
                    throw .truncated(file: input.name, expected: announced, found: available, unit: "bytes of samples")
                }
                warnings.append(.truncated(expected: announced, found: available, unit: "bytes of samples"))
            }
            layout.dataBytes = min(announced, available)
        }
        self.layout = layout
        remaining = layout.dataBytes
        totalSamples = layout.dataBytes.map { [layout] in $0 / layout.bytesPerFrame }
        format = AudioFormat(
            container: layout.container, sampleFormat: layout.coding.format,
            description: "\(layout.container.title), \(layout.coding.format.title)")
    }

    func read(into samples: UnsafeMutablePointer<Float>, count: Int) throws(AudioError) -> Int {
        let frameBytes = layout.bytesPerFrame
        var done = 0
        while done < count && !isAtEnd {
            if let remaining, remaining < frameBytes { try finish(leftover: remaining); break }
            guard try input.require(frameBytes) else { try finish(leftover: input.buffered.count); break }
            let available = min(input.buffered.count, remaining ?? .max) / frameBytes
            let frames = min(available, count - done)
            if let bytes = input.buffered.baseAddress {
                layout.coding.decode(bytes, into: samples + done * channelCount, count: frames * channelCount)
            }
            input.consume(frames * frameBytes)
            remaining = remaining.map { $0 - frames * frameBytes }
            done += frames
            if isLive { break }
        }
        return done
    }

    /// The samples end here, `leftover` bytes into a frame.
    private func finish(leftover: Int) throws(AudioError) {
        isAtEnd = true
        if let remaining, remaining >= layout.bytesPerFrame {
            let expected = layout.dataBytes ?? 0
            let found = expected - remaining + leftover
            guard isLenient else {
                throw .truncated(file: input.name, expected: expected, found: found, unit: "bytes of samples")
            }
            warnings.append(.truncated(expected: expected, found: found, unit: "bytes of samples"))
        } else if leftover > 0 {
            if layout.isLastSampleStrict && !isLenient {
                throw .truncated(
                    file: input.name, expected: layout.bytesPerFrame, found: leftover, unit: "bytes in the last sample")
            }
            warnings.append(.incompleteLastSample(bytes: leftover))
        }
        // What stands behind the samples is taken too, so that the writer at the other end is not cut off.
        if isLive { _ = try input.skip(leftover + layout.trailingBytes) }
    }
}
