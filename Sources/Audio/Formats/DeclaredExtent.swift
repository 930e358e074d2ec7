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
        case .short(let expected): return try short(of: expected, bytes, name: name, isLenient: isLenient)
        }
    }

    /// A file that would have to be `expected` bytes long.
    /// - Throws: `AudioError.truncated` unless `isLenient`, which returns a warning instead.
    static func short(of expected: Int, _ bytes: SeekableBytes, name: String, isLenient: Bool) throws(AudioError) -> [AudioWarning] {
        guard isLenient else { throw .truncated(file: name, expected: expected, found: bytes.size, unit: "bytes") }
        return [.truncated(expected: expected, found: bytes.size, unit: "bytes")]
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
        case "FORM" where ["8SVX", "16SV"].contains(String(decoding: magic[8..<12], as: UTF8.self)):
            self.init(firstChunk: 12, isBigEndian: true, dataID: "BODY")
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
            guard let size = size(of: header) else {
                if isData && dataID == "data" && sizeBytes == 8 && isBigEndian { close(bytes, at: offset) }
                return .sound
            }
            let (end, overflow) = offset.addingReportingOverflow(header.count + size)
            if overflow { return isData ? .sound : .short(expected: .max) }
            if isData && isPlaceholder(size) { return .sound }
            if end > bytes.size { return .short(expected: end) }
            if isData { return .sound }
            offset = end + (alignment - size % alignment) % alignment
        }
        return .sound
    }

    /// Gives the data chunk of a CAF, which may leave its size open by −1, the size that it has in this file. libsndfile refuses it otherwise.
    private func close(_ bytes: SeekableBytes, at offset: Int) {
        let size = UInt64(max(0, bytes.size - offset - idBytes - sizeBytes))
        bytes.overlay = (offset + idBytes, (0..<8).map { UInt8(truncatingIfNeeded: size >> UInt64(56 - 8 * $0)) })
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
