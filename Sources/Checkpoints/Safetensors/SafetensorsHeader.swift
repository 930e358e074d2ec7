import Platform

/// What a file says about one tensor.
public struct TensorInfo: Sendable, Equatable {
    /// Name in the file.
    public var name: String
    /// How its elements are stored.
    public var dataType: DataType
    /// Sizes of the dimensions, the slowest first; empty for a scalar.
    public var shape: [Int]
    /// Bytes relative to the start of the data section.
    public var byteRange: Range<Int>

    /// Takes over the values; nothing is checked.
    public init(name: String, dataType: DataType, shape: [Int], byteRange: Range<Int>) {
        self.name = name
        self.dataType = dataType
        self.shape = shape
        self.byteRange = byteRange
    }

    /// Number of elements, the product of `shape`.
    public var elementCount: Int { byteRange.count / dataType.byteWidth }
}

/// The header of a safetensors file: eight bytes of length, then JSON, checked against every rule of the format.
///
/// The tensors tile the data section: no overlap, no hole, nothing before, between or after them.
/// Specification: https://github.com/huggingface/safetensors#format
public struct SafetensorsHeader: Sendable, Equatable {
    /// Longest header that is read.
    public static let maximumByteCount = 100_000_000
    /// Most tensors that a file may have.
    public static let maximumTensorCount = 100_000
    /// Most dimensions that a tensor may have.
    public static let maximumRank = 8

    /// In the order of their data.
    public let tensors: [TensorInfo]
    /// The `__metadata__` strings.
    public let metadata: [String: String]

    /// Length of the JSON, from the first eight bytes of a file of `fileByteCount` bytes.
    /// - Throws: `CheckpointError.invalidHeader` or `.truncated` for a length that cannot be.
    public static func jsonByteCount(prefix: [UInt8], fileByteCount: Int, file: String) throws -> Int {
        guard prefix.count >= 8 else {
            throw CheckpointError.truncated(file: file, expected: 8, found: prefix.count)
        }
        let length = prefix.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        if length < 2 { throw CheckpointError.invalidHeader(file: file, reason: "the header's length is \(length)") }
        if length > UInt64(maximumByteCount) {
            throw CheckpointError.invalidHeader(
                file: file, reason: "the header's length is \(length), at most \(maximumByteCount) is read")
        }
        if Int(length) > fileByteCount - 8 {
            throw CheckpointError.truncated(file: file, expected: Int(length) + 8, found: fileByteCount)
        }
        return Int(length)
    }

    /// - Parameters:
    ///   - json: the header's JSON.
    ///   - dataByteCount: bytes that follow it in the file.
    ///   - file: name for messages.
    /// - Throws: `CheckpointError.invalidHeader`, `.invalidTensor`, `.unknownType` or `.truncated`.
    public init(json: [UInt8], dataByteCount: Int, file: String) throws {
        let document: JSONValue
        do {
            document = try JSONValue(parsing: json, limits: .init(depth: 4))
        } catch let error as JSONError {
            throw CheckpointError.invalidHeader(file: file, reason: "header \(error)")
        }
        guard case .object(var members) = document else {
            throw CheckpointError.invalidHeader(file: file, reason: "the header is \(document.kindName), not an object")
        }
        metadata = try Self.metadata(members.removeValue(forKey: "__metadata__"), file: file)
        if members.count > Self.maximumTensorCount {
            throw CheckpointError.invalidHeader(
                file: file, reason: "\(members.count) tensors, at most \(Self.maximumTensorCount) are read")
        }
        tensors = try members.map { try Self.tensor($0.key, $0.value, file: file) }.sorted {
            ($0.byteRange.lowerBound, $0.byteRange.upperBound, $0.name)
                < ($1.byteRange.lowerBound, $1.byteRange.upperBound, $1.name)
        }
        try Self.checkTiling(tensors, dataByteCount: dataByteCount, file: file)
    }

    private static func metadata(_ value: JSONValue?, file: String) throws -> [String: String] {
        guard let value else { return [:] }
        guard case .object(let members) = value else {
            throw CheckpointError.invalidHeader(file: file, reason: "__metadata__ is \(value.kindName), not an object")
        }
        return try Dictionary(uniqueKeysWithValues: members.map { key, value in
            guard case .string(let text) = value else {
                throw CheckpointError.invalidHeader(
                    file: file, reason: "__metadata__ \"\(key)\" is \(value.kindName), not a string")
            }
            return (key, text)
        })
    }

    private static func tensor(_ name: String, _ value: JSONValue, file: String) throws -> TensorInfo {
        func invalid(_ reason: String) -> CheckpointError { .invalidTensor(file: file, tensor: name, reason: reason) }

        guard case .object(let fields) = value else { throw invalid("its entry is \(value.kindName), not an object") }
        guard case .string(let typeName)? = fields["dtype"] else { throw invalid("dtype is missing or not a string") }
        guard let dataType = DataType(rawValue: typeName) else {
            throw CheckpointError.unknownType(file: file, tensor: name, type: typeName)
        }
        guard let shape = integers(fields["shape"]) else { throw invalid("shape is not a list of integers") }
        if shape.count > maximumRank { throw invalid("rank \(shape.count), at most \(maximumRank) is read") }
        guard let offsets = integers(fields["data_offsets"]), offsets.count == 2 else {
            throw invalid("data_offsets is not a pair of integers")
        }
        guard 0 <= offsets[0], offsets[0] <= offsets[1] else { throw invalid("data_offsets \(offsets) are reversed or negative") }
        let byteCount: Int
        do {
            byteCount = try dataType.byteWidth
                * CheckedSize.elements(shape, bytesPerElement: dataType.byteWidth, budget: Int.max)
        } catch {
            throw invalid("\(error)")
        }
        if byteCount != offsets[1] - offsets[0] {
            throw invalid("\(typeName) \(shape) takes \(byteCount) bytes, data_offsets hold \(offsets[1] - offsets[0])")
        }
        return TensorInfo(name: name, dataType: dataType, shape: shape, byteRange: offsets[0]..<offsets[1])
    }

    private static func integers(_ value: JSONValue?) -> [Int]? {
        guard case .array(let elements)? = value else { return nil }
        var result: [Int] = []
        for element in elements {
            guard case .integer(let integer) = element else { return nil }
            result.append(integer)
        }
        return result
    }

    private static func checkTiling(_ tensors: [TensorInfo], dataByteCount: Int, file: String) throws {
        var end = 0
        for tensor in tensors {
            let start = tensor.byteRange.lowerBound
            if start != end {
                let what = start < end ? "overlaps the tensor before it" : "leaves a hole before it"
                throw CheckpointError.invalidTensor(
                    file: file, tensor: tensor.name, reason: "\(what): starts at \(start), not \(end)")
            }
            end = tensor.byteRange.upperBound
        }
        if end > dataByteCount { throw CheckpointError.truncated(file: file, expected: end, found: dataByteCount) }
        if end < dataByteCount {
            throw CheckpointError.invalidHeader(
                file: file, reason: "\(dataByteCount - end) bytes after the last tensor")
        }
    }
}
