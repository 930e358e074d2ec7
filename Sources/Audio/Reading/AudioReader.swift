import Kernels
import Platform

/// Reads audio of any format that libsndfile knows, or raw PCM, block by block.
///
/// Files may be of any length: only the current block is in memory. From a pipe, WAV, AU and raw PCM are decoded as they
/// arrive, other formats after the whole input has been copied to a nameless temporary file.
///
/// Not thread-safe; one task at a time may use a reader.
public final class AudioReader {
    /// How to treat what is not as it should be.
    public struct Options: Sendable {
        /// Read what is there of a file that announces more, and note a warning.
        public var isLenient = false
        /// Replace NaN and infinite samples by zeros, and count them.
        public var sanitizes = false
        /// The input has no header and this layout.
        public var raw: RawFormat?
        /// What reads a file that is not read here; a pipe goes to it straight away.
        public var via: Program?
        /// What every sample is multiplied by.
        public var gain: Float = 1

        /// Strict, and with a header, unless said otherwise.
        public init(
            isLenient: Bool = false, sanitizes: Bool = false, raw: RawFormat? = nil, via: Program? = nil, gain: Float = 1
        ) {
            self.isLenient = isLenient
            self.sanitizes = sanitizes
            self.raw = raw
            self.via = via
            self.gain = gain
        }
    }

    /// A program that decodes audio of formats that are not read here.
    public enum Program: String, CaseIterable, Sendable {
        /// FFmpeg's, from `PATH`; it may open nothing but its input.
        case ffmpeg
    }

    /// The path, or what the stream was called.
    public let name: String
    /// Hz.
    public let sampleRate: Int
    /// Number of channels.
    public let channelCount: Int
    /// Where each channel is to be heard, if the input says so.
    public let speakers: [Speaker]?
    /// Samples per channel; nil when only the end will tell. A number from the header: check it before allocating.
    public let totalSamples: Int?
    /// `totalSamples` where the end cannot turn out to be elsewhere, unless that is an error: of PCM and FLAC that is read strictly.
    public let promisedSamples: Int?
    /// A guess at the samples per channel where `totalSamples` is nil: from a tag, or from the size and the first bitrate of MPEG audio. The recording may
    /// be longer or shorter.
    public let estimatedSamples: Int?
    /// What the samples are stored as.
    public let format: AudioFormat
    /// Samples per channel read so far.
    public private(set) var samplesRead = 0
    /// Largest magnitude read so far; over 1 is over full scale.
    public private(set) var peak: Float = 0
    /// NaN and infinite samples replaced by zeros so far, over all channels.
    public private(set) var sanitizedSamples = 0
    /// What was noticed so far; complete after the end.
    public var warnings: [AudioWarning] { gain == 1 ? source.warnings : source.warnings + [.scaled(gain: gain)] }

    private let source: any SampleSource
    private let sanitizes: Bool
    private let gain: Float
    private let owner: AnyObject?
    private var interleaved: [Float]
    private static let chunk = 4096
    /// Most samples per channel that memory is reserved for before they have come.
    private static let mostReserved = 1 << 16

    /// Opens a file, named pipe or device.
    /// - Throws: `AudioError` of kind `.noInput`, `.badData` or `.io`; of kind `.usage` for an impossible `options.raw`.
    public convenience init(path: String, options: Options = Options()) throws(AudioError) {
        try self.init(input: ByteInput(path: path), options: options)
    }

    /// Reads from an open descriptor, such as standard input (0), which stays open and must outlive the reader.
    /// - Parameters:
    ///   - name: how errors call it.
    ///   - owner: what keeps the descriptor open; held as long as the reader is.
    /// - Throws: as `init(path:options:)`.
    public convenience init(
        descriptor: Int32, name: String, options: Options = Options(), owner: AnyObject? = nil
    ) throws(AudioError) {
        try self.init(
            input: ByteInput(descriptor: FileDescriptor(rawValue: descriptor), name: name, ownsDescriptor: false), options: options, owner: owner)
    }

    private init(input: ByteInput, options: Options, owner: AnyObject? = nil) throws(AudioError) {
        self.owner = owner
        let source = try Self.source(for: input, options: options)
        self.source = source
        name = input.name
        sampleRate = source.sampleRate
        channelCount = source.channelCount
        speakers = source.speakers
        totalSamples = source.totalSamples
        promisedSamples = !options.isLenient && (source is PCMSource || source.format.container == .flac) ? source.totalSamples : nil
        estimatedSamples = source.totalSamples == nil ? source.estimatedSamples : nil
        format = source.format
        sanitizes = options.sanitizes
        gain = options.gain
        interleaved = [Float](repeating: 0, count: Self.chunk * source.channelCount)
    }

    /// What is read here, or else what `options.via` reads.
    private static func source(for input: ByteInput, options: Options) throws(AudioError) -> any SampleSource {
        if options.via == .ffmpeg && input.isStream {
            return try FFmpegSource(input.descriptor, name: input.name, format: nil, isLenient: options.isLenient)
        }
        if options.raw == nil { _ = try input.require(12) }
        let arrived = Array(input.buffered.prefix(1024))
        do {
            return try ownSource(for: input, options: options)
        } catch {
            guard case .notAudio = error else { throw error }
            let format = foreignFormat(input, arrived)
            if options.via == .ffmpeg {
                return try FFmpegSource(input.descriptor, name: input.name, format: format, isLenient: options.isLenient)
            }
            if let format { throw .foreignFormat(file: input.name, format: format) }
            throw error
        }
    }

    /// The format of an input that is not read here, by its first bytes: of a pipe those that `arrived` first.
    private static func foreignFormat(_ input: ByteInput, _ arrived: [UInt8]) -> String? {
        guard let size = input.size else { return arrived.withUnsafeBytes { ForeignFormat.name($0) } }
        let bytes = SeekableBytes(descriptor: input.descriptor, owner: nil, base: input.base, size: size)
        guard let beginning = try? bytes.bytes(at: 0, count: min(size, 1024)) else { return nil }
        return beginning.withUnsafeBytes { ForeignFormat.name($0) }
    }

    private static func ownSource(for input: ByteInput, options: Options) throws(AudioError) -> any SampleSource {
        if let raw = options.raw {
            return try PCMSource(input: input, layout: layout(of: raw, name: input.name), isLenient: options.isLenient)
        }
        guard try input.require(1) else { throw .empty(file: input.name) }
        let hasTag = try skipTags(input)
        _ = try input.require(12)
        let beginning = Array(input.buffered.prefix(12))
        switch try MPEGFrames.begin(input) {
        case .frames: return try MPEGSource(input, isLenient: options.isLenient)
        case .header:
            // Not for libsndfile, whose MPEG decoder writes on the standard error.
            if !input.isStream, let found = try mpegSource(behind: input, options: options) { return found }
            throw .notAudio(file: input.name, reason: "it begins like MPEG audio, but no frames follow")
        case .other: break
        }
        var header = HeaderResult.library
        if WaveHeader.matches(beginning) {
            header = try WaveHeader.parse(input)
        } else if SunHeader.matches(beginning) {
            header = try SunHeader.parse(input)
        } else if beginning.count < 12 {
            throw .notAudio(file: input.name, reason: "only \(beginning.count) byte(s)")
        }
        switch header {
        case .pcm(let layout):
            return try PCMSource(input: input, layout: layout, isLenient: options.isLenient)
        case .mpeg(let bytes):
            return try MPEGSource(input, bytes: bytes, isLenient: options.isLenient)
        case .library:
            do {
                return try librarySource(for: input, options: options)
            } catch AudioError.notAudio(_, let reason) where reason == SoundFile.unrecognised && (hasTag || !input.isStream) {
                guard let found = try mpegSource(behind: input, options: options) else { throw .notAudio(file: input.name, reason: reason) }
                return found
            }
        }
    }

    /// MPEG audio that begins in the middle of a frame, or behind what its sender put in front; nil when there is none.
    private static func mpegSource(behind input: ByteInput, options: Options) throws(AudioError) -> MPEGSource? {
        guard input.position == 0, let offset = try MPEGFrames.offset(in: input) else { return nil }
        _ = try input.skip(offset)
        return try MPEGSource(input, isLenient: options.isLenient)
    }

    private static func librarySource(for input: ByteInput, options: Options) throws(AudioError) -> any SampleSource {
        let bytes = try input.makeSeekable { copy throws(AudioError) in try checkMagic(of: copy, name: input.name) }
        if let chain = try OggSource(bytes, name: input.name, isLenient: options.isLenient) { return chain }
        return try LibrarySource(bytes, name: input.name, isLenient: options.isLenient)
    }

    /// Passes over tags in front of whatever format. Returns whether there was one.
    private static func skipTags(_ input: ByteInput) throws(AudioError) -> Bool {
        var found = false
        while try input.require(10), let size = Tags.id3v2(input.buffered) {
            guard try input.skip(size) == size, try input.require(1) else { throw .headerOnly(file: input.name) }
            input.beginHere()
            found = true
        }
        return found
    }

    /// Refuses the beginning of a file that libsndfile does not recognise; other complaints may come from its being only
    /// a beginning.
    private static func checkMagic(of beginning: SeekableBytes, name: String) throws(AudioError) {
        do {
            _ = try SoundFile.open(beginning, name: name)
        } catch .notAudio(_, let reason) where reason == SoundFile.unrecognised {
            throw .notAudio(file: name, reason: reason)
        } catch {
            return
        }
    }

    private static func layout(of raw: RawFormat, name: String) throws(AudioError) -> PCMLayout {
        guard let coding = PCMCoding(raw.sampleFormat) else {
            throw .unsupportedRaw("\(raw.sampleFormat.rawValue) samples are not raw PCM")
        }
        guard AudioLimits.sampleRates.contains(raw.sampleRate), AudioLimits.channelCounts.contains(raw.channelCount) else {
            throw .unsupportedRaw("raw PCM of \(raw.channelCount) channel(s) at \(raw.sampleRate) Hz is outside the limits")
        }
        var layout = PCMLayout(
            container: .raw, coding: coding, sampleRate: raw.sampleRate, channelCount: raw.channelCount)
        layout.isLastSampleStrict = true
        return layout
    }

    /// The next samples, at most `count` per channel; empty only at the end.
    ///
    /// A file gives full blocks up to its last one. A pipe gives what has arrived, waiting for at least one sample.
    /// - Throws: `AudioError.truncated`, `.nonFinite`, `.notAudio` (damaged in the middle) or `.io`.
    public func read(upTo count: Int) throws(AudioError) -> AudioBlock {
        var block = Frames(channels: channelCount)
        var done = 0
        while done < count {
            let wanted = min(Self.chunk, count - done)
            let got = try readChunk(wanted)
            if got == 0 { break }
            if gain != 1 { for i in 0..<got * channelCount { interleaved[i] *= gain } }
            try check(got)
            if got < count && block.isEmpty && !source.isLive { block.reserveCapacity(min(count, Self.mostReserved)) }
            interleaved.withUnsafeBufferPointer { block.append(UnsafeBufferPointer(rebasing: $0[..<(got * channelCount)])) }
            done += got
            samplesRead += got
            if source.isLive { break }
        }
        return AudioBlock(block)
    }

    /// All samples up to the end. For short inputs: an hour of 48 kHz stereo takes 1.4 GB.
    /// - Throws: as `read(upTo:)`.
    public func readAll() throws(AudioError) -> AudioBlock {
        var whole = AudioBlock(channelCount: channelCount)
        while true {
            let block = try read(upTo: 1 << 16)
            if block.isEmpty { return whole }
            whole.append(block)
        }
    }

    private func readChunk(_ count: Int) throws(AudioError) -> Int {
        try interleaved.withUnsafeMutableBufferPointer { [source] buffer throws(AudioError) in
            guard let start = buffer.baseAddress else { return 0 }
            return try source.read(into: start, count: count)
        }
    }

    /// Watches over finiteness and peak of the next `count` samples per channel.
    private func check(_ count: Int) throws(AudioError) {
        var largest: Float = 0
        var isFinite = true
        interleaved.withUnsafeBufferPointer { samples in
            for sample in samples[..<(count * channelCount)] {
                let magnitude = sample.magnitude
                isFinite = isFinite && magnitude <= .greatestFiniteMagnitude
                largest = magnitude > largest ? magnitude : largest
            }
        }
        if isFinite { peak = max(peak, largest) } else { try handleNonFinite(count) }
    }

    private func handleNonFinite(_ count: Int) throws(AudioError) {
        for i in 0..<count * channelCount {
            let sample = interleaved[i]
            if sample.isFinite {
                peak = max(peak, sample.magnitude)
                continue
            }
            guard sanitizes else {
                throw .nonFinite(file: name, sample: samplesRead + i / channelCount, channel: i % channelCount)
            }
            interleaved[i] = 0
            sanitizedSamples += 1
        }
    }
}
