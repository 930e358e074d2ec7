import Tokens

extension AdaptiveModel {
    /// The codes of `frames` base frames range-coded by a coder that starts afresh, or nil where that is not shorter than packing them. The model
    /// learns them either way.
    func encode(_ codes: [[ArraySlice<Int32>]], of header: TokenHeader, frames: Int) -> [UInt8]? {
        var coder = RangeEncoder(limit: header.packedLength(frames: frames) - 1)
        header.forEachCode(frames: frames) { track, k, index in
            let stream = codes[track][k]
            _ = code(UInt32(bitPattern: stream[stream.startIndex + index]), track: track, codebook: k, using: &coder)
        }
        return coder.finish()
    }

    /// The codes of `frames` base frames, from a payload that is no longer than their packing: the length tells which of the two it is.
    /// - Parameters:
    ///   - part: what errors call the part of the file.
    ///   - unpack: takes a payload for packed codes.
    /// - Throws: `TokenStreamError.invalidField` for a payload that no encoder makes, and what `unpack` throws.
    func decode(
        _ payload: [UInt8], of header: TokenHeader, frames: Int, part: String, offset: Int, unpack: () throws(TokenStreamError) -> [Codes]
    ) throws(TokenStreamError) -> [Codes] {
        guard payload.count < header.packedLength(frames: frames) else {
            let tracks = try unpack()
            // An encoder packs what it could not have coded in fewer bytes.
            guard encode(tracks.map { $0.streams.map { $0[...] } }, of: header, frames: frames) == nil else {
                throw .invalidField(
                    part: part, field: "codes", found: "packed", expected: "range-coded ones, which are shorter", offset: offset)
            }
            return tracks
        }
        var tracks = [Codes](noneOf: header)
        var coder = RangeDecoder(payload, offset: offset)
        try header.forEachCode(frames: frames) { track, k, _ throws(TokenStreamError) in
            tracks[track].streams[k].append(Int32(bitPattern: try code(0, track: track, codebook: k, using: &coder)))
        }
        try coder.finish()
        return tracks
    }
}
