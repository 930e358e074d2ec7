import CSndFile
import Kernels
import Platform

/// A libsndfile handle over our own descriptor, so that system errors are seen and pipes can be copied first.
///
/// Not thread-safe: one reader or writer owns it.
final class SoundFile {
    private let handle: OpaquePointer
    private let file: VirtualFile
    private var isClosed = false
    let info: SF_INFO

    private init(handle: OpaquePointer, file: VirtualFile, info: SF_INFO) {
        self.handle = handle
        self.file = file
        self.info = info
    }

    deinit {
        if !isClosed { sf_close(handle) }
    }

    /// Opens `bytes` in whatever format they are.
    /// - Throws: `AudioError.notAudio` or `.io`.
    static func open(_ bytes: SeekableBytes, name: String) throws(AudioError) -> SoundFile {
        try open(bytes, name: name, mode: Int32(SFM_READ), info: SF_INFO()) { .notAudio(file: name, reason: $0) }
    }

    /// Starts a file of the given format in the empty `bytes`.
    /// - Throws: `AudioError.unsupportedOutput` or `.io`.
    static func create(
        _ bytes: SeekableBytes, name: String, container: ContainerFormat, sampleFormat: SampleFormat, sampleRate: Int,
        channelCount: Int
    ) throws(AudioError) -> SoundFile {
        var info = SF_INFO()
        info.format = formatCode(container, sampleFormat)
        info.samplerate = Int32(sampleRate)
        info.channels = Int32(channelCount)
        let file = try open(bytes, name: name, mode: Int32(SFM_WRITE), info: info) {
            .unsupportedOutput(
                file: name,
                reason:
                    "\(container.title) with \(sampleFormat.title) cannot hold \(channelCount) channel(s) at \(sampleRate) Hz: \($0)")
        }
        // The PEAK chunk carries the time of day; without it the same samples give the same file.
        sf_command(file.handle, Int32(SFC_SET_ADD_PEAK_CHUNK), nil, Int32(SF_FALSE))
        return file
    }

    private static func open(
        _ bytes: SeekableBytes, name: String, mode: Int32, info: SF_INFO, refusal: (String) -> AudioError
    ) throws(AudioError) -> SoundFile {
        let file = VirtualFile(bytes)
        var info = info
        var calls = VirtualFile.calls
        let handle = sf_open_virtual(&calls, mode, &info, Unmanaged.passUnretained(file).toOpaque())
        if let failure = file.failure {
            handle.map { _ = sf_close($0) }
            throw .io(file: name, operation: mode == Int32(SFM_READ) ? "reading" : "writing", reason: failure.reason)
        }
        guard let handle else {
            let isUnrecognised = sf_error(nil) == Int32(SF_ERR_UNRECOGNISED_FORMAT)
            throw refusal(isUnrecognised ? unrecognised : message(nil))
        }
        return SoundFile(handle: handle, file: file, info: info)
    }

    /// The reason given for bytes that begin no known format.
    static let unrecognised = "its format is not recognised"

    /// Reads up to `count` interleaved frames.
    func read(into samples: UnsafeMutablePointer<Float>, count: Int) -> Int {
        max(0, Int(sf_readf_float(handle, samples, sf_count_t(count))))
    }

    /// Writes `count` interleaved frames; false when not all of them went out.
    func write(_ samples: UnsafePointer<Float>, count: Int) -> Bool {
        sf_writef_float(handle, samples, sf_count_t(count)) == sf_count_t(count)
    }

    /// Writes `count` interleaved frames whose integers are aligned to the most significant bit.
    func write(_ samples: UnsafePointer<Int32>, count: Int) -> Bool {
        sf_writef_int(handle, samples, sf_count_t(count)) == sf_count_t(count)
    }

    /// Completes the file; false when something went wrong, now or before.
    func close() -> Bool {
        isClosed = true
        return sf_close(handle) == 0 && file.failure == nil
    }

    /// The first failed system call under this handle.
    var systemFailure: Errno? { file.failure }

    /// What libsndfile complains of, or nil.
    var complaint: String? { sf_error(handle) == 0 ? nil : Self.message(handle) }

    private static func message(_ handle: OpaquePointer?) -> String {
        let text = String(cString: sf_strerror(handle))
        let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
        return line.hasSuffix(".") ? String(line.dropLast()) : line
    }
}

/// Format codes: part of libsndfile's ABI, spelled out so that headers older than a format still compile.
extension SoundFile {
    private static let containers: [(code: Int32, format: ContainerFormat)] = [
        (0x01_0000, .wav), (0x13_0000, .wav), (0x02_0000, .aiff), (0x02_0000, .aifc), (0x03_0000, .au), (0x04_0000, .raw), (0x0B_0000, .w64),
        (0x17_0000, .flac), (0x18_0000, .caf), (0x20_0000, .ogg), (0x22_0000, .rf64), (0x23_0000, .mp3),
    ]

    private static let sampleFormats: [(code: Int32, format: SampleFormat)] = [
        (0x01, .pcmS8), (0x02, .pcm16), (0x03, .pcm24), (0x04, .pcm32), (0x05, .pcmU8), (0x06, .float), (0x07, .double),
        (0x10, .mulaw), (0x11, .alaw), (0x60, .vorbis), (0x64, .opus), (0x82, .mp3),
    ]

    private static func formatCode(_ container: ContainerFormat, _ sampleFormat: SampleFormat) -> Int32 {
        let major = containers.first { $0.format == container }?.code ?? 0
        let minor = sampleFormats.first { $0.format == sampleFormat }?.code ?? 0
        return major | minor
    }

    /// Whether the installed libsndfile writes this combination, at a rate that all encoders take.
    static func canWrite(container: ContainerFormat, sampleFormat: SampleFormat) -> Bool {
        var info = SF_INFO()
        info.format = formatCode(container, sampleFormat)
        info.samplerate = 48_000
        info.channels = 1
        return sf_format_check(&info) != 0
    }

    /// What the open file is.
    var format: AudioFormat {
        let major = info.format & 0x0FFF_0000
        let minor = info.format & 0xFFFF
        let container = Self.containers.first { $0.code == major }?.format
        let sampleFormat = Self.sampleFormats.first { $0.code == minor }?.format
        let title = "\(container?.title ?? Self.libraryName(major)), \(sampleFormat?.title ?? Self.libraryName(minor))"
        return AudioFormat(container: container, sampleFormat: sampleFormat, description: title)
    }

    /// Where the channels are to be heard, if the open file says so and every channel has a place.
    var speakers: [Speaker]? {
        var map = [Int32](repeating: 0, count: Int(info.channels))
        let size = Int32(clamping: map.count * MemoryLayout<Int32>.size)
        guard sf_command(handle, Int32(SFC_GET_CHANNEL_MAP_INFO), &map, size) != 0 else { return nil }
        let speakers = map.compactMap { Self.speakers[$0] }
        return speakers.count == map.count ? speakers : nil
    }

    /// By libsndfile's numbers for places, SF_CHANNEL_MAP_….
    private static let speakers: [Int32: Speaker] = [
        1: .frontCenter, 2: .frontLeft, 3: .frontRight, 4: .frontCenter, 5: .frontLeft, 6: .frontRight, 7: .frontCenter,
        8: .backCenter, 9: .backLeft, 10: .backRight, 11: .lowFrequency, 12: .frontLeftOfCenter, 13: .frontRightOfCenter,
        14: .sideLeft, 15: .sideRight, 16: .topCenter, 17: .topFrontLeft, 18: .topFrontRight, 19: .topFrontCenter,
        20: .topBackLeft, 21: .topBackRight, 22: .topBackCenter,
    ]

    private static func libraryName(_ code: Int32) -> String {
        var info = SF_FORMAT_INFO()
        info.format = code
        let failed = sf_command(nil, Int32(SFC_GET_FORMAT_INFO), &info, Int32(MemoryLayout<SF_FORMAT_INFO>.size)) != 0
        guard !failed, let name = info.name else { return "unnamed format" }
        return String(cString: name)
    }
}

/// What libsndfile reads and writes through.
private final class VirtualFile {
    let bytes: SeekableBytes
    private var position = 0
    private(set) var failure: Errno?

    init(_ bytes: SeekableBytes) { self.bytes = bytes }

    private static func at(_ context: UnsafeMutableRawPointer?) -> VirtualFile? {
        context.map { Unmanaged<VirtualFile>.fromOpaque($0).takeUnretainedValue() }
    }

    static var calls: SF_VIRTUAL_IO {
        SF_VIRTUAL_IO(
            get_filelen: { sf_count_t(VirtualFile.at($0)?.bytes.size ?? 0) },
            seek: { offset, whence, context in sf_count_t(VirtualFile.at(context)?.seek(Int(offset), whence: whence) ?? -1) },
            read: { buffer, count, context in sf_count_t(VirtualFile.at(context)?.read(buffer, count: Int(count)) ?? 0) },
            write: { buffer, count, context in sf_count_t(VirtualFile.at(context)?.write(buffer, count: Int(count)) ?? 0) },
            tell: { sf_count_t(VirtualFile.at($0)?.position ?? 0) })
    }

    private func seek(_ offset: Int, whence: Int32) -> Int {
        // SEEK_SET, SEEK_CUR and SEEK_END have these values in every ABI that libsndfile runs on.
        let origin = whence == 0 ? 0 : whence == 1 ? position : bytes.size
        let (target, overflow) = origin.addingReportingOverflow(offset)
        guard !overflow, target >= 0 else { return -1 }
        position = target
        return target
    }

    private func read(_ buffer: UnsafeMutableRawPointer?, count: Int) -> Int {
        guard let buffer, count > 0, position < bytes.size else { return 0 }
        do {
            let wanted = UnsafeMutableRawBufferPointer(start: buffer, count: min(count, bytes.size - position))
            let got = try bytes.read(wanted, at: position)
            position += got
            return got
        } catch {
            failure = failure ?? error
            return 0
        }
    }

    private func write(_ buffer: UnsafeRawPointer?, count: Int) -> Int {
        guard let buffer, count > 0 else { return 0 }
        do {
            try bytes.write(UnsafeRawBufferPointer(start: buffer, count: count), at: position)
            position += count
            return count
        } catch {
            failure = failure ?? error
            return 0
        }
    }
}
