import Checkpoints
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
    /// - Parameters:
    ///   - waiting: called before waiting for another process.
    ///   - isCancelled: asked while it waits.
    func complete(
        _ file: RemoteFile, waiting: () -> Void, isCancelled: () -> Bool, _ write: (Part) throws -> Void
    ) throws {
        if has(file) { return }
        let folder = cache.folder(of: repository)
        try Self.createFolder("\(folder)/blobs")
        let locks = "\(cache.path)/.locks/\(repository.folderName)"
        try Self.createFolder(locks)
        let lock = try Self.making("\(locks)/\(file.etag).lock") { path throws(Errno) in
            try FileLock(path, waiting: waiting, isCancelled: isCancelled)
        }
        guard let lock else { throw CancellationError() }
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
        let blobs = Self.link(from: snapshot, to: "\(folder)/blobs")
        for file in files.filter({ $0.name != "config.json" }) + files.filter({ $0.name == "config.json" }) {
            try Self.replace("\(snapshot)/\(file.name)") { temporary throws(Errno) in
                try Files.symbolicLink(at: temporary, to: FilePath("\(blobs)/\(file.etag)"))
            }
        }
        if revision == commit { return }
        let path = "\(folder)/refs/\(revision)"
        // The slashes of a revision are those of folders here, as the hub's own tools have it.
        if let parent = path.lastIndex(of: "/") { try Self.createFolder(String(path[..<parent])) }
        let reference = try Self.making(path) { path throws(Errno) in try AtomicFile(path) }
        try Self.writing(path) { () throws(Errno) in
            try Array(commit.utf8).withUnsafeBufferPointer { bytes throws(Errno) in
                try reference.descriptor.writeAll(bytes: UnsafeRawBufferPointer(bytes))
            }
        }
        do {
            try reference.commit(overwrite: true)
        } catch {
            throw HubError.writeFailed(path: path, reason: error.cause.reason)
        }
    }

    /// How links in a snapshot name the folder of contents: as the hub's own tools write it, unless the snapshots lie on another disk, from
    /// where that leads elsewhere.
    private static func link(from snapshot: String, to blobs: String) -> String {
        let relative = "../../blobs"
        let target = Files.resolved(FilePath(blobs))
        if Files.resolved(FilePath("\(snapshot)/\(relative)")) == target { return relative }
        return target?.string ?? relative
    }

    /// Has `make` make a file of another name and gives it the name `path`.
    private static func replace(_ path: String, _ make: (FilePath) throws(Errno) -> Void) throws {
        try making(path) { path throws(Errno) in
            let temporary = path.folder.appending(Files.uniqueName(Files.temporaryPrefix))
            do throws(Errno) {
                try make(temporary)
                try Files.rename(temporary, to: path)
            } catch {
                Files.remove(temporary)
                throw error
            }
        }
    }

    private static func size(of path: String) -> Int? { FileStatus(of: FilePath(path))?.size }

    private static func createFolder(_ path: String) throws {
        try making(path) { path throws(Errno) in try Files.createFolder(path) }
    }

    /// Says of what the system refuses that `path` cannot be created.
    fileprivate static func making<Result>(_ path: String, _ body: (FilePath) throws(Errno) -> Result) throws -> Result {
        do throws(Errno) {
            return try body(FilePath(path))
        } catch {
            throw HubError.cannotWrite(path: path, reason: error.reason)
        }
    }

    /// Says of what the system refuses that `path` could not be written.
    fileprivate static func writing<Result>(_ path: String, _ body: () throws(Errno) -> Result) throws -> Result {
        do throws(Errno) {
            return try body()
        } catch {
            throw HubError.writeFailed(path: path, reason: error.reason)
        }
    }
}

extension BlobStore {
    /// The bytes of a file so far, and their hash. What it holds survives the process, for the next one to go on from.
    ///
    /// Calls come one at a time: the transfer that writes is waited for.
    final class Part: @unchecked Sendable {
        let file: RemoteFile
        private(set) var count = 0
        private let path: String
        private let descriptor: FileDescriptor
        private var hash = SHA256()

        fileprivate init(_ file: RemoteFile, path: String) throws {
            self.file = file
            self.path = path
            descriptor = try BlobStore.making(path) { path throws(Errno) in
                try .opened(
                    path, .readWrite, options: [.create, .noFollow], permissions: [.ownerReadWrite, .groupRead, .otherRead])
            }
            try readExisting()
        }

        deinit { try? descriptor.closeOnce() }

        /// Adds bytes at the end.
        /// - Throws: `HubError.wrongSize` for more than the file has; `.writeFailed`.
        func append(_ bytes: UnsafeRawBufferPointer) throws {
            guard bytes.count <= file.size - count else {
                try restart()
                throw file.tooManyBytes
            }
            try BlobStore.writing(path) { () throws(Errno) in try descriptor.writeAll(bytes: bytes, at: count) }
            hash.update(bytes)
            count += bytes.count
        }

        /// Forgets everything.
        func restart() throws {
            try BlobStore.writing(path) { () throws(Errno) in try descriptor.cut(to: 0) }
            count = 0
            hash = SHA256()
        }

        /// Checks size and hash; a part of the right size and the wrong hash is forgotten.
        /// - Throws: `HubError.wrongSize`, `.wrongHash`.
        func verify() throws {
            guard count == file.size else { throw HubError.wrongSize(file: file.name, expected: file.size, found: count) }
            let found = hash.finalize().description
            if let expected = file.sha256, found != expected {
                Files.remove(FilePath(path))
                throw HubError.wrongHash(file: file.name, expected: expected, found: found)
            }
        }

        fileprivate func finish(as target: String) throws {
            try verify()
            try BlobStore.writing(path) { () throws(Errno) in try descriptor.synchronize() }
            try BlobStore.making(target) { target throws(Errno) in try Files.rename(FilePath(path), to: target) }
        }

        private func readExisting() throws {
            var buffer = [UInt8](repeating: 0, count: 1 << 18)
            while true {
                let got = try BlobStore.writing(path) { () throws(Errno) in
                    try buffer.withUnsafeMutableBufferPointer { buffer throws(Errno) in
                        try descriptor.readSome(into: UnsafeMutableRawBufferPointer(buffer), at: count)
                    }
                }
                if got == 0 { return }
                guard got <= file.size - count else { return try restart() }
                hash.update(buffer[..<got])
                count += got
            }
        }
    }
}
