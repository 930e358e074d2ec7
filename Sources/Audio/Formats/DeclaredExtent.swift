import Platform

/// Finds out whether a file that libsndfile reads holds all that it announces, which libsndfile does not tell.
enum DeclaredExtent {
    /// - Throws: `AudioError.headerOnly`; `.truncated` unless `isLenient`, which returns a warning instead; `.io`.
    static func check(_ bytes: SeekableBytes, name: String, isLenient: Bool) throws(AudioError) -> [AudioWarning] {
        let finding: Finding
        do {
            guard let magic = try bytes.bytes(at: 0, count: 16) else { return [] }
            if let grammar = ChunkGrammar(magic: magic) {
                finding = try grammar.walk(bytes)
            } else if magic.starts(with: OggPages.magic) {
                finding = try OggPages.walk(bytes)
            } else {
                return []
            }
        } catch {
            throw .io(file: name, operation: "reading", reason: error.reason)
        }
        switch finding {
        case .sound: return []
        case .noData: throw .headerOnly(file: name)
        case .noEnd: return [.noEndOfStream]
        case .short(let expected):
            guard isLenient else { throw .truncated(file: name, expected: expected, found: bytes.size, unit: "bytes") }
            return [.truncated(expected: expected, found: bytes.size, unit: "bytes")]
        }
    }

    enum Finding {
        case sound
        case noData
        case noEnd
        /// The file would have to be `expected` bytes long.
        case short(expected: Int)
    }
}

/// How a family of chunked formats spells its chunks.
private struct ChunkGrammar {
    var firstChunk: Int
    var idBytes = 4
    var sizeBytes = 4
    var isBigEndian: Bool
    var alignment = 2
    /// Whether a chunk's size counts its own header.
    var countsHeader = false
    var dataID: String

    init?(magic: [UInt8]) {
        switch String(decoding: magic.prefix(4), as: UTF8.self) {
        case "RIFF": self.init(firstChunk: 12, isBigEndian: false, dataID: "data")
        case "RIFX": self.init(firstChunk: 12, isBigEndian: true, dataID: "data")
        case "FORM" where magic[8..<11].elementsEqual("AIF".utf8):
            self.init(firstChunk: 12, isBigEndian: true, dataID: "SSND")
        case "caff": self.init(firstChunk: 8, sizeBytes: 8, isBigEndian: true, alignment: 1, dataID: "data")
        case "riff":
            self.init(
                firstChunk: 40, idBytes: 16, sizeBytes: 8, isBigEndian: false, alignment: 8, countsHeader: true, dataID: "data")
        default: return nil
        }
    }

    private init(
        firstChunk: Int, idBytes: Int = 4, sizeBytes: Int = 4, isBigEndian: Bool, alignment: Int = 2,
        countsHeader: Bool = false, dataID: String
    ) {
        self.firstChunk = firstChunk
        self.idBytes = idBytes
        self.sizeBytes = sizeBytes
        self.isBigEndian = isBigEndian
        self.alignment = alignment
        self.countsHeader = countsHeader
        self.dataID = dataID
    }

    private static let mostChunks = 10_000

    func walk(_ bytes: SeekableBytes) throws(Errno) -> DeclaredExtent.Finding {
        var offset = firstChunk
        for _ in 0..<Self.mostChunks {
            guard let header = try bytes.bytes(at: offset, count: idBytes + sizeBytes) else { return .noData }
            let isData = header.prefix(4).elementsEqual(dataID.utf8)
            guard let size = size(of: header) else { return .sound }
            let (end, overflow) = offset.addingReportingOverflow(header.count + size)
            if overflow { return isData ? .sound : .short(expected: .max) }
            if isData && isPlaceholder(size) { return .sound }
            if end > bytes.size { return .short(expected: end) }
            if isData { return .sound }
            offset = end + (alignment - size % alignment) % alignment
        }
        return .sound
    }

    /// Bytes of the chunk's content, or nil for "unknown" and for what no file holds.
    private func size(of header: [UInt8]) -> Int? {
        let raw: UInt64
        switch (sizeBytes, isBigEndian) {
        case (4, true): raw = UInt64(bigEndian32(header, at: idBytes))
        case (4, false): raw = UInt64(littleEndian32(header, at: idBytes))
        case (_, true): raw = bigEndian64(header, at: idBytes)
        case (_, false): raw = littleEndian64(header, at: idBytes)
        }
        guard raw < 1 << 60 else { return nil }
        return countsHeader ? max(0, Int(raw) - header.count) : Int(raw)
    }

    /// Sizes written by programs that could not know the length.
    private func isPlaceholder(_ size: Int) -> Bool { size == 0 || sizeBytes == 4 && WaveHeader.isPlaceholder(size) }
}

/// Ogg pages (RFC 3533).
enum OggPages {
    static let magic: [UInt8] = Array("OggS".utf8)
    static let headerBytes = 27

    /// Calls `body` with the offset, header (with its segment table) and body length of each page; stops at the first
    /// byte that begins none.
    /// Returns where it stopped, and how long the file would have to be to hold a page that was cut.
    static func forEachPage(
        in bytes: SeekableBytes, _ body: (_ offset: Int, _ header: [UInt8], _ bodyBytes: Int) throws(Errno) -> Void
    ) throws(Errno) -> (end: Int, cutPage: Int?) {
        var offset = 0
        while offset < bytes.size {
            guard let fixed = try bytes.bytes(at: offset, count: headerBytes) else {
                let rest = try bytes.bytes(at: offset, count: min(4, bytes.size - offset)) ?? []
                return (offset, magic.starts(with: rest) ? offset + headerBytes : nil)
            }
            guard fixed.starts(with: magic) else { return (offset, nil) }
            let tableBytes = Int(fixed[26])
            guard let header = try bytes.bytes(at: offset, count: headerBytes + tableBytes) else {
                return (offset, offset + headerBytes + tableBytes)
            }
            let bodyBytes = header[headerBytes...].reduce(0) { $0 + Int($1) }
            let next = offset + header.count + bodyBytes
            guard next <= bytes.size else { return (offset, next) }
            try body(offset, header, bodyBytes)
            offset = next
        }
        return (offset, nil)
    }

    fileprivate static func walk(_ bytes: SeekableBytes) throws(Errno) -> DeclaredExtent.Finding {
        var hasEnd = false
        let result = try forEachPage(in: bytes) { _, header, _ throws(Errno) in hasEnd = hasEnd || header[5] & 0x04 != 0 }
        if let expected = result.cutPage { return .short(expected: expected) }
        return hasEnd ? .sound : .noEnd
    }
}
