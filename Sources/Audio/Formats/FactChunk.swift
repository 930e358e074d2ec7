import Platform

/// The number of samples that a WAV with blocks of coded samples states (chunk `fact`): its last block is filled up.
enum FactChunk {
    private static let mostChunks = 1000

    /// Nil when nothing is stated, or something that is not within a block of `decodable` samples.
    static func samples(in bytes: SeekableBytes, decodable: Int) throws(Errno) -> Int? {
        guard let magic = try bytes.bytes(at: 0, count: 12), WaveHeader.matches(magic) else { return nil }
        var offset = 12
        var stated: Int?
        var blockBytes: Int?
        for _ in 0..<mostChunks {
            guard let header = try bytes.bytes(at: offset, count: 8) else { return nil }
            let size = Int(littleEndian32(header, at: 4))
            let body = try bytes.bytes(at: offset + 8, count: min(size, 16)) ?? []
            switch String(decoding: header.prefix(4), as: UTF8.self) {
            case "fact" where body.count >= 4: stated = Int(littleEndian32(body, at: 0))
            case "fmt " where body.count >= 14: blockBytes = Int(littleEndian16(body, at: 12))
            case "data":
                guard let stated, let blockBytes, blockBytes > 0, stated < decodable else { return nil }
                let blocks = (min(size, bytes.size - offset - 8) + blockBytes - 1) / blockBytes
                guard blocks > 0 else { return nil }
                let samplesPerBlock = (decodable + blocks - 1) / blocks
                return decodable - stated <= samplesPerBlock ? stated : nil
            default: break
            }
            offset += 8 + size + size % 2
        }
        return nil
    }
}
