/// A ZIP archive whose members are stored as they are (PKWARE's APPNOTE, method 0), as `numpy.savez` writes it. In memory.
enum StoredZip {
    /// Members in order.
    static func encode(_ members: [(name: String, bytes: [UInt8])]) throws(TokenStreamError) -> [UInt8] {
        var file = FieldWriter()
        var directory = FieldWriter()
        for (name, bytes) in members {
            guard file.bytes.count + bytes.count < Int(UInt32.max) - (1 << 20) else {
                throw refusal("would be longer than 4 GiB; write .codetta instead")
            }
            let start = UInt32(file.bytes.count)
            file.put(localSignature)
            putCommon(&file, name, bytes)
            file.put(bytes: name.utf8)
            file.put(bytes: bytes)
            directory.put(memberSignature)
            directory.put(UInt16(version))
            putCommon(&directory, name, bytes)
            // No comment, disk 0, no attributes.
            directory.put(bytes: [UInt8](repeating: 0, count: 10))
            directory.put(start)
            directory.put(bytes: name.utf8)
        }
        let start = UInt32(file.bytes.count)
        file.put(bytes: directory.bytes)
        file.put(endSignature)
        file.put(UInt32(0))
        file.put(UInt16(members.count))
        file.put(UInt16(members.count))
        file.put(UInt32(directory.bytes.count))
        file.put(start)
        file.put(UInt16(0))
        return file.bytes
    }

    /// Version to extract, flags, method, time and date, checksum, sizes and lengths of the name and of no extra field.
    private static func putCommon(_ fields: inout FieldWriter, _ name: String, _ bytes: [UInt8]) {
        fields.put(UInt16(version))
        fields.put(UInt32(0))
        // Midnight of 1 January 1980: the same codes give the same file at any time.
        fields.put(UInt16(0))
        fields.put(UInt16(1 << 5 | 1))
        fields.put(CRC32.checksum(bytes))
        fields.put(UInt32(bytes.count))
        fields.put(UInt32(bytes.count))
        fields.put(UInt16(name.utf8.count))
        fields.put(UInt16(0))
    }

    private static let version = 20
    private static let localSignature: UInt32 = 0x0403_4B50
    private static let memberSignature: UInt32 = 0x0201_4B50
    private static let endSignature: UInt32 = 0x0605_4B50
    private static let memberLimit = 4096
    private static let endLength = 22

    private static func refusal(_ reason: String) -> TokenStreamError { .foreign(format: "npz", reason: reason) }

    /// The members by their names, checked against their checksums.
    /// - Throws: `TokenStreamError.foreign` for other files, damage and archives that are compressed or encrypted.
    static func decode(_ bytes: [UInt8]) throws(TokenStreamError) -> [String: ArraySlice<UInt8>] {
        let end = try endRecord(bytes)
        var fields = FieldReader(bytes[end.directory], part: "npz directory", offset: end.directory.lowerBound)
        var members: [String: ArraySlice<UInt8>] = [:]
        for _ in 0..<end.count {
            guard try fields.take(UInt32.self) == memberSignature else { throw refusal("the directory is damaged") }
            _ = try fields.take(bytes: 4)
            let flags = try fields.take(UInt16.self)
            let method = try fields.take(UInt16.self)
            _ = try fields.take(UInt32.self)
            let checksum = try fields.take(UInt32.self)
            let stored = Int(try fields.take(UInt32.self))
            let size = Int(try fields.take(UInt32.self))
            let lengths = (Int(try fields.take(UInt16.self)), Int(try fields.take(UInt16.self)), Int(try fields.take(UInt16.self)))
            _ = try fields.take(bytes: 8)
            let start = Int(try fields.take(UInt32.self))
            let name = String(decoding: try fields.take(bytes: lengths.0), as: UTF8.self)
            _ = try fields.take(bytes: lengths.1 + lengths.2)
            let shown = "\"\(name.prefix(64).filter { !$0.isNewline })\""
            guard flags & 1 == 0, method == 0, stored == size else {
                throw refusal("\(shown) is compressed or encrypted; save with numpy.savez, not savez_compressed")
            }
            let content = try content(bytes, at: start, size: size, before: end.directory.lowerBound, shown)
            guard CRC32.checksum(content) == checksum else { throw refusal("\(shown) is damaged (CRC-32 mismatch)") }
            guard members.updateValue(content, forKey: name) == nil else { throw refusal("\(shown) is there twice") }
        }
        try fields.finish()
        return members
    }

    private static func endRecord(_ bytes: [UInt8]) throws(TokenStreamError) -> (directory: Range<Int>, count: Int) {
        // A comment may follow the record; none of ours or of NumPy's has one.
        let place = bytes.count - endLength
        guard place >= 0 else { throw refusal("truncated, \(bytes.count) bytes are no archive") }
        var fields = FieldReader(bytes[place...], part: "npz end record", offset: place)
        let signature = try fields.take(UInt32.self)
        _ = try fields.take(bytes: 6)
        let count = Int(try fields.take(UInt16.self))
        let length = Int(try fields.take(UInt32.self))
        let start = Int(try fields.take(UInt32.self))
        guard signature == endSignature else { throw refusal("truncated, or something follows the archive") }
        guard count <= memberLimit, start + length == place else { throw refusal("the directory is damaged, or of more than 4096 files") }
        return (start..<place, count)
    }

    private static func content(
        _ bytes: [UInt8], at start: Int, size: Int, before limit: Int, _ shown: String
    ) throws(TokenStreamError) -> ArraySlice<UInt8> {
        let headerLength = 30
        guard start + headerLength <= limit else { throw refusal("\(shown) lies outside the archive") }
        var fields = FieldReader(bytes[start..<start + headerLength], part: "npz member", offset: start)
        guard try fields.take(UInt32.self) == localSignature else { throw refusal("the header of \(shown) is damaged") }
        _ = try fields.take(bytes: 22)
        let begin = start + headerLength + Int(try fields.take(UInt16.self)) + Int(try fields.take(UInt16.self))
        guard begin + size <= limit else { throw refusal("\(shown) lies outside the archive") }
        return bytes[begin..<begin + size]
    }
}

/// The cyclic redundancy check of ZIP: polynomial 0x04C11DB7, reflected, initial value and final exclusive-or 0xFFFFFFFF.
enum CRC32 {
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { crc, _ in crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
    }

    static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
        ~bytes.reduce(UInt32.max) { $0 >> 8 ^ table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] }
    }
}
