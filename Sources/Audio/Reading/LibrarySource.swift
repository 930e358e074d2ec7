import Kernels
import Platform

/// Samples that libsndfile decodes.
final class LibrarySource: SampleSource {
    let format: AudioFormat
    let sampleRate: Int
    let channelCount: Int
    let totalSamples: Int?
    let speakers: [Speaker]?
    let isLive = false
    private(set) var warnings: [AudioWarning]

    private let file: SoundFile
    private let name: String
    private let isLenient: Bool
    /// Samples per channel that the file states where the library decodes more.
    private let limit: Int
    private var done = 0
    private var isAtEnd = false

    /// - Parameter warnings: what a check of the length found; nil to make that check here.
    /// - Throws: `AudioError.notAudio`, `.truncated`, `.headerOnly`, `.channelCount`, `.sampleRate`, `.io`.
    init(_ bytes: SeekableBytes, name: String, isLenient: Bool, warnings: [AudioWarning]? = nil) throws(AudioError) {
        let bytes = try Self.withoutTag(bytes, name: name)
        var warnings = if let warnings { warnings } else { try DeclaredExtent.check(bytes, name: name, isLenient: isLenient) }
        file = try SoundFile.open(bytes, name: name)
        self.name = name
        self.isLenient = isLenient
        let info = file.info
        format = file.format
        sampleRate = Int(info.samplerate)
        channelCount = Int(info.channels)
        try AudioLimits.check(sampleRate: sampleRate, channelCount: channelCount, file: name)
        let isOfVorbis = format.sampleFormat == .vorbis || format.sampleFormat == .opus
        speakers = file.speakers ?? (isOfVorbis ? Self.orderOfVorbis(channelCount: channelCount) : nil)
        let frames = Int(info.frames)
        // FLAC marks an unknown length by 0, libsndfile by its largest count. That of MPEG audio is a guess.
        let isUnknown = frames < 0 || frames > 1 << 60 || (frames == 0 && format.container == .flac) || format.container == .mp3
        let stated: StatedLength
        let limit: Int
        do throws(Errno) {
            stated = try StatedLength.find(in: bytes, format: info.format, channels: channelCount)
            let coded = stated.samples == nil ? try FactChunk.samples(in: bytes, decodable: isUnknown ? 0 : frames) : nil
            limit = stated.samples ?? coded ?? .max
        } catch {
            throw .io(file: name, operation: "reading", reason: error.reason)
        }
        if let expected = stated.bytes, expected > bytes.size, warnings.isEmpty {
            warnings = try DeclaredExtent.short(of: expected, bytes, name: name, isLenient: isLenient)
        }
        self.warnings = warnings
        self.limit = limit
        totalSamples = isUnknown ? nil : min(frames, limit)
    }

    /// The bytes in front of a tag at the end, which some decoders take for damage and others for samples.
    private static func withoutTag(_ bytes: SeekableBytes, name: String) throws(AudioError) -> SeekableBytes {
        do throws(Errno) {
            guard let tail = try bytes.bytes(at: bytes.size - 128, count: 128) else { return bytes }
            let size = tail.withUnsafeBytes { Tags.closingSize($0) }
            guard size > 0, size < bytes.size else { return bytes }
            return SeekableBytes(descriptor: bytes.descriptor, owner: bytes, base: bytes.base, size: bytes.size - size)
        } catch {
            throw .io(file: name, operation: "reading", reason: error.reason)
        }
    }

    /// Where the channels of Vorbis and Opus are, of which libsndfile says nothing (Vorbis I, 4.3.9; RFC 7845, 5.1.1.2).
    static func orderOfVorbis(channelCount: Int) -> [Speaker]? {
        let front: [Speaker] = [.frontLeft, .frontCenter, .frontRight]
        switch channelCount {
        case 1: return [.frontCenter]
        case 2: return [.frontLeft, .frontRight]
        case 3: return front
        case 4: return [.frontLeft, .frontRight, .backLeft, .backRight]
        case 5: return front + [.backLeft, .backRight]
        case 6: return front + [.backLeft, .backRight, .lowFrequency]
        case 7: return front + [.sideLeft, .sideRight, .backCenter, .lowFrequency]
        case 8: return front + [.sideLeft, .sideRight, .backLeft, .backRight, .lowFrequency]
        default: return nil
        }
    }

    func read(into samples: UnsafeMutablePointer<Float>, count: Int) throws(AudioError) -> Int {
        let count = min(count, limit - done)
        if isAtEnd || count == 0 { return 0 }
        let got = file.read(into: samples, count: count)
        done += got
        isAtEnd = got == 0
        if let failure = file.systemFailure {
            throw .io(file: name, operation: "reading", reason: failure.reason)
        }
        guard got < count else { return got }
        if let total = totalSamples, done < total {
            guard isLenient else { throw .truncated(file: name, expected: total, found: done, unit: "samples") }
            if isAtEnd { warnings.append(.truncated(expected: total, found: done, unit: "samples")) }
        } else if let complaint = file.complaint {
            guard isLenient else { throw .notAudio(file: name, reason: complaint) }
            if isAtEnd { warnings.append(.damaged(reason: complaint)) }
        }
        return got
    }
}
