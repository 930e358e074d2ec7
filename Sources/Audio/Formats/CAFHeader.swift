/// Headers of Apple's Core Audio Format, for writing.
///
/// Made here because libsndfile puts four kilobytes of free space before the samples, from which readers of pipes do not find back.
enum CAFHeader {
    /// The header for big-endian samples of `coding`; nil `samples` writes the format's own mark for data up to the end.
    static func make(_ coding: PCMCoding, sampleRate: Int, channelCount: Int, samples: Int?) -> [UInt8] {
        let (format, flags) = identity(coding.format)
        let bytesPerFrame = coding.bytesPerSample * channelCount
        var description = bigEndian(Int(truncatingIfNeeded: Double(sampleRate).bitPattern), bytes: 8) + Array(format.utf8)
        description += [flags, bytesPerFrame, 1, channelCount, 8 * coding.bytesPerSample].flatMap { bigEndian($0, bytes: 4) }
        // The samples stand behind a count of edits, 0.
        let size = samples.map { 4 + $0 * bytesPerFrame } ?? -1
        return Array("caff".utf8) + bigEndian(1, bytes: 2) + bigEndian(0, bytes: 2)
            + Array("desc".utf8) + bigEndian(description.count, bytes: 8) + description
            + Array("data".utf8) + bigEndian(size, bytes: 8) + bigEndian(0, bytes: 4)
    }

    private static func identity(_ format: SampleFormat) -> (format: String, flags: Int) {
        switch format {
        case .mulaw: return ("ulaw", 0)
        case .alaw: return ("alaw", 0)
        case .float, .double: return ("lpcm", 1)
        default: return ("lpcm", 0)
        }
    }
}
