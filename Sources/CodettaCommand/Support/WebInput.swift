import Codetta
import Hub

extension PathName {
    /// Whether it is the address of a file on a web server.
    var isWebAddress: Bool { text.map(WebFile.isAddress) ?? false }

    /// The file's own name: the last part of a path, or of an address without its query.
    var fileName: PathName {
        guard isWebAddress else { return lastComponent }
        return PathName(bytes: bytes.prefix { $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }).lastComponent
    }
}

extension InputFile {
    /// A file of this machine, or a token file on a web server, of which only what is needed is fetched.
    /// - Throws: as `init(_:)`; `WebFileError`.
    static func opened(_ path: PathName) throws -> InputFile {
        guard path.isWebAddress, let address = path.text else { return try InputFile(path) }
        return InputFile(address: path, source: try WebFile(address))
    }
}
