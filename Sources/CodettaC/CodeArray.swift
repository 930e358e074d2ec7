import CCodetta
import Codecs
import Codetta
import Platform
import TokenFiles
import Tokens

/// Codes in memory of a caller, of a model.
struct CodeArray {
    private let array: codetta_code_array
    private let model: Model
    private let layout: CodeLayout
    private let trackCount: Int
    private let frames: Int

    /// - Throws: `ArgumentError` for sizes that do not fit each other or the model; `SizeError` beyond the memory budget.
    init(_ array: codetta_code_array, _ model: Model) throws {
        let codec = model.description
        let codebooks = try CodebookChoice.count(Int(array.codebooks)).resolve(codec, tracks: 1)
        layout = codec.layout.prefix(codebooks)
        guard (1...(codec.channels == 1 ? ChannelPlan.separateLimit : 1)).contains(Int(array.tracks)) else {
            throw ArgumentError("array", "has \(array.tracks) tracks, \(codec.name) codes \(codec.channels == 1 ? "1 to \(ChannelPlan.separateLimit)" : "1")")
        }
        trackCount = Int(array.tracks)
        guard array.frames >= 0, array.frames <= 1 << 40, array.frames % Int64(layout.superframe) == 0 else {
            throw ArgumentError("array", "has \(array.frames) frames, expected a multiple of \(layout.superframe)")
        }
        let frames = Int(array.frames)
        let perTrack = layout.codebooks.reduce(0) { $0 + frames / $1.stride }
        let expected = try CheckedSize.elements([trackCount, perTrack])
        guard array.count == Int64(expected) else { throw ArgumentError("array", "has \(array.count) codes, expected \(expected)") }
        guard array.codes != nil || expected == 0 else { throw ArgumentError("array", "its codes are NULL") }
        guard array.segment_count >= 0, array.segment_count <= Int64(trackCount * max(1, frames)) else {
            throw ArgumentError("array", "has \(array.segment_count) segments for \(frames) frames")
        }
        guard array.segments != nil || array.segment_count == 0 else { throw ArgumentError("array", "its segments are NULL") }
        (self.array, self.model, self.frames) = (array, model, frames)
    }

    /// The codes, checked.
    /// - Throws: `ArgumentError`; `BadCodes`; `TokenStreamError` for what no file could hold; `CodecError.segments`.
    func encoded() throws -> EncodedAudio {
        var tracks = try readTracks()
        try readSegments(into: &tracks)
        let codec = model.description
        try codec.checkSegments(tracks)
        let header = try makeHeader(codec)
        let covered = try CheckedSize.elements([frames, layout.hopLength], bytesPerElement: 1, budget: .max)
        let length = Resampler.outputLength(of: covered, from: layout.sampleRate, to: header.original.sampleRate)
        guard array.samples >= -1, array.samples <= 1 << 48 else { throw ArgumentError("array", "has \(array.samples) samples") }
        let audio = EncodedAudio(header: header, tracks: tracks, samples: array.samples < 0 ? length : Int(array.samples))
        try audio.validate()
        return audio
    }

    private func readTracks() throws -> [Codes] {
        var place = array.codes
        return try (0..<trackCount).map { track in
            var codes = Codes(codebooks: layout.codebooks.count)
            for (k, codebook) in layout.codebooks.enumerated() {
                let stream = Array(UnsafeBufferPointer(start: place, count: frames / codebook.stride))
                if let bad = stream.firstIndex(where: { !(0..<codebook.size).contains(Int($0)) }) {
                    throw BadCodes(
                        "code \(stream[bad]) at place \(bad) of codebook \(k + 1), track \(track + 1), which has 0 to \(codebook.size - 1)")
                }
                codes.streams[k] = stream
                place = place.map { $0 + stream.count }
            }
            return codes
        }
    }

    private func readSegments(into tracks: inout [Codes]) throws {
        for segment in UnsafeBufferPointer(start: array.segments, count: Int(array.segment_count)) {
            guard tracks.indices.contains(Int(segment.track)), (0..<Int64(max(frames, 1))).contains(segment.frame), segment.scale.isFinite, segment.scale >= 0 else {
                throw BadCodes("a segment at frame \(segment.frame) of track \(segment.track) with scale \(segment.scale)")
            }
            let new = CodeSegment(frame: Int(segment.frame), scale: segment.scale)
            if let last = tracks[Int(segment.track)].segments.last, last.frame >= new.frame { throw BadCodes("segments that are not in order") }
            tracks[Int(segment.track)].segments.append(new)
        }
    }

    private func makeHeader(_ codec: CodecDescription) throws -> TokenHeader {
        let rate = array.sample_rate == 0 ? codec.sampleRate : Int(array.sample_rate)
        let sampleRate = try Argument.sampleRate(Int32(clamping: rate), "array: sample_rate")
        let channels = trackCount * codec.channels
        let original = array.original_channels == 0 ? channels : Int(array.original_channels)
        var header = TokenHeader(
            codecName: codec.name, modelType: codec.modelType, weights: try model.weights, layout: layout, channels: codec.channels,
            trackCount: trackCount, original: OriginalAudio(sampleRate: sampleRate, channels: original))
        header.page(by: .archive)
        header.paging?.context = codec.decodingContext
        return header
    }
}

/// Codes that the model does not have.
struct BadCodes: CodettaError {
    let reason: String

    init(_ reason: String) { self.reason = reason }

    var kind: FailureKind { .badData }
    var description: String { "codes: \(reason)" }
}
