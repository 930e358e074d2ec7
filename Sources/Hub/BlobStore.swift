import Checkpoints
import Foundation
import Platform

/// Writes a repository's files into the cache, in the layout of the hub's own tools and under their locks.
struct BlobStore: Sendable {
    let cache: ModelCache
    let repository: ModelCache.Repository

    /// Where a file's content is, or will be.
    func path(of file: RemoteFile) -> String { "\(cache.folder(of: repository))/blobs/\(file.etag)" }

    /// Whether the content is there, whole.
    func has(_ file: RemoteFile) -> Bool { Self.size(of: path(of: file)) == file.size }

    /// Bytes of it that an earlier run has left.
    func partSize(of file: RemoteFile) -> Int { min(file.size, Self.size(of: path(of: file) + ".incomplete") ?? 0) }

    /// Runs `write` on the content's unfinished part, alone among all processes, and gives it its final name after
    /// `write`, `Part.verify` and a sync. Does nothing if the content is there, perhaps by another's doing.
    /// - Parameter waiting: called before waiting for another process.
    func complete(_ file: RemoteFile, waiting: () -> Void, _ write: (Part) throws -> Void) throws {
        if has(file) { return }
        let folder = cache.folder(of: repository)
        try Self.createFolder("\(folder)/blobs")
        let locks = "\(cache.path)/.locks/\(repository.folderName)"
        try Self.createFolder(locks)
        let lock = try Lock(path: "\(locks)/\(file.etag).lock", waiting: waiting)
        defer { lock.release() }
        if has(file) { return }
        let part = try Part(file, path: path(of: file) + ".incomplete")
        try write(part)
        try part.finish(as: path(of: file))
    }

    /// Makes the files visible as a snapshot, the config last: a folder with a config has all the rest. Then lets
    /// `revision` point to it.
    func publish(_ files: [RemoteFile], revision: String) throws {
        guard let commit = files.first?.commit else { return }
        let folder = cache.folder(of: repository)
        let snapshot = "\(folder)/snapshots/\(commit)"
        try Self.createFolder(snapshot)
        for file in files.filter({ $0.name != "config.json" }) + files.filter({ $0.name == "config.json" }) {
            try Self.replace("\(snapshot)/\(file.name)") { temporary in
                guard symlink("../../blobs/\(file.etag)", temporary) == 0 else { throw Self.creationFailure(temporary) }
            }
        }
        if revision == commit { return }
        try Self.createFolder("\(folder)/refs")
        try Self.replace("\(folder)/refs/\(revision)") { temporary in
            let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
            guard descriptor >= 0 else { throw Self.creationFailure(temporary) }
            defer { close(descriptor) }
            try Self.write(Array(commit.utf8), to: descriptor, at: 0, path: temporary)
        }
    }

    /// Has `make` make a file of another name and gives it the name `path`.
    private static func replace(_ path: String, _ make: (String) throws -> Void) throws {
        let temporary = "\(path).\(UUID().uuidString)"
        do {
            try make(temporary)
            guard rename(temporary, path) == 0 else { throw creationFailure(path) }
        } catch {
            unlink(temporary)
            throw error
        }
    }

    fileprivate static func write(_ bytes: [UInt8], to descriptor: Int32, at offset: Int, path: String) throws {
        var done = 0
        while done < bytes.count {
            let count = bytes[done...].withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, off_t(offset + done)) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw HubError.writeFailed(path: path, reason: reason()) }
            done += count
        }
    }

    private static func size(of path: String) -> Int? {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : nil
    }

    private static func createFolder(_ path: String) throws {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw HubError.cannotWrite(path: path, reason: error.localizedDescription)
        }
    }

    fileprivate static func creationFailure(_ path: String) -> HubError { .cannotWrite(path: path, reason: reason()) }
    fileprivate static func reason() -> String { String(cString: strerror(errno)) }
}

extension BlobStore {
    /// The bytes of a file so far, and their hash. What it holds survives the process, for the next one to go on from.
    ///
    /// Calls come one at a time: the transfer that writes is waited for.
    final class Part: @unchecked Sendable {
        let file: RemoteFile
        private(set) var count = 0
        private let path: String
        private let descriptor: Int32
        private var hash = SHA256()

        fileprivate init(_ file: RemoteFile, path: String) throws {
            self.file = file
            self.path = path
            descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
            guard descriptor >= 0 else { throw BlobStore.creationFailure(path) }
            try readExisting()
        }

        deinit { close(descriptor) }

        /// Adds bytes at the end.
        /// - Throws: `HubError.wrongSize` for more than the file has; `.writeFailed`.
        func append(_ bytes: [UInt8]) throws {
            guard bytes.count <= file.size - count else {
                try restart()
                throw HubError.invalidAnswer(file: file.name, reason: "has more than the \(file.size) bytes that it stated")
            }
            try BlobStore.write(bytes, to: descriptor, at: count, path: path)
            hash.update(bytes)
            count += bytes.count
        }

        /// Forgets everything.
        func restart() throws {
            guard ftruncate(descriptor, 0) == 0 else { throw HubError.writeFailed(path: path, reason: BlobStore.reason()) }
            count = 0
            hash = SHA256()
        }

        /// Checks size and hash; a part of the right size and the wrong hash is forgotten.
        /// - Throws: `HubError.wrongSize`, `.wrongHash`.
        func verify() throws {
            guard count == file.size else { throw HubError.wrongSize(file: file.name, expected: file.size, found: count) }
            let found = hash.finalize().description
            if let expected = file.sha256, found != expected {
                unlink(path)
                throw HubError.wrongHash(file: file.name, expected: expected, found: found)
            }
        }

        fileprivate func finish(as target: String) throws {
            try verify()
            guard fsync(descriptor) == 0 else { throw HubError.writeFailed(path: path, reason: BlobStore.reason()) }
            guard rename(path, target) == 0 else { throw BlobStore.creationFailure(target) }
        }

        private func readExisting() throws {
            var buffer = [UInt8](repeating: 0, count: 1 << 18)
            while true {
                let got = buffer.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, off_t(count)) }
                if got < 0 && errno == EINTR { continue }
                guard got >= 0 else { throw HubError.writeFailed(path: path, reason: BlobStore.reason()) }
                if got == 0 { return }
                guard got <= file.size - count else { return try restart() }
                hash.update(buffer[..<got])
                count += got
            }
        }
    }

    /// An advisory lock on a file, which the system lets go with the process. The file stays: to remove it would let two in.
    fileprivate struct Lock {
        private let descriptor: Int32

        init(path: String, waiting: () -> Void) throws {
            descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
            guard descriptor >= 0 else { throw BlobStore.creationFailure(path) }
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return }
            waiting()
            while flock(descriptor, LOCK_EX) != 0 {
                guard errno == EINTR else {
                    let failure = BlobStore.creationFailure(path)
                    close(descriptor)
                    throw failure
                }
            }
        }

        func release() { close(descriptor) }
    }
}
