import Platform

/// Paths as text, and questions about them.
enum Paths {
    static func join(_ directory: String, _ name: String) -> String {
        directory.hasSuffix("/") ? directory + name : directory + "/" + name
    }

    /// The part after the last slash, trailing slashes aside.
    static func lastComponent(_ path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }

    /// The part before the last slash, or nil at the root.
    static func parent(_ path: String) -> String? {
        guard path != "/", let slash = path.lastIndex(of: "/") else { return nil }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The path without `.`, doubled slashes and a slash at its end.
    static func standardized(_ path: String) -> String {
        (path.hasPrefix("/") ? "/" : "") + path.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
    }

    /// The parts of `text` between occurrences of `separator`.
    static func split(_ text: Substring, at separator: String) -> [String] {
        var (parts, start, place) = ([String](), text.startIndex, text.startIndex)
        while place < text.endIndex {
            if text[place...].hasPrefix(separator) {
                parts.append(String(text[start..<place]))
                place = text.index(place, offsetBy: separator.count)
                start = place
            } else {
                text.formIndex(after: &place)
            }
        }
        return parts + [String(text[start...])]
    }

    static func isDirectory(_ path: String) -> Bool { Files.isDirectory(FilePath(path)) }
    static func isRegularFile(_ path: String) -> Bool { Files.isRegular(FilePath(path)) }

    /// Size in bytes, or nil if there is no such file.
    static func byteCount(_ path: String) -> Int? { FileStatus(of: FilePath(path))?.size }

    /// Absolute path without symbolic links, or nil if there is nothing at `path`.
    static func resolved(_ path: String) -> String? { Files.resolved(FilePath(path))?.string }

    /// Names in a directory, sorted; none if it cannot be read.
    static func entries(_ directory: String) -> [String] {
        ((try? Files.names(in: FilePath(directory))) ?? []).map { String(decoding: $0, as: UTF8.self) }
    }
}
