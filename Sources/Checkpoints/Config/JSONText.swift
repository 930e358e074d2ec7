/// Writes values as JSON: no white space, keys in the order of their bytes, slashes as they are. The same value always gives the
/// same bytes.
package enum JSONText {
    /// - Throws: `EncodingError.invalidValue` for a number that is not finite, and what the value's own `encode(to:)` throws.
    package static func encode(_ value: some Encodable) throws -> [UInt8] {
        let node = Node()
        try node.set(value, path: [])
        var bytes: [UInt8] = []
        node.write(to: &bytes)
        return bytes
    }

    /// `text` between quotation marks, what JSON does not allow there escaped.
    package static func quoted(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = [UInt8(ascii: "\"")]
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case 0x08: bytes += "\\b".utf8
            case 0x0C: bytes += "\\f".utf8
            case 0x0A: bytes += "\\n".utf8
            case 0x0D: bytes += "\\r".utf8
            case 0x09: bytes += "\\t".utf8
            case 0..<0x20: bytes += "\\u00\(byte < 16 ? "0" : "")\(String(byte, radix: 16))".utf8
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
        return bytes
    }

    /// A value on its way into text. A class, since containers are filled after they were handed out.
    fileprivate final class Node {
        private enum Content {
            case scalar([UInt8])
            case array([Node])
            case object([String: Node])
        }

        private var content = Content.object([:])

        func set(_ value: some Encodable, path: [any CodingKey]) throws {
            guard let scalar = value as? any JSONScalar else { return try value.encode(to: TextEncoder(node: self, codingPath: path)) }
            guard let text = scalar.json else {
                throw EncodingError.invalidValue(
                    value, .init(codingPath: path, debugDescription: "JSON has no number for \(value)"))
            }
            content = .scalar(text)
        }

        func setNil() { content = .scalar(Array("null".utf8)) }

        func makeObject() {
            if case .object = content { return }
            content = .object([:])
        }

        func makeArray() {
            if case .array = content { return }
            content = .array([])
        }

        func member(_ key: String) -> Node {
            let node = Node()
            if case .object(var members) = content {
                content = .object([:])
                members[key] = node
                content = .object(members)
            }
            return node
        }

        func element() -> Node {
            let node = Node()
            if case .array(var elements) = content {
                content = .array([])
                elements.append(node)
                content = .array(elements)
            }
            return node
        }

        var count: Int {
            if case .array(let elements) = content { return elements.count }
            return 0
        }

        func write(to bytes: inout [UInt8]) {
            switch content {
            case .scalar(let text): bytes += text
            case .array(let elements):
                bytes.append(UInt8(ascii: "["))
                for (index, element) in elements.enumerated() {
                    if index > 0 { bytes.append(UInt8(ascii: ",")) }
                    element.write(to: &bytes)
                }
                bytes.append(UInt8(ascii: "]"))
            case .object(let members):
                bytes.append(UInt8(ascii: "{"))
                let sorted = members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
                for (index, member) in sorted.enumerated() {
                    if index > 0 { bytes.append(UInt8(ascii: ",")) }
                    bytes += JSONText.quoted(member.key)
                    bytes.append(UInt8(ascii: ":"))
                    member.value.write(to: &bytes)
                }
                bytes.append(UInt8(ascii: "}"))
            }
        }
    }
}

private struct TextEncoder: Encoder, SingleValueEncodingContainer {
    let node: JSONText.Node
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        node.makeObject()
        return KeyedEncodingContainer(Members<Key>(node: node, codingPath: codingPath))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        node.makeArray()
        return Elements(node: node, codingPath: codingPath)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { self }
    func encodeNil() { node.setNil() }
    func encode<T: Encodable>(_ value: T) throws { try node.set(value, path: codingPath) }
}

private struct Members<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let node: JSONText.Node
    let codingPath: [any CodingKey]

    func encodeNil(forKey key: Key) { node.member(key.stringValue).setNil() }

    func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
        try node.member(key.stringValue).set(value, path: codingPath + [key])
    }

    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type, forKey key: Key) -> KeyedEncodingContainer<Nested> {
        encoder(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer { encoder(key).unkeyedContainer() }
    func superEncoder() -> any Encoder { TextEncoder(node: node, codingPath: codingPath) }
    func superEncoder(forKey key: Key) -> any Encoder { encoder(key) }

    private func encoder(_ key: Key) -> TextEncoder {
        TextEncoder(node: node.member(key.stringValue), codingPath: codingPath + [key])
    }
}

private struct Elements: UnkeyedEncodingContainer {
    let node: JSONText.Node
    let codingPath: [any CodingKey]

    var count: Int { node.count }
    func encodeNil() { node.element().setNil() }
    func encode<T: Encodable>(_ value: T) throws { try node.element().set(value, path: codingPath) }

    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
        encoder().container(keyedBy: type)
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { encoder().unkeyedContainer() }
    func superEncoder() -> any Encoder { encoder() }

    private func encoder() -> TextEncoder { TextEncoder(node: node.element(), codingPath: codingPath) }
}

/// A type whose values JSON holds as they are.
private protocol JSONScalar {
    /// Nil for a number that JSON does not know.
    var json: [UInt8]? { get }
}

extension Bool: JSONScalar {
    fileprivate var json: [UInt8]? { Array((self ? "true" : "false").utf8) }
}

extension String: JSONScalar {
    fileprivate var json: [UInt8]? { JSONText.quoted(self) }
}

extension JSONScalar where Self: FixedWidthInteger {
    fileprivate var json: [UInt8]? { Array(String(self).utf8) }
}

extension JSONScalar where Self: BinaryFloatingPoint & CustomStringConvertible {
    /// The shortest digits that give the number back, a whole one without a point.
    fileprivate var json: [UInt8]? {
        guard isFinite else { return nil }
        let text = description
        return Array((text.hasSuffix(".0") ? String(text.dropLast(2)) : text).utf8)
    }
}

extension Double: JSONScalar {}
extension Float: JSONScalar {}
extension Int: JSONScalar {}
extension Int8: JSONScalar {}
extension Int16: JSONScalar {}
extension Int32: JSONScalar {}
extension Int64: JSONScalar {}
extension UInt: JSONScalar {}
extension UInt8: JSONScalar {}
extension UInt16: JSONScalar {}
extension UInt32: JSONScalar {}
extension UInt64: JSONScalar {}
