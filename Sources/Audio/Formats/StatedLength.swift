import CSndFile
import Platform

/// What the older formats that libsndfile reads say of their own length, in bytes and in samples. libsndfile does not compare it with the file.
struct StatedLength {
    /// Bytes that the file must have; nil when its format does not say.
    var bytes: Int?
    /// Samples per channel, where the bytes may hold more than that.
    var samples: Int?

    /// - Parameters:
    ///   - format: libsndfile's code of the container.
    ///   - channels: number of channels that libsndfile found.
    static func find(in bytes: SeekableBytes, format: Int32, channels: Int) throws(Errno) -> StatedLength {
        let header = try bytes.bytes(at: 0, count: min(bytes.size, 1024)) ?? []
        let fields = HeaderFields(bytes: header)
        switch Int(format & 0x0FFF_0000) {
        case 0x03_0000: return sun(fields)
        case 0x07_0000: return sphere(fields)
        case 0x08_0000: return StatedLength(bytes: try creativeVoice(bytes, fields))
        case 0x0C_0000: return StatedLength(bytes: try matlab4(bytes))
        case 0x0D_0000: return StatedLength(bytes: try matlab5(bytes, fields))
        case 0x0F_0000: return StatedLength(bytes: try instrument(bytes, fields))
        case 0x10_0000: return toolkit(fields)
        case 0x11_0000: return sampleDump(fields, size: bytes.size)
        case 0x12_0000: return visualResearch(fields, channels: channels)
        case 0x19_0000: return StatedLength(bytes: fields.big32(18).map { 32 + $0 })
        case 0x21_0000: return StatedLength(bytes: fields.little32(30).map { 42 + 2 * channels * $0 })
        default: return StatedLength()
        }
    }

    /// Sun and NeXT (for encodings that libsndfile decodes): offset and size of the data.
    private static func sun(_ fields: HeaderFields) -> StatedLength {
        let isBig = fields.bytes.starts(with: ".snd".utf8)
        guard let offset = isBig ? fields.big32(4) : fields.little32(4), let size = isBig ? fields.big32(8) : fields.little32(8),
            size != 0xFFFF_FFFF
        else { return StatedLength() }
        return StatedLength(bytes: offset + size)
    }

    /// NIST SPHERE: lines of `name -type value` up to `end_head`.
    private static func sphere(_ fields: HeaderFields) -> StatedLength {
        let lines = String(decoding: fields.bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count > 2, let headerBytes = Int(lines[1].filter { $0 != " " }), headerBytes > 0, headerBytes < 1 << 20 else {
            return StatedLength()
        }
        var values: [Substring: Substring] = [:]
        for line in lines.prefix(while: { $0 != "end_head" }) {
            let words = line.split(separator: " ")
            if words.count == 3 { values[words[0]] = words[2] }
        }
        func number(_ name: Substring) -> Int? { values[name].flatMap { Int($0) }.flatMap { (0..<1 << 40).contains($0) ? $0 : nil } }
        guard let samples = number("sample_count") else { return StatedLength() }
        let coding = values["sample_coding"] ?? "pcm"
        guard ["pcm", "ulaw", "alaw", "mu-law", "a-law"].contains(coding), let width = number("sample_n_bytes"), width <= 8,
            let channels = number("channel_count"), channels <= 1024
        else { return StatedLength(samples: samples) }
        return StatedLength(bytes: headerBytes + samples * width * channels, samples: samples)
    }

    /// Creative Voice: blocks of a type and a length in three bytes, up to a block of type 0.
    private static func creativeVoice(_ bytes: SeekableBytes, _ fields: HeaderFields) throws(Errno) -> Int? {
        guard var offset = fields.little16(20) else { return nil }
        while let block = try bytes.bytes(at: offset, count: 4) {
            if block[0] == 0 { return nil }
            offset += 4 + (Int(block[1]) | Int(block[2]) << 8 | Int(block[3]) << 16)
        }
        // The last block must be there; the mark behind it may be missing.
        return offset
    }

    /// MATLAB 4: a header of five words before each matrix.
    private static func matlab4(_ bytes: SeekableBytes) throws(Errno) -> Int? {
        var offset = 0
        while offset < bytes.size {
            guard let header = try bytes.bytes(at: offset, count: 20) else { return offset + 20 }
            let isBig = bigEndian32(header, at: 0) < 10_000 && bigEndian32(header, at: 0) >= 1000
            func word(_ i: Int) -> Int { Int(isBig ? bigEndian32(header, at: 4 * i) : littleEndian32(header, at: 4 * i)) }
            let widths = [8, 4, 4, 2, 2, 1]
            let precision = word(0) / 10 % 10
            guard word(0) < 10_000, precision < widths.count, word(4) < 1 << 16, word(3) <= 1 else { return nil }
            let (elements, overflow) = word(1).multipliedReportingOverflow(by: word(2))
            guard !overflow, elements < 1 << 50 else { return nil }
            offset += 20 + word(4) + elements * widths[precision] * (1 + word(3))
        }
        return offset
    }

    /// MATLAB 5: elements of a type and a size behind a text of 128 bytes. A matrix is an element of elements, its samples the last.
    ///
    /// The sizes of matrices are not asked: libsndfile writes some that are too large.
    private static func matlab5(_ bytes: SeekableBytes, _ fields: HeaderFields) throws(Errno) -> Int? {
        guard fields.bytes.count >= 128 else { return nil }
        let isBig = fields.bytes[126] == UInt8(ascii: "M")
        func element(at offset: Int) throws(Errno) -> (kind: Int, header: Int, size: Int)? {
            guard let header = try bytes.bytes(at: offset, count: 8) else { return nil }
            let kind = isBig ? bigEndian32(header, at: 0) : littleEndian32(header, at: 0)
            // Small elements hold their data in the place of the size.
            if kind >> 16 != 0 { return (Int(kind & 0xFFFF), 4, 4) }
            return (Int(kind), 8, Int(isBig ? bigEndian32(header, at: 4) : littleEndian32(header, at: 4)))
        }
        var needed = 128
        var offset = 128
        while let matrix = try element(at: offset), matrix.kind == 14 {
            var inner = offset + matrix.header
            let end = inner + matrix.size
            // Flags, dimensions, name, samples, and their imaginary part.
            for _ in 0..<5 where inner < end {
                guard let part = try element(at: inner), (1...18).contains(part.kind) else { break }
                needed = inner + part.header + part.size
                inner += part.header + (part.size + 7) / 8 * 8 - (part.header == 4 ? 4 : 0)
            }
            offset = end
        }
        return needed
    }

    /// Extended Instrument: headers of the samples, then their bytes.
    private static func instrument(_ bytes: SeekableBytes, _ fields: HeaderFields) throws(Errno) -> Int? {
        guard let count = fields.little16(296), count <= 16 else { return nil }
        var total = 298 + 40 * count
        for i in 0..<count {
            guard let header = try bytes.bytes(at: 298 + 40 * i, count: 4) else { return total }
            let length = Int(littleEndian32(header, at: 0))
            // libsndfile writes none.
            if length == 0 { return nil }
            total += length
        }
        return total
    }

    /// Hidden Markov Model Toolkit: number of samples and bytes of each.
    private static func toolkit(_ fields: HeaderFields) -> StatedLength {
        guard let samples = fields.big32(0), let width = fields.big16(8) else { return StatedLength() }
        return StatedLength(bytes: 12 + samples * width)
    }

    /// MIDI Sample Dump: packets of 120 bytes, of which each holds seven bits of a sample.
    /// Where packets are missing, libsndfile would make samples up.
    private static func sampleDump(_ fields: HeaderFields, size: Int) -> StatedLength {
        guard fields.bytes.count >= 21 else { return StatedLength() }
        let samples = (0..<3).reduce(0) { $0 | Int(fields.bytes[10 + $1] & 0x7F) << (7 * $1) }
        let perPacket = 120 / max(1, (Int(fields.bytes[6]) + 6) / 7)
        guard perPacket > 0 else { return StatedLength() }
        let present = (size - 21) / 127 * perPacket
        return StatedLength(bytes: 21 + (samples + perPacket - 1) / perPacket * 127, samples: min(samples, present))
    }

    /// Audio Visual Research: resolution and number of samples.
    private static func visualResearch(_ fields: HeaderFields, channels: Int) -> StatedLength {
        guard let bits = fields.big16(14), let samples = fields.big32(26) else { return StatedLength() }
        return StatedLength(bytes: 128 + samples * channels * (bits / 8))
    }
}

/// Numbers in the beginning of a file, nil behind its end.
private struct HeaderFields {
    let bytes: [UInt8]

    func big16(_ offset: Int) -> Int? { has(offset, 2) ? Int(bytes[offset]) << 8 | Int(bytes[offset + 1]) : nil }
    func little16(_ offset: Int) -> Int? { has(offset, 2) ? Int(littleEndian16(bytes, at: offset)) : nil }
    func big32(_ offset: Int) -> Int? { has(offset, 4) ? Int(bigEndian32(bytes, at: offset)) : nil }
    func little32(_ offset: Int) -> Int? { has(offset, 4) ? Int(littleEndian32(bytes, at: offset)) : nil }

    private func has(_ offset: Int, _ count: Int) -> Bool { offset + count <= bytes.count }
}
