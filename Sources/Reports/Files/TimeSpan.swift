import Codetta
import Plots

extension TimeSpan {
    /// Why there is nothing in the span of something of `duration` seconds.
    func nothing(duration: Double) -> PlotError {
        duration <= 0
            ? .nothing(what: "it has no length")
            : .nothing(what: "the span starts at \(start) s, the file ends at \((duration * 100).rounded() / 100) s")
    }
}

extension AudioReader {
    /// Hands over the samples of `span`, block by block.
    /// - Throws: `PlotError.nothing` when the span holds none, what reading and `body` throw.
    func forEachBlock(in span: TimeSpan, _ body: (AudioBlock) throws -> Void) throws {
        let wanted = span.range(rate: Double(sampleRate))
        var position = 0
        var isEmpty = true
        while position < wanted.upperBound {
            let block = try read(upTo: 1 << 14)
            if block.isEmpty { break }
            let held = position..<position + block.sampleCount
            let common = held.clamped(to: wanted)
            position = held.upperBound
            guard !common.isEmpty else { continue }
            isEmpty = false
            try body(common == held ? block : block.slice(common.lowerBound - held.lowerBound..<common.upperBound - held.lowerBound))
        }
        if isEmpty { throw span.nothing(duration: Double(position) / Double(sampleRate)) }
    }

    /// The spectrogram of `span`, in bounded memory.
    /// - Parameter columns: pixels that it is for.
    /// - Throws: as `forEachBlock(in:_:)`.
    func spectrogram(_ span: TimeSpan = TimeSpan(), columns: Int) throws -> Spectrogram {
        var reducer = try SpectrogramReducer(sampleRate: sampleRate, channelCount: channelCount, maximumColumns: columns)
        try forEachBlock(in: span) { try reducer.push($0) }
        return try reducer.finish()
    }
}

extension TokenFileReader {
    /// Hands over the codes of `span`, one entry per track.
    /// - Throws: `PlotError.nothing` when the span holds none or the file does not say what its codes are; what reading throws.
    func forEachChunk(in span: TimeSpan, _ body: ([Codes]) throws -> Void) throws {
        guard let layout = header?.layout else {
            throw PlotError.nothing(what: "the codes have no header; a .codetta or JSON file has one")
        }
        let wanted = span.range(rate: layout.frameRate)
        var position = 0
        var isEmpty = true
        while position < wanted.upperBound, let tracks = try nextOfAll() {
            let strides = layout.codebooks.map { max(1, $0.stride) }
            let frames = layout.frames(of: tracks)
            let common = (position..<position + frames).clamped(to: wanted)
            defer { position += frames }
            guard !common.isEmpty else { continue }
            isEmpty = false
            try body(tracks.map { codes in
                Codes(streams: zip(codes.streams, strides).map { stream, stride in
                    let range = (common.lowerBound - position) / stride..<(common.upperBound - position + stride - 1) / stride
                    return Array(stream[range.clamped(to: stream.indices)])
                })
            })
        }
        if isEmpty { throw span.nothing(duration: Double(position) / layout.frameRate) }
    }
}
