/// Builds a safetensors file in memory.
///
/// The same tensors always give the same bytes: the header's keys are sorted, the data lies in order of falling
/// element width and then by name, so that every tensor is aligned to its element.
public struct SafetensorsWriter: Sendable {
    /// Strings for the header's `__metadata__`.
    public var metadata: [String: String]
    private var entries: [String: (dataType: DataType, shape: [Int], bytes: [UInt8])] = [:]

    /// A file without tensors yet.
    public init(metadata: [String: String] = [:]) { self.metadata = metadata }

    /// Adds or replaces a Float32 tensor.
    public mutating func add(_ name: String, _ tensor: Tensor) {
        let bytes = littleEndianBytes(tensor.values.map(\.bitPattern))
        entries[name] = (.float32, tensor.shape, bytes)
    }

    /// Adds or replaces an integer tensor, stored as wide as `Element` is.
    public mutating func add<Element: StorableInteger>(_ name: String, shape: [Int], integers: [Element]) {
        precondition(integers.count == shape.reduce(1, *), "values do not fill the shape")
        entries[name] = (Element.dataType, shape, littleEndianBytes(integers))
    }

    /// The file.
    public func serialized() -> [UInt8] {
        let order = entries.sorted { ($1.value.dataType.byteWidth, $0.key) < ($0.value.dataType.byteWidth, $1.key) }
        var ranges: [String: Range<Int>] = [:]
        var end = 0
        for (name, entry) in order {
            ranges[name] = end..<(end + entry.bytes.count)
            end += entry.bytes.count
        }
        var header = Array(headerText(ranges).utf8)
        header.append(contentsOf: repeatElement(UInt8(ascii: " "), count: -header.count & 7))
        var file: [UInt8] = []
        file.reserveCapacity(8 + header.count + end)
        file += littleEndianBytes([UInt64(header.count)])
        file += header
        for (_, entry) in order { file += entry.bytes }
        return file
    }

    private func headerText(_ ranges: [String: Range<Int>]) -> String {
        var members: [String] = []
        if !metadata.isEmpty {
            let strings = metadata.sorted { $0.key < $1.key }.map { "\(quoted($0.key)):\(quoted($0.value))" }
            members.append("\"__metadata__\":{\(strings.joined(separator: ","))}")
        }
        for (name, entry) in entries.sorted(by: { $0.key < $1.key }) {
            guard let range = ranges[name] else { continue }
            let shape = entry.shape.map(String.init).joined(separator: ",")
            members.append(
                "\(quoted(name)):{\"dtype\":\"\(entry.dataType.rawValue)\",\"shape\":[\(shape)],"
                    + "\"data_offsets\":[\(range.lowerBound),\(range.upperBound)]}")
        }
        return "{\(members.joined(separator: ","))}"
    }
}

/// Integer types that a safetensors file can hold.
public protocol StorableInteger: FixedWidthInteger, Sendable {
    /// The format's type of the same width and sign.
    static var dataType: DataType { get }
}

extension UInt8: StorableInteger { public static var dataType: DataType { .uint8 } }
extension UInt16: StorableInteger { public static var dataType: DataType { .uint16 } }
extension Int16: StorableInteger { public static var dataType: DataType { .int16 } }
extension Int32: StorableInteger { public static var dataType: DataType { .int32 } }
extension Int64: StorableInteger { public static var dataType: DataType { .int64 } }

private func littleEndianBytes<Element: FixedWidthInteger>(_ values: [Element]) -> [UInt8] {
    values.map(\.littleEndian).withUnsafeBytes { Array($0) }
}

/// `text` as a JSON string.
private func quoted(_ text: String) -> String { String(decoding: JSONText.quoted(text), as: UTF8.self) }
