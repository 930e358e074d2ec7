import Checkpoints
import TokenFiles

extension TokenArrays {
    /// The key of the `TokenRecord` in the metadata of a safetensors file.
    private static let recordKey = "codetta"

    /// The arrays as a safetensors file, with the record as text in its metadata.
    /// - Throws: as `arrays()`.
    public func safetensors() throws -> [UInt8] {
        var writer = SafetensorsWriter()
        if let record { writer.metadata[Self.recordKey] = String(decoding: try record.encode(), as: UTF8.self) }
        for array in try arrays() {
            switch array.content {
            case .integers(let values): writer.add(array.name, shape: array.shape, integers: values)
            case .floats(let values): writer.add(array.name, Tensor(shape: array.shape, values: values))
            }
        }
        return writer.serialized()
    }

    /// Reads a safetensors file.
    /// - Throws: `CheckpointError` for a file that breaks the format; `TokenStreamError.foreign` for tensors that are no codes.
    public init(safetensors bytes: [UInt8]) throws {
        let file = "safetensors"
        let length = try SafetensorsHeader.jsonByteCount(prefix: Array(bytes.prefix(8)), fileByteCount: bytes.count, file: file)
        let data = bytes[(8 + length)...]
        let header = try SafetensorsHeader(json: Array(bytes[8..<8 + length]), dataByteCount: data.count, file: file)
        let tensors = Dictionary(uniqueKeysWithValues: header.tensors.map { ($0.name, $0) })
        let record = try header.metadata[Self.recordKey].map { try TokenRecord.decode(Array($0.utf8), format: file) }
        try self.init(record: record, format: file) { name in
            try tensors[name].map { info in
                let range = data.startIndex + info.byteRange.lowerBound..<data.startIndex + info.byteRange.upperBound
                return TokenArray(name: name, shape: info.shape, content: try Self.content(info, data[range]))
            }
        }
    }

    private static func content(_ info: TensorInfo, _ data: ArraySlice<UInt8>) throws -> TokenArray.Content {
        func refusal(_ reason: String) -> TokenStreamError {
            .foreign(format: "safetensors", reason: "\(info.name) \(reason)")
        }
        guard info.shape.allSatisfy({ $0 <= max(data.count, 65_535) }) else { throw refusal("is of shape \(info.shape)") }
        let width = info.dataType.byteWidth
        guard info.dataType == .float32 || (info.dataType.isInteger && info.dataType != .bool) else {
            throw refusal("is \(info.dataType.rawValue), expected integers or F32")
        }
        let words = stride(from: data.startIndex, to: data.endIndex, by: width).map { start in
            (0..<width).reduce(UInt64(0)) { $0 | UInt64(data[start + $1]) << (8 * UInt64($1)) }
        }
        if info.dataType == .float32 { return .floats(words.map { Float(bitPattern: UInt32(truncatingIfNeeded: $0)) }) }
        // A negative number of any width is one too large.
        guard let greatest = words.max() else { return .integers([]) }
        guard greatest <= UInt64(Int32.max), width > 1 || info.dataType == .uint8 || greatest < 128,
            width != 2 || info.dataType == .uint16 || greatest < 32_768
        else { throw refusal("holds what is no code: outside 0..<2147483648") }
        return .integers(words.map { Int32(truncatingIfNeeded: $0) })
    }
}
