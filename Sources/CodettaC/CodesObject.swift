import CCodetta
import Codetta
import Platform
import TokenFiles
import Tokens

/// Codes behind a handle. They are always well-formed: what makes one has checked them.
final class CodesObject: HandledObject, @unchecked Sendable {
    override class var noun: String { "codes" }

    /// In no entropy mode; see `form`. Only touched within the gate, once others have the handle.
    var audio: EncodedAudio
    /// How the codes are written unless told otherwise.
    let form: WrittenForm
    private var texts: (model: OwnedText, type: OwnedText)?

    /// - Parameter form: nil for the header's.
    init(_ audio: EncodedAudio, form: WrittenForm? = nil) {
        self.audio = audio
        self.form = form ?? WrittenForm(entropy: audio.header.entropy, preset: audio.header.preset)
        (self.audio.header.entropy, self.audio.header.entropyModel) = (.none, nil)
    }

    /// What the codes are at this moment.
    func snapshot() throws -> EncodedAudio { try exclusively { audio } }

    /// The facts of the codes.
    func info() throws -> codetta_codes_info {
        try exclusively {
            let (header, layout) = (audio.header, audio.header.layout)
            let texts = self.texts ?? (OwnedText(header.codecName), OwnedText(header.modelType))
            self.texts = texts
            return codetta_codes_info(
                size: MemoryLayout<codetta_codes_info>.size, tracks: Int32(clamping: header.trackCount),
                codebooks: Int32(clamping: layout.codebooks.count), frames: Int64(layout.frames(of: audio.tracks)),
                count: Int64(audio.tracks.codeCount), segments: Int64(audio.tracks.reduce(0) { $0 + $1.segments.count }),
                samples: Int64(audio.samples), sample_rate: Int32(clamping: header.original.sampleRate),
                channels: Int32(clamping: header.decodedChannels), original_channels: Int32(clamping: header.original.channels),
                codec_sample_rate: Int32(clamping: layout.sampleRate), hop_length: Int32(clamping: layout.hopLength),
                is_ragged: layout.isRagged ? 1 : 0, frame_rate: layout.frameRate, kilobits: header.nominalBitrate / 1000,
                entropy: codetta_entropy(form.entropy), preset: codetta_preset(form.preset), model: texts.model.pointer,
                type: texts.type.pointer)
        }
    }
}

/// How a container cuts and codes codes.
struct WrittenForm {
    let entropy: EntropyMode
    /// Nil where the codes come from a file that was cut in another way.
    let preset: PageLayout.Preset?
}

extension EncodedAudio {
    /// - Throws: `ArgumentError` unless `next` can be a piece of the same stream.
    func requireSameStream(as next: EncodedAudio, _ name: String) throws {
        guard next.header.layout == header.layout, next.header.trackCount == header.trackCount, next.header.channels == header.channels,
            next.header.modelType == header.modelType, next.header.original.sampleRate == header.original.sampleRate,
            next.header.original.channels == header.original.channels
        else { throw ArgumentError(name, "are codes of another stream") }
    }
}

extension [Codes] {
    /// Codes of all codebooks of all tracks.
    var codeCount: Int { reduce(0) { $0 + $1.streams.reduce(0) { $0 + $1.count } } }

    /// Adds the codes that follow, one entry per track.
    /// - Throws: `SizeError` beyond the memory budget.
    mutating func append(withinBudget more: [Codes]) throws(SizeError) {
        _ = try CheckedSize.elements([codeCount + more.codeCount], bytesPerElement: MemoryLayout<Int32>.size)
        append(tracks: more)
    }
}

extension TokenHeader {
    /// Channels that decoding gives.
    var decodedChannels: Int {
        ChannelPlan(decodingTracks: trackCount, codecChannels: channels, originalChannels: original.channels).mixedChannels
    }
}

extension codetta_entropy {
    init(_ mode: EntropyMode) {
        switch mode {
        case .none: self = CODETTA_ENTROPY_NONE
        case .adaptive: self = CODETTA_ENTROPY_ADAPTIVE
        case .lm: self = CODETTA_ENTROPY_LM
        }
    }

    /// The mode, nil for the default.
    /// - Throws: `ArgumentError` for a number without a mode.
    func mode(_ name: String) throws -> EntropyMode? {
        switch self {
        case CODETTA_ENTROPY_DEFAULT: return nil
        case CODETTA_ENTROPY_NONE: return EntropyMode.none
        case CODETTA_ENTROPY_ADAPTIVE: return .adaptive
        case CODETTA_ENTROPY_LM: return .lm
        default: throw ArgumentError(name, "there is no entropy mode \(rawValue)")
        }
    }
}

extension codetta_preset {
    init(_ preset: PageLayout.Preset?) {
        switch preset {
        case .archive: self = CODETTA_PRESET_ARCHIVE
        case .stream: self = CODETTA_PRESET_STREAM
        case nil: self = CODETTA_PRESET_DEFAULT
        }
    }

    /// The preset, nil for the default.
    /// - Throws: `ArgumentError` for a number without a preset.
    func preset(_ name: String) throws -> PageLayout.Preset? {
        switch self {
        case CODETTA_PRESET_DEFAULT: return nil
        case CODETTA_PRESET_ARCHIVE: return .archive
        case CODETTA_PRESET_STREAM: return .stream
        default: throw ArgumentError(name, "there is no preset \(rawValue)")
        }
    }
}
