import Platform
import Tokens

/// Turns the frames of pages into payloads and back: packets that are packed or range-coded, frame by frame.
final class PageCoder {
    private let header: TokenHeader
    private let framesPerPacket: Int
    private let tableBits: Int
    private let learned: EntropyModel?
    private var model: AdaptiveModel?
    /// The only frame, apart from those of pages with a fresh model, whose page can follow.
    private var nextFrame = -1

    /// - Parameters:
    ///   - tableBits: see `tableBits(_:_:)`; ignored in entropy mode `none`.
    ///   - learned: the model that the header names.
    init(_ header: TokenHeader, framesPerPacket: Int, tableBits: Int, learned: EntropyModel?) {
        self.header = header
        self.framesPerPacket = framesPerPacket
        self.tableBits = tableBits
        self.learned = learned
    }

    /// The exponent of the size of the table of contexts for all codes from one fresh model to the next.
    static func tableBits(_ header: TokenHeader, _ layout: PageLayout) -> Int {
        AdaptiveModel.tableBits(
            decisions: header.packedBits(frames: layout.framesPerPage) * layout.pagesPerModel)
    }

    /// The payload of a page without its segments. `codes[track][k]` are the page's codes.
    /// - Throws: `TokenStreamError.lostContext` for any but the next page where the model is not fresh.
    func encode(_ codes: [[ArraySlice<Int32>]], _ place: PagePlace) throws(TokenStreamError) -> [UInt8] {
        guard header.entropy != .none else { return pack(codes, frames: place.frameCount) }
        let model = try startModel(place, offset: 0)
        let isAlone = place.frameCount <= framesPerPacket
        var payload = FieldWriter()
        for start in stride(from: 0, to: place.frameCount, by: framesPerPacket) {
            let frames = min(framesPerPacket, place.frameCount - start)
            let packet = cut(codes, start..<start + frames)
            let bytes = model.encode(packet, of: header, frames: frames) ?? pack(packet, frames: frames)
            if !isAlone { payload.put(varint: bytes.count) }
            payload.put(bytes: bytes)
        }
        nextFrame = place.frames.upperBound
        return payload.bytes
    }

    /// The codes of a page whose place was checked.
    /// - Parameter offset: of the payload in the stream.
    /// - Throws: `TokenStreamError.lostContext` where the page before was not decoded and the model does not start afresh, `.codeOutOfRange`,
    ///   `.invalidField` for a payload that no encoder makes. No later page decodes then until the model starts afresh.
    func decode(_ payload: ArraySlice<UInt8>, _ place: PagePlace, offset: Int) throws(TokenStreamError) -> [Codes] {
        guard header.entropy != .none else {
            return try unpack(payload, firstFrame: place.firstFrame, frames: place.frameCount, offset: offset)
        }
        let model = try startModel(place, offset: offset)
        nextFrame = -1
        let isAlone = place.frameCount <= framesPerPacket
        var fields = FieldReader(payload, part: "page", offset: offset)
        var tracks = [Codes](noneOf: header)
        for start in stride(from: 0, to: place.frameCount, by: framesPerPacket) {
            let frames = min(framesPerPacket, place.frameCount - start)
            let longest = header.packedLength(frames: frames)
            let length = isAlone ? fields.remaining : try fields.takeVarint("length of a packet", in: 1...longest)
            guard (1...longest).contains(length) else { throw invalid("payload length", "\(length)", "1 to \(longest)", offset) }
            let bytes = try fields.take(bytes: length)
            let first = place.firstFrame + start
            let packet = try model.decode(Array(bytes), of: header, frames: frames, part: "page", offset: offset) { () throws(TokenStreamError) in
                try unpack(bytes, firstFrame: first, frames: frames, offset: offset)
            }
            tracks.append(tracks: packet)
        }
        try fields.finish()
        nextFrame = place.frames.upperBound
        return tracks
    }

    private func startModel(_ place: PagePlace, offset: Int) throws(TokenStreamError) -> AdaptiveModel {
        if place.flags.contains(.freshModel) {
            let fresh = AdaptiveModel(header, learned: learned, tableBits: tableBits)
            model = fresh
            return fresh
        }
        guard place.firstFrame == nextFrame, let model else { throw .lostContext(firstFrame: place.firstFrame, offset: offset) }
        return model
    }

    // MARK: Packing

    private func cut(_ codes: [[ArraySlice<Int32>]], _ frames: Range<Int>) -> [[ArraySlice<Int32>]] {
        codes.map { track in
            zip(track, header.layout.codebooks).map { stream, codebook in
                let start = stream.startIndex
                return stream[start + frames.lowerBound / codebook.stride..<start + frames.upperBound / codebook.stride]
            }
        }
    }

    private func pack(_ codes: [[ArraySlice<Int32>]], frames: Int) -> [UInt8] {
        let widths = header.layout.codebooks.map(\.bits)
        var bits = BitWriter()
        header.forEachCode(frames: frames) { track, k, index in
            let stream = codes[track][k]
            bits.write(UInt32(bitPattern: stream[stream.startIndex + index]), bits: widths[k])
        }
        return bits.finish()
    }

    private func unpack(_ payload: ArraySlice<UInt8>, firstFrame: Int, frames: Int, offset: Int) throws(TokenStreamError) -> [Codes] {
        let length = header.packedLength(frames: frames)
        guard payload.count == length else { throw invalid("payload length", "\(payload.count)", "\(length)", offset) }
        let codebooks = header.layout.codebooks
        let widths = codebooks.map(\.bits)
        var bits = BitReader(Array(payload))
        var tracks = [Codes](noneOf: header)
        try header.forEachCode(frames: frames) { track, k, index throws(TokenStreamError) in
            let code = Int(try bits.read(bits: widths[k]))
            guard code < codebooks[k].size else {
                throw .codeOutOfRange(
                    track: track, codebook: k, frame: firstFrame + index * codebooks[k].stride, code: code, size: codebooks[k].size)
            }
            tracks[track].streams[k].append(Int32(code))
        }
        do {
            try bits.finish()
        } catch {
            throw invalid("padding", "set bits", "zeros", offset)
        }
        return tracks
    }

    private func invalid(_ field: String, _ found: String, _ expected: String, _ offset: Int) -> TokenStreamError {
        .invalidField(part: "page", field: field, found: found, expected: expected, offset: offset)
    }
}

extension TokenHeader {
    /// Bits of the codes of `frames` base frames, each in the width of its codebook.
    func packedBits(frames: Int) -> Int { trackCount * layout.codebooks.reduce(0) { $0 + frames / $1.stride * $1.bits } }

    /// Bytes that hold them.
    func packedLength(frames: Int) -> Int { (packedBits(frames: frames) + 7) / 8 }

    /// Visits the codes of `frames` base frames in order of time, those that start at one frame by codebook, then by track.
    func forEachCode<Failure: Error>(
        frames: Int, _ visit: (_ track: Int, _ codebook: Int, _ index: Int) throws(Failure) -> Void
    ) throws(Failure) {
        for frame in 0..<frames {
            for (k, codebook) in layout.codebooks.enumerated() where frame % codebook.stride == 0 {
                for track in 0..<trackCount { try visit(track, k, frame / codebook.stride) }
            }
        }
    }
}
