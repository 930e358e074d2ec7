import Tokens

/// What a coded signal costs, in bit/s, by four counts.
public struct Bitrate: Sendable, Hashable, Codable {
    /// Σ frameRate_k · log₂ size_k: what papers quote.
    public let nominal: Double
    /// Σ frameRate_k · ⌈log₂ size_k⌉: codes in whole bits, without a container.
    public let packed: Double
    /// Bits in the file over the signal's duration; undefined for a signal without samples.
    public let actual: MetricValue
    /// Σ N_k · log₂ size_k over the signal's duration, with the N_k codes that there are of codebook k: the bitrate of the
    /// Interspeech 2024 challenge on discrete speech units (Chang et al., 2024). Above the nominal one by the codes of the
    /// last frame that lie beyond the end. Undefined for a signal without samples, or when the codes were not counted.
    public let challenge: MetricValue

    /// - Parameters:
    ///   - fileBytes: size of the file, headers and all.
    ///   - sampleCount: samples per channel of the signal coded, at `sampleRate`.
    ///   - sampleRate: in Hz; nil = the layout's.
    ///   - frames: base frames of each track, when they were counted.
    ///   - tracks: how often the layout's codes are there: 1, or the number of channels when each is coded by itself.
    public init(
        layout: CodeLayout, fileBytes: Int, sampleCount: Int, sampleRate: Int? = nil, frames: Int? = nil, tracks: Int = 1
    ) {
        nominal = Double(tracks) * layout.nominalBitrate
        packed = Double(tracks) * layout.codebooks.reduce(0) {
            $0 + layout.frameRate / Double($1.stride) * Double($1.bits)
        }
        let duration = Double(sampleCount) / Double(sampleRate ?? layout.sampleRate)
        guard duration > 0 else {
            actual = .undefined(.tooShort(samples: sampleCount, needed: 1))
            challenge = actual
            return
        }
        actual = .value(8 * Double(fileBytes) / duration)
        // A frame's nominal bits are bitrate ÷ frame rate.
        challenge =
            frames.map { .value(Double(tracks) * Double($0) * layout.nominalBitrate / layout.frameRate / duration) }
            ?? .undefined(.notMeasured)
    }
}
