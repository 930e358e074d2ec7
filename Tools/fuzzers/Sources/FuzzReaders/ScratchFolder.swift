import Foundation

/// A folder in memory, where there is one, for readers that take paths.
struct ScratchFolder: Sendable {
    let path: String

    init(_ name: String) {
        let parent = FileManager.default.isWritableFile(atPath: "/dev/shm") ? "/dev/shm" : NSTemporaryDirectory()
        path = parent + "/codetta-fuzz-\(getpid())-\(name)"
        mkdir(path, 0o700)
    }

    func file(_ name: String) -> String { path + "/" + name }

    /// Makes `name` hold `bytes`, at the cost of a few system calls.
    func write(_ bytes: [UInt8], to name: String) {
        let descriptor = open(file(name), O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress.map { $0 + done }, bytes.count - done) }
            require(count > 0, "cannot write \(file(name))")
            done += count
        }
        close(descriptor)
    }

    /// Copies a file of the repository.
    func copy(_ source: String, to name: String) {
        guard let data = FileManager.default.contents(atPath: source) else { fatalError("no \(source); run from the repository") }
        write(Array(data), to: name)
    }
}

/// The repository, found from this source file.
let repository: String = {
    var url = URL(fileURLWithPath: #filePath)
    for _ in 0..<5 { url.deleteLastPathComponent() }
    return url.path
}()
