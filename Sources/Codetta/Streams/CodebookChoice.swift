import Codecs

/// How many codebooks to encode with: the trade of bitrate against quality.
public enum CodebookChoice: Sendable, Equatable {
    /// All that the model has.
    case all
    /// So many codebooks, the first ones.
    case count(Int)
    /// As many as stay within this nominal bitrate in bit/s, all tracks together.
    case bitrate(Double)

    /// As many as stay within so many kb/s, all tracks together.
    public static func kilobits(_ rate: Double) -> CodebookChoice { .bitrate(rate * 1000) }

    /// The number of codebooks for `tracks` tracks.
    /// - Throws: `PipelineError.codebooks` or `.bitrate` for what the model cannot do.
    public func resolve(_ codec: CodecDescription, tracks: Int) throws(PipelineError) -> Int {
        let most = codec.layout.codebooks.count
        switch self {
        case .all: return most
        case .count(let count):
            let available = (codec.isTruncatable ? 1 : most)...most
            guard available.contains(count) else { throw .codebooks(requested: count, available: available) }
            return count
        case .bitrate(let requested):
            let bitrates = (1...most).map { codec.layout.prefix($0).nominalBitrate * Double(tracks) }
            let offered = codec.isTruncatable ? bitrates : bitrates.suffix(1)
            // A hair of tolerance, so that a bitrate printed with three decimals can be asked for.
            guard let lowest = offered.first, let highest = offered.last,
                requested >= lowest * 0.9999, requested <= highest * 1.0001
            else {
                throw .bitrate(requested: requested, lowest: offered.first ?? 0, highest: offered.last ?? 0)
            }
            return (bitrates.lastIndex { $0 <= requested * 1.0001 } ?? 0) + 1
        }
    }
}
