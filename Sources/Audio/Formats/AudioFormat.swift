/// What this module takes for sound audio, whatever a header says.
public enum AudioLimits {
    /// Hz. Below 1 kHz no audible band is left; 768 kHz is the highest rate that converters offer (16 × 48 kHz).
    public static let sampleRates = 1_000...768_000
    /// Up to seventh-order ambisonics (8² channels).
    public static let channelCounts = 1...64

    /// - Throws: `AudioError.channelCount` or `.sampleRate` for values outside the limits.
    static func check(sampleRate: Int, channelCount: Int, file: String) throws(AudioError) {
        guard channelCounts.contains(channelCount) else { throw .channelCount(file: file, found: channelCount) }
        guard sampleRates.contains(sampleRate) else { throw .sampleRate(file: file, found: sampleRate) }
    }
}

/// How one sample is stored.
public enum SampleFormat: String, CaseIterable, Sendable {
    /// Signed integers of 8 bits.
    case pcmS8 = "pcm8"
    /// Unsigned integers of 8 bits; 128 is silence.
    case pcmU8 = "u8"
    /// Signed integers of 16 bits.
    case pcm16
    /// Signed integers of 24 bits.
    case pcm24
    /// Signed integers of 32 bits.
    case pcm32
    /// IEEE 754 floating point of 32 bits.
    case float
    /// IEEE 754 floating point of 64 bits.
    case double
    /// 8 bits on the logarithmic scale of telephony in North America and Japan (ITU-T G.711 μ-law).
    case mulaw
    /// 8 bits on the logarithmic scale of telephony elsewhere (ITU-T G.711 A-law).
    case alaw
    /// Vorbis, lossy.
    case vorbis
    /// Opus, lossy.
    case opus
    /// MPEG audio layer III, lossy.
    case mp3

    /// Parses a name: a raw value, or what other tools call it (`s16`, `s16le`, `f32le`, `ulaw` …), in any letter case.
    public init?(named name: String) {
        let name = name.lowercased()
        if let format = SampleFormat(rawValue: name) { self = format; return }
        switch name {
        case "s8", "pcms8": self = .pcmS8
        case "pcmu8": self = .pcmU8
        case "s16", "s16le": self = .pcm16
        case "s24", "s24le": self = .pcm24
        case "s32", "s32le": self = .pcm32
        case "f32", "f32le", "float32": self = .float
        case "f64", "f64le", "float64": self = .double
        case "ulaw", "mu-law", "pcmu": self = .mulaw
        case "a-law", "pcma": self = .alaw
        default: return nil
        }
    }

    /// The sample format that a file name extension or container name stands for by itself, in any letter case: `opus`, `vorbis`, `mp3`.
    public init?(impliedBy name: String) {
        switch name.lowercased() {
        case "opus": self = .opus
        case "vorbis": self = .vorbis
        case "mp3": self = .mp3
        default: return nil
        }
    }

    /// Bytes of one stored sample, or nil for formats that code samples together.
    public var bytesPerSample: Int? {
        switch self {
        case .pcmS8, .pcmU8, .mulaw, .alaw: return 1
        case .pcm16: return 2
        case .pcm24: return 3
        case .pcm32, .float: return 4
        case .double: return 8
        case .vorbis, .opus, .mp3: return nil
        }
    }

    /// Whether samples beyond full scale cannot be stored and are clamped.
    public var clamps: Bool {
        switch self {
        case .pcmS8, .pcmU8, .pcm16, .pcm24, .pcm32, .mulaw, .alaw: return true
        case .float, .double, .vorbis, .opus, .mp3: return false
        }
    }

    /// Significant bits of a sample, for choosing a format that keeps another's detail.
    var precision: Int {
        switch self {
        case .pcmS8, .pcmU8: return 8
        case .mulaw, .alaw: return 14
        case .pcm16, .vorbis, .opus, .mp3: return 16
        case .pcm24: return 24
        case .float: return 25
        case .pcm32: return 32
        case .double: return 53
        }
    }
}

/// A file format that samples are wrapped in.
public enum ContainerFormat: String, CaseIterable, Sendable {
    /// Microsoft's RIFF WAVE, up to 4 GiB.
    case wav
    /// WAV with 64-bit sizes (EBU Tech 3306).
    case rf64
    /// Sony's Wave64.
    case w64
    /// Apple's Audio Interchange File Format, big-endian, up to 4 GiB; AIFF-C where the samples are no plain integers.
    case aiff
    /// AIFF-C whatever the samples are.
    case aifc
    /// Sun's and NeXT's `.snd`, big-endian.
    case au
    /// Apple's Core Audio Format.
    case caf
    /// Free Lossless Audio Codec.
    case flac
    /// Ogg with Vorbis, Opus or FLAC inside.
    case ogg
    /// A bare stream of MPEG audio.
    case mp3
    /// Samples without any header, little-endian.
    case raw

    /// Parses a name in any letter case; `opus` and `vorbis` mean Ogg.
    public init?(named name: String) {
        let name = name.lowercased()
        guard let format = ContainerFormat(rawValue: name) ?? ContainerFormat(fileExtension: name) else { return nil }
        self = format
    }

    /// The container that a file name extension (without the dot, any letter case) stands for.
    public init?(fileExtension: String) {
        switch fileExtension.lowercased() {
        case "wav", "wave": self = .wav
        case "rf64": self = .rf64
        case "w64": self = .w64
        case "aif", "aiff": self = .aiff
        case "aifc": self = .aifc
        case "au", "snd": self = .au
        case "caf": self = .caf
        case "flac": self = .flac
        case "ogg", "oga", "opus", "vorbis": self = .ogg
        case "mp3": self = .mp3
        case "raw", "pcm": self = .raw
        default: return nil
        }
    }

    /// The sample formats that can be written into this container with the installed libraries, the default first.
    public var sampleFormats: [SampleFormat] {
        switch self {
        case .wav, .rf64: return [.pcm16, .pcm24, .pcm32, .float, .double, .pcmU8, .mulaw, .alaw]
        case .au: return [.pcm16, .pcm24, .pcm32, .float, .double, .pcmS8, .mulaw, .alaw]
        case .raw: return [.pcm16, .pcm24, .pcm32, .float, .double, .pcmS8, .pcmU8, .mulaw, .alaw]
        case .caf: return [.pcm16, .pcm24, .pcm32, .float, .double, .pcmS8, .mulaw, .alaw]
        case .aiff, .aifc: return [.pcm16, .pcm24, .pcm32, .float, .double, .pcmS8, .pcmU8, .mulaw, .alaw]
        case .w64, .flac, .ogg, .mp3:
            let candidates: [SampleFormat] = [
                .pcm16, .pcm24, .pcm32, .float, .double, .pcmS8, .pcmU8, .mulaw, .alaw, .vorbis, .opus, .mp3,
            ]
            return candidates.filter { SoundFile.canWrite(container: self, sampleFormat: $0) }
        }
    }

    /// The containers that the installed libraries can write.
    public static var writable: [ContainerFormat] { allCases.filter { !$0.sampleFormats.isEmpty } }

    /// The sample format of this container that loses least of `source` and wastes least room: the same where it exists.
    /// Nil `source` (an unusual one) gives the container's default.
    public func sampleFormat(closestTo source: SampleFormat?) -> SampleFormat? {
        let available = sampleFormats
        guard let source, available.first != nil else { return available.first }
        if available.contains(source) { return source }
        let byPrecision = available.filter { $0.bytesPerSample != nil }.sorted { $0.precision < $1.precision }
        return byPrecision.first { $0.precision >= source.precision } ?? byPrecision.last ?? available.first
    }
}

/// What a source is stored as.
public struct AudioFormat: Sendable, Equatable {
    /// Nil for containers that can be read but that this module has no name for.
    public var container: ContainerFormat?
    /// Nil for encodings that can be read but that this module has no name for.
    public var sampleFormat: SampleFormat?
    /// A text for people, e.g. `WAV, signed 16-bit PCM`.
    public var description: String
}

/// The layout of PCM that comes without a header.
public struct RawFormat: Sendable, Equatable {
    /// Hz.
    public var sampleRate: Int
    /// Number of interleaved channels.
    public var channelCount: Int
    /// One of those with `bytesPerSample`; multi-byte samples are little-endian.
    public var sampleFormat: SampleFormat

    /// Limits are checked when a reader is opened.
    public init(sampleRate: Int, channelCount: Int, sampleFormat: SampleFormat) {
        self.sampleRate = sampleRate
        self.channelCount = channelCount
        self.sampleFormat = sampleFormat
    }
}

extension ContainerFormat {
    /// For people.
    var title: String {
        switch self {
        case .ogg: return "Ogg"
        case .aifc: return "AIFF-C"
        case .raw: return "raw"
        default: return rawValue.uppercased()
        }
    }
}

extension SampleFormat {
    /// For people.
    var title: String {
        switch self {
        case .pcmS8: return "signed 8-bit PCM"
        case .pcmU8: return "unsigned 8-bit PCM"
        case .pcm16: return "16-bit PCM"
        case .pcm24: return "24-bit PCM"
        case .pcm32: return "32-bit PCM"
        case .float: return "32-bit float"
        case .double: return "64-bit float"
        case .mulaw: return "μ-law"
        case .alaw: return "A-law"
        case .vorbis: return "Vorbis"
        case .opus: return "Opus"
        case .mp3: return "MP3"
        }
    }
}
