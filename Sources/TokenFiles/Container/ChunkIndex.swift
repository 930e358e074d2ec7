/// Where chunks start, for seeking: offsets of the first byte of chunks.
struct ChunkIndex: Equatable {
    private var places = SparseIndex<UInt64>()

    init() {}

    /// Chunks from one offset to the next.
    var spacing: Int { places.spacing }
    var offsets: [UInt64] { places.entries }

    /// Adds the next chunk, which starts at byte `offset`.
    mutating func add(offset: Int) { places.add(UInt64(offset)) }

    /// The payload of the INDX section.
    var payload: [UInt8] {
        var fields = FieldWriter()
        fields.put(UInt32(spacing))
        fields.put(UInt32(offsets.count))
        for offset in offsets { fields.put(offset) }
        return fields.bytes
    }

    /// Reads and checks the index of a file of `chunkCount` chunks whose index starts at byte `offset`.
    init(_ payload: [UInt8], chunkCount: Int, offset: Int) throws(TokenStreamError) {
        func refuse(_ field: String, _ found: some CustomStringConvertible, _ expected: String) -> TokenStreamError {
            .invalidField(part: "index", field: field, found: found.description, expected: expected, offset: offset)
        }
        var canonical = 1
        while (chunkCount + canonical - 1) / canonical > FormatLimits.indexEntries { canonical *= 2 }
        var fields = FieldReader(payload, part: "index", offset: offset)
        let spacing = Int(try fields.take(UInt32.self))
        guard spacing == canonical else { throw refuse("spacing", spacing, "\(canonical)") }
        let count = Int(try fields.take(UInt32.self))
        let expected = (chunkCount + spacing - 1) / spacing
        guard count == expected else { throw refuse("entry count", count, "\(expected)") }
        guard fields.remaining == 8 * count else { throw refuse("length", payload.count, "\(8 + 8 * count)") }
        var offsets: [UInt64] = []
        for _ in 0..<count {
            let entry = try fields.take(UInt64.self)
            guard entry > offsets.last ?? 0, entry < UInt64(offset) else {
                throw refuse("entry \(offsets.count)", entry, "increasing offsets before the index")
            }
            offsets.append(entry)
        }
        places = SparseIndex(spacing: spacing, entries: offsets, count: chunkCount)
    }
}
