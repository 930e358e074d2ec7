import Tokens

/// How many codes and bits the chunks of one file hold, from a validated header.
struct ChunkGeometry {
    let header: TokenHeader
    let superframe: Int

    init(_ header: TokenHeader) {
        self.header = header
        self.superframe = header.layout.superframe
    }

    var framesPerChunk: Int { header.framesPerChunk }

    /// Bytes of the packed payload of a chunk of `frames` base frames, and the most of any.
    func payloadLength(frames: Int) -> Int {
        header.packedLength(frames: frames)
    }

    /// Bits of the codes of `frames` base frames, each in the width of its codebook.
    func packedBits(frames: Int) -> Int {
        header.packedBits(frames: frames)
    }

    /// Chunks that hold `frames` base frames.
    func chunkCount(frames: Int) -> Int { (frames + framesPerChunk - 1) / framesPerChunk }

    /// Checks a section header's fields against what its type and this file allow.
    func check(_ section: SectionHeader, offset: Int) throws(TokenStreamError) {
        func require(
            _ valid: Bool, _ field: String, _ found: some CustomStringConvertible, _ expected: String
        ) throws(TokenStreamError) {
            if !valid {
                throw .invalidField(
                    part: SectionType.name(section.type), field: field, found: found.description, expected: expected,
                    offset: offset)
            }
        }
        if section.isChunk || section.isSegments {
            let count = section.frameCount
            try require(
                count > 0 && count <= framesPerChunk && count % superframe == 0, "frame count", count,
                "a multiple of \(superframe) up to \(framesPerChunk)")
            try require(
                section.firstFrame < UInt64(FormatLimits.sampleCount.upperBound)
                    && section.firstFrame % UInt64(framesPerChunk) == 0,
                "first frame", section.firstFrame, "a multiple of \(framesPerChunk)")
            let length = payloadLength(frames: count)
            if section.isSegments {
                try require(superframe == 1, "superframe", superframe, "1, which segments need")
                let limit = SegmentRecord.lengthLimit(tracks: header.trackCount, frames: count)
                try require((1...limit).contains(section.payloadLength), "payload length", section.payloadLength, "1 to \(limit)")
            } else if header.entropy == .none {
                try require(section.payloadLength == length, "payload length", section.payloadLength, "\(length)")
            } else {
                try require(
                    (1...length).contains(section.payloadLength), "payload length", section.payloadLength, "1 to \(length)")
            }
        } else if [SectionType.header, SectionType.index, SectionType.end].contains(section.type) {
            try require(section.frameCount == 0, "frame count", section.frameCount, "0")
            try require(section.firstFrame == 0, "first frame", section.firstFrame, "0")
        }
    }

    /// Packs one chunk: track by track, codebook by codebook, in time order. `codes[track][k]` holds the chunk's codes.
    func pack(_ codes: [[ArraySlice<Int32>]]) -> [UInt8] {
        var bits = BitWriter()
        for track in codes {
            for (stream, codebook) in zip(track, header.layout.codebooks) {
                let width = codebook.bits
                for code in stream { bits.write(UInt32(bitPattern: code), bits: width) }
            }
        }
        return bits.finish()
    }

    /// The inverse of `pack` for a payload whose length was checked.
    /// - Throws: `TokenStreamError.codeOutOfRange`, or `.invalidField` for set padding bits.
    func unpack(_ payload: [UInt8], firstFrame: Int, frames: Int, offset: Int) throws(TokenStreamError) -> [Codes] {
        var bits = BitReader(payload)
        var tracks: [Codes] = []
        for track in 0..<header.trackCount {
            var codes = Codes(codebooks: header.layout.codebooks.count)
            for (k, codebook) in header.layout.codebooks.enumerated() {
                var stream: [Int32] = []
                stream.reserveCapacity(frames / codebook.stride)
                let width = codebook.bits
                for index in 0..<frames / codebook.stride {
                    let code = Int(try bits.read(bits: width))
                    guard code < codebook.size else {
                        throw .codeOutOfRange(
                            track: track, codebook: k, frame: firstFrame + index * codebook.stride, code: code,
                            size: codebook.size)
                    }
                    stream.append(Int32(code))
                }
                codes.streams[k] = stream
            }
            tracks.append(codes)
        }
        do {
            try bits.finish()
        } catch {
            throw .invalidField(
                part: "chunk", field: "padding", found: "set bits", expected: "zeros", offset: offset + payload.count - 1)
        }
        return tracks
    }
}
