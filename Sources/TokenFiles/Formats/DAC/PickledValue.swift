import Platform

/// A value in a pickle, as far as NumPy's arrays and plain dictionaries need. Nothing of it is ever run.
indirect enum PickledValue {
    case none
    case bool(Bool)
    case int(Int)
    case float(Double)
    case text(String)
    case bytes(ArraySlice<UInt8>)
    case tuple([PickledValue])
    case list([PickledValue])
    case dict([(key: PickledValue, value: PickledValue)])
    /// A module and a name in it.
    case global(String)
    case object(PickledObject)
}

/// A call that a pickle asks for: its function, its arguments and the state that is then set. A reader looks at them and makes
/// of them what it knows; it does not call.
final class PickledObject {
    let function: String
    let arguments: [PickledValue]
    var state: PickledValue?

    init(function: String, arguments: [PickledValue]) {
        self.function = function
        self.arguments = arguments
    }
}

/// Reads a pickle of protocol 2 to 4 into values, with the opcodes that `numpy.save` uses and no others.
struct PickleReader {
    private var rest: ArraySlice<UInt8>
    private var stack: [PickledValue] = []
    private var marks: [Int] = []
    private var memo: [Int: PickledValue] = [:]

    /// Many more than any file of ours has: bounds the time, the memory and how deep values nest.
    private static let operationLimit = 1000

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    /// The value; the pickle must be the rest of the file.
    mutating func read() throws(TokenStreamError) -> PickledValue {
        for _ in 0..<Self.operationLimit {
            let operation = try byte()
            if operation == UInt8(ascii: ".") {
                guard stack.count == 1, marks.isEmpty, let value = stack.first else { throw refuse("it does not end with one value") }
                guard rest.isEmpty else { throw refuse("\(rest.count) byte(s) follow it") }
                return value
            }
            try perform(operation)
        }
        throw refuse("it has more than \(Self.operationLimit) operations")
    }

    private func refuse(_ reason: String) -> TokenStreamError {
        .foreign(format: "dac", reason: "the pickle inside is not as descript-audio-codec writes it: \(reason)")
    }

    private mutating func perform(_ operation: UInt8) throws(TokenStreamError) {
        if try performLiteral(operation) { return }
        switch operation {
        case UInt8(ascii: "("): marks.append(stack.count)
        case UInt8(ascii: "t"): stack.append(.tuple(try popToMark()))
        case UInt8(ascii: ")"): stack.append(.tuple([]))
        case 0x85...0x87: stack.append(.tuple(try pop(count: Int(operation) - 0x84)))
        case UInt8(ascii: "]"): stack.append(.list([]))
        case UInt8(ascii: "a"): try extend(with: try pop(count: 1))
        case UInt8(ascii: "e"): try extend(with: try popToMark())
        case UInt8(ascii: "}"): stack.append(.dict([]))
        case UInt8(ascii: "s"): try insert(try pop(count: 2))
        case UInt8(ascii: "u"): try insert(try popToMark())
        case UInt8(ascii: "q"): try remember(Int(try byte()))
        case UInt8(ascii: "r"): try remember(try size(4))
        case 0x94: try remember(memo.count)
        case UInt8(ascii: "h"): try recall(Int(try byte()))
        case UInt8(ascii: "j"): try recall(try size(4))
        case UInt8(ascii: "c"): stack.append(.global(try line() + "." + line()))
        case 0x93:
            let names = try pop(count: 2)
            guard case (.text(let module), .text(let name)) = (names[0], names[1]) else { throw refuse("a name is no text") }
            stack.append(.global(module + "." + name))
        case UInt8(ascii: "R"):
            let call = try pop(count: 2)
            guard case (.global(let function), .tuple(let arguments)) = (call[0], call[1]) else { throw refuse("a call of no function") }
            stack.append(.object(PickledObject(function: function, arguments: arguments)))
        case UInt8(ascii: "b"):
            let state = try pop(count: 1)[0]
            guard case .object(let object) = stack.last, object.state == nil else { throw refuse("a state without its object") }
            object.state = state
        default: throw refuse("operation 0x\(hexadecimal(operation)) is not known here")
        }
    }

    /// Operations that put a value of the pickle itself on the stack, or nothing.
    private mutating func performLiteral(_ operation: UInt8) throws(TokenStreamError) -> Bool {
        switch operation {
        case 0x80:
            let version = try byte()
            guard (2...4).contains(version) else { throw refuse("protocol \(version), expected 2 to 4") }
        case 0x95: _ = try take(8)
        case UInt8(ascii: "N"): stack.append(.none)
        case 0x88: stack.append(.bool(true))
        case 0x89: stack.append(.bool(false))
        case UInt8(ascii: "K"): stack.append(.int(Int(try byte())))
        case UInt8(ascii: "M"): stack.append(.int(try size(2)))
        case UInt8(ascii: "J"): stack.append(.int(Int(Int32(truncatingIfNeeded: try size(4)))))
        case 0x8A: stack.append(.int(try longInteger(count: Int(try byte()))))
        case UInt8(ascii: "G"):
            let bits = try take(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            stack.append(.float(Double(bitPattern: bits)))
        case UInt8(ascii: "X"): stack.append(.text(try text(try size(4))))
        case 0x8C: stack.append(.text(try text(Int(try byte()))))
        case UInt8(ascii: "B"): stack.append(.bytes(try take(try size(4))))
        case UInt8(ascii: "C"): stack.append(.bytes(try take(Int(try byte()))))
        case 0x8E: stack.append(.bytes(try take(try size(8))))
        default: return false
        }
        return true
    }

    // MARK: The stack

    private mutating func pop(count: Int) throws(TokenStreamError) -> [PickledValue] {
        guard stack.count - count >= marks.last ?? 0 else { throw refuse("a value is missing") }
        let values = Array(stack.suffix(count))
        stack.removeLast(count)
        return values
    }

    private mutating func popToMark() throws(TokenStreamError) -> [PickledValue] {
        guard let mark = marks.popLast() else { throw refuse("a mark is missing") }
        let values = Array(stack[mark...])
        stack.removeLast(values.count)
        return values
    }

    private mutating func extend(with values: [PickledValue]) throws(TokenStreamError) {
        guard case .list(let list) = stack.popLast() else { throw refuse("an item without its list") }
        stack.append(.list(list + values))
    }

    private mutating func insert(_ items: [PickledValue]) throws(TokenStreamError) {
        guard items.count % 2 == 0, case .dict(var entries) = stack.popLast() else { throw refuse("an item without its dict") }
        for i in stride(from: 0, to: items.count, by: 2) { entries.append((items[i], items[i + 1])) }
        stack.append(.dict(entries))
    }

    private mutating func remember(_ index: Int) throws(TokenStreamError) {
        guard let value = stack.last else { throw refuse("a value is missing") }
        memo[index] = value
    }

    private mutating func recall(_ index: Int) throws(TokenStreamError) {
        guard let value = memo[index] else { throw refuse("memo \(index) is empty") }
        stack.append(value)
    }

    // MARK: Bytes

    private mutating func take(_ count: Int) throws(TokenStreamError) -> ArraySlice<UInt8> {
        guard count >= 0, count <= rest.count else { throw refuse("it ends too early") }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    private mutating func byte() throws(TokenStreamError) -> UInt8 {
        guard let byte = rest.popFirst() else { throw refuse("it ends too early") }
        return byte
    }

    /// `count` ≤ 8 bytes, little endian; what does not fit is larger than any file.
    private mutating func size(_ count: Int) throws(TokenStreamError) -> Int {
        Int(clamping: try take(count).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    }

    /// `count` bytes in two's complement.
    private mutating func longInteger(count: Int) throws(TokenStreamError) -> Int {
        guard count <= 8 else { throw refuse("an integer of \(count) bytes") }
        let bytes = try take(count)
        let fill: UInt64 = bytes.last.map { $0 >> 7 == 1 } ?? false ? .max : 0
        return Int(bitPattern: UInt(bytes.reversed().reduce(fill) { $0 << 8 | UInt64($1) }))
    }

    private mutating func text(_ count: Int) throws(TokenStreamError) -> String {
        let bytes = try take(count)
        let text = String(decoding: bytes, as: UTF8.self)
        guard text.utf8.elementsEqual(bytes) else { throw refuse("a text is not UTF-8") }
        return text
    }

    private mutating func line() throws(TokenStreamError) -> String {
        let line = rest.prefix { $0 != 0x0A }
        guard line.count < rest.count, line.count < 256 else { throw refuse("a name does not end") }
        rest = rest.dropFirst(line.count + 1)
        return String(decoding: line, as: UTF8.self)
    }
}
