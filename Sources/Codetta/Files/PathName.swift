import Platform

/// A file name as the system knows it: bytes that need not be UTF-8.
///
/// Prints as readable text: bytes that are not UTF-8, control characters, marks that turn the direction of text and backslashes appear as
/// `\xNN`, so that a hostile name cannot steer a terminal, and no two names print alike.
public struct PathName: Hashable, Sendable, CustomStringConvertible {
    /// The name's bytes, without the terminating zero.
    public let bytes: [UInt8]

    /// The path of these bytes, up to the first zero.
    public init(bytes: some Sequence<UInt8>) { self.bytes = Array(bytes.prefix { $0 != 0 }) }

    /// The path of these bytes, up to the first zero.
    public init(_ text: String) { self.init(bytes: text.utf8) }

    /// `-`, which stands for the standard input or output.
    public static let standardStream = PathName("-")

    /// Whether it stands for the standard input or output.
    public var isStandardStream: Bool { self == .standardStream }

    /// The path as text that no other path has; see above.
    public var description: String {
        var text = ""
        var rest = bytes[...]
        while let first = rest.first {
            let length = Self.sequenceLength(rest)
            if length > 0, let piece = String(validating: rest.prefix(length), as: UTF8.self), Self.isPlain(piece) {
                text += piece
                rest = rest.dropFirst(length)
            } else {
                text += "\\x" + hexadecimal(first).uppercased()
                rest = rest.dropFirst()
            }
        }
        return text
    }

    /// The path that `description` prints so: bytes stand for each `\xNN`.
    public init(printed text: String) {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let first = rest.first {
            if rest.starts(with: Array("\\x".utf8)), rest.count >= 4,
                let byte = UInt8(String(decoding: rest.dropFirst(2).prefix(2), as: UTF8.self), radix: 16) {
                bytes.append(byte)
                rest = rest.dropFirst(4)
            } else {
                bytes.append(first)
                rest = rest.dropFirst()
            }
        }
        self.init(bytes: bytes)
    }

    /// The path as documents hold it: exactly, where it is UTF-8, and else as it prints after the mark `escaped:`. A path that begins with
    /// the mark itself gets another one, so that no two paths have the same text.
    public var documentText: String {
        guard let text, !text.hasPrefix(Self.mark) else { return Self.mark + description }
        return text
    }

    /// The path that `documentText` stands for.
    public init(documentText text: String) {
        if text.hasPrefix(Self.mark) {
            self.init(printed: String(text.dropFirst(Self.mark.count)))
        } else {
            self.init(text)
        }
    }

    private static let mark = "escaped:"

    /// The name as text, nil when it is not UTF-8.
    public var text: String? { String(validating: bytes, as: UTF8.self) }

    /// Length of the well-formed UTF-8 sequence at the front of `bytes`, 0 when there is none.
    static func sequenceLength(_ bytes: ArraySlice<UInt8>) -> Int {
        guard let first = bytes.first else { return 0 }
        let length = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 0
        guard length > 0, bytes.count >= length,
            String(validating: bytes.prefix(length), as: UTF8.self) != nil
        else { return 0 }
        return length
    }

    private static func isPlain(_ piece: String) -> Bool { !piece.unicodeScalars.contains { $0.isObeyed || $0 == "\\" } }
}

// MARK: Parts

extension PathName {
    private static let slash = UInt8(ascii: "/")
    private static let dot = UInt8(ascii: ".")

    private var trimmed: ArraySlice<UInt8> {
        var rest = bytes[...]
        while rest.count > 1, rest.last == Self.slash { rest.removeLast() }
        return rest
    }

    /// Whether it ends in a slash, so that it must be a folder.
    public var hasTrailingSlash: Bool { bytes.last == Self.slash }

    /// What follows the last slash.
    public var lastComponent: PathName {
        let path = trimmed
        guard let slash = path.lastIndex(of: Self.slash), path.count > 1 else { return PathName(bytes: path) }
        return PathName(bytes: path[(slash + 1)...])
    }

    /// The folder that holds the file: `.` for a bare name.
    public var parent: PathName {
        let path = trimmed
        guard let slash = path.lastIndex(of: Self.slash) else { return PathName(".") }
        return slash == path.startIndex ? PathName("/") : PathName(bytes: path[..<slash])
    }

    /// Whether the last component starts with a dot.
    public var isHidden: Bool { lastComponent.bytes.first == Self.dot }

    /// Lower-case text after the last dot of the last component, empty when there is none.
    public var fileExtension: String {
        guard let start = extensionStart else { return "" }
        return PathName(bytes: bytes[start...]).description.lowercased()
    }

    /// The name with `suffix` in place of its extension: `a.wav` → `a.codetta`; a name without one gets it.
    public func replacingExtension(with suffix: String) -> PathName {
        let stem = extensionStart.map { bytes[..<($0 - 1)] } ?? trimmed
        return PathName(bytes: stem + [Self.dot] + suffix.utf8)
    }

    /// The name with `suffix` behind its extension: `a.wav` → `a.wav.codetta`.
    public func addingExtension(_ suffix: String) -> PathName { PathName(bytes: trimmed + [Self.dot] + suffix.utf8) }

    /// The name with `text` before its extension: `a.wav` → `a-2.wav`.
    public func insertingBeforeExtension(_ text: String) -> PathName {
        let end = extensionStart.map { $0 - 1 } ?? trimmed.endIndex
        return PathName(bytes: bytes[..<end] + Array(text.utf8) + bytes[end...])
    }

    /// `self/component`.
    public func appending(_ component: PathName) -> PathName {
        if bytes.isEmpty { return component }
        return PathName(bytes: bytes + (hasTrailingSlash ? [] : [Self.slash]) + component.bytes)
    }

    /// Index of the extension's first byte. A leading dot of a hidden file is not an extension's.
    private var extensionStart: Int? {
        guard let dot = bytes.lastIndex(of: Self.dot), dot + 1 < bytes.count, dot > bytes.startIndex,
            !bytes[dot...].contains(Self.slash), bytes[dot - 1] != Self.slash
        else { return nil }
        return dot + 1
    }

    /// The path for calls of the system. Unlike this name it has no slash at its end, and prints bytes that are not UTF-8 as `\u{FFFD}`.
    package var filePath: FilePath { FilePath(bytes: bytes) }
}
