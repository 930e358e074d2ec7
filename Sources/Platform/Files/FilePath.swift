extension FilePath {
    /// The bytes of the path, without the terminating zero.
    package var bytes: [UInt8] { withPlatformString { Array(UnsafeRawBufferPointer(start: $0, count: strlen($0))) } }

    /// Any bytes up to a zero.
    package init(bytes: some Sequence<UInt8>) {
        let terminated = bytes.prefix { $0 != 0 }.map { CChar(bitPattern: $0) } + [0]
        self = terminated.withUnsafeBufferPointer { $0.baseAddress.map { FilePath(platformString: $0) } ?? FilePath() }
    }

    /// `self/name`.
    package func appending(name: [UInt8]) -> FilePath { pushing(FilePath(bytes: name)) }

    /// The folder that holds the file: `.` for a bare name.
    package var folder: FilePath {
        let folder = removingLastComponent()
        return folder.isEmpty ? "." : folder
    }
}
