/// Headers of Sun/NeXT audio files (`.au`, `.snd`): six big-endian words, then an optional annotation.
///
/// Parsed here because, like WAV, they come through pipes with an unknown length.
enum SunHeader {
    private static let magic: [UInt8] = Array(".snd".utf8)
    private static let unknownSize = 0xFFFF_FFFF

    /// Values of the encoding word that store samples one by one.
    private static let encodings: [(code: Int, format: SampleFormat)] = [
        (1, .mulaw), (2, .pcmS8), (3, .pcm16), (4, .pcm24), (5, .pcm32), (6, .float), (7, .double), (27, .alaw),
    ]

    /// Whether `bytes`, the first of an input, begin a Sun audio file.
    static func matches(_ bytes: [UInt8]) -> Bool { bytes.starts(with: magic) }

    /// Reads from the first byte up to the first sample.
    /// - Throws: `AudioError.headerOnly`, `.malformed`, `.channelCount`, `.sampleRate`.
    static func parse(_ input: ByteInput) throws(AudioError) -> HeaderResult {
        guard let header = try input.take(24) else { throw .headerOnly(file: input.name) }
        let dataOffset = Int(bigEndian32(header, at: 4))
        let size = Int(bigEndian32(header, at: 8))
        let code = Int(bigEndian32(header, at: 12))
        let rate = Int(bigEndian32(header, at: 16))
        let channels = Int(bigEndian32(header, at: 20))
        try AudioLimits.check(sampleRate: rate, channelCount: channels, file: input.name)
        guard dataOffset >= 24 else {
            throw .malformed(file: input.name, offset: 4, reason: "AU samples begin at byte \(dataOffset), inside the header")
        }
        let format = encodings.first { $0.code == code }?.format
        guard let format, let coding = PCMCoding(format, bigEndian: true) else { return .library }
        guard try input.skip(dataOffset - 24) == dataOffset - 24 else { throw .headerOnly(file: input.name) }
        var layout = PCMLayout(container: .au, coding: coding, sampleRate: rate, channelCount: channels)
        // Zero stands in headers that were never completed.
        layout.dataBytes = size == unknownSize || size == 0 ? nil : size
        return .pcm(layout)
    }

    /// The header for samples of `coding`; nil `samples` writes the format's own mark for an unknown length.
    static func make(_ coding: PCMCoding, sampleRate: Int, channelCount: Int, samples: Int?) -> [UInt8] {
        let code = encodings.first { $0.format == coding.format }?.code ?? 0
        let size = samples.map { $0 * coding.bytesPerSample * channelCount } ?? unknownSize
        let words = [24, min(size, unknownSize), code, sampleRate, channelCount]
        return magic + words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (24 - 8 * $0)) } }
    }
}
