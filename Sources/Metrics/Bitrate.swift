import TokenStream

/// What a coded signal costs, in bit/s, by three counts.
public struct Bitrate: Sendable, Hashable, Codable {
    /// Σ frameRate_k · log₂ size_k: what papers quote.
    public let nominal: Double
    /// Σ frameRate_k · ⌈log₂ size_k⌉: codes in whole bits, without a container.
    public let packed: Double
    /// Bits in the file over the signal's duration; undefined for a signal without samples.
    public let actual: MetricValue

    /// - Parameters:
    ///   - fileBytes: size of the file, headers and all.
    ///   - sampleCount: samples a channel of the signal coded, at the layout's rate.
    ///   - tracks: how often the layout's codes are there: 1, or the number of channels when each is coded by itself.
    public init(layout: CodeLayout, fileBytes: Int, sampleCount: Int, tracks: Int = 1) {
        nominal = Double(tracks) * layout.nominalBitrate
        packed = Double(tracks) * layout.codebooks.reduce(0) {
            $0 + layout.frameRate / Double($1.stride) * Double($1.bits)
        }
        actual =
            sampleCount > 0
            ? .value(8 * Double(fileBytes) * Double(layout.sampleRate) / Double(sampleCount))
            : .undefined(.tooShort(samples: sampleCount, needed: 1))
    }
}
