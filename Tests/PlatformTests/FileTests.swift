import Foundation
import Platform
import Testing

@Suite struct FileTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func path(_ name: String) -> FilePath { folder.path.appending(name) }
    private func write(_ text: String, to descriptor: FileDescriptor, at offset: Int? = nil) throws {
        try Array(text.utf8).withUnsafeBytes { try descriptor.writeAll(bytes: $0, at: offset) }
    }
    private func text(_ name: String) throws -> String { try String(contentsOfFile: path(name).string, encoding: .utf8) }
    private func names() throws -> [String] { try Files.names(in: folder.path).map { String(decoding: $0, as: UTF8.self) } }

    @Test func anAtomicFileAppearsWholeOrNotAtAll() throws {
        let file = try AtomicFile(path("a"))
        try write("whole", to: file.descriptor)
        #expect(try names() == [try #require(file.temporary?.lastComponent?.string)] && !Files.isRegular(path("a")))
        try file.commit(overwrite: false)
        #expect(try names() == ["a"] && text("a") == "whole" && file.temporary == nil)
        do {
            let given = try AtomicFile(path("a"))
            try write("other", to: given.descriptor)
        }
        #expect(try names() == ["a"] && text("a") == "whole")
        let other = try AtomicFile(path("a"))
        do {
            try other.commit(overwrite: false)
            Issue.record("replaced")
        } catch {
            #expect(error.cause == .fileExists && error.operation == "rename")
        }
        #expect(try names() == ["a"] && text("a") == "whole")
        let replacement = try AtomicFile(path("a"), permissions: .ownerReadWrite)
        try replacement.commit(overwrite: true)
        #expect(try names() == ["a"] && text("a").isEmpty && FileStatus(of: path("a"))?.permissions == .ownerReadWrite)
    }

    @Test func aNewFileHasThePermissionsOfAnyNewFile() throws {
        let atomic = try AtomicFile(path("a"))
        try atomic.commit(overwrite: false)
        let plain = try FileDescriptor.opened(
            path("b"), .writeOnly, options: .create, permissions: FilePermissions(rawValue: 0o666))
        try plain.closeOnce()
        #expect(FileStatus(of: path("a"))?.permissions == FileStatus(of: path("b"))?.permissions)
    }

    @Test func bytesGoWhereTheyAreSent() throws {
        let file = try FileDescriptor.opened(path("a"), .readWrite, options: .create, permissions: .ownerReadWrite)
        defer { try? file.closeOnce() }
        try write("0123456789", to: file)
        try write("ab", to: file, at: 3)
        #expect(try file.offset() == 10 && !file.appends)
        var buffer = [UInt8](repeating: 0, count: 20)
        #expect(try buffer.withUnsafeMutableBytes { try file.readAll(into: $0, at: 2) } == 8)
        #expect(String(decoding: buffer.prefix(8), as: UTF8.self) == "2ab56789")
        try file.move(to: 1)
        try file.cut(to: 4)
        #expect(try buffer.withUnsafeMutableBytes { try file.readSome(into: $0) } == 3)
        #expect(try buffer.withUnsafeMutableBytes { try file.readSome(into: $0) } == 0)
        let readOnly = try FileDescriptor.opened(path("a"), .readOnly)
        defer { try? readOnly.closeOnce() }
        #expect(throws: Errno.badFileDescriptor) { try write("x", to: readOnly) }
    }

    @Test func aFullNonBlockingPipeIsWaitedFor() throws {
        let ends = try FileDescriptor.pipe()
        for end in [ends.readEnd, ends.writeEnd] { _ = fcntl(end.rawValue, F_SETFL, fcntl(end.rawValue, F_GETFL) | O_NONBLOCK) }
        let bytes = [UInt8](repeating: 7, count: 1 << 20)
        let writer = Thread {
            try? bytes.withUnsafeBytes { try ends.writeEnd.writeAll(bytes: $0) }
            try? ends.writeEnd.closeOnce()
        }
        writer.start()
        var count = 0
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let got = try buffer.withUnsafeMutableBytes { try ends.readEnd.readSome(into: $0) }
            if got == 0 { break }
            count += got
        }
        #expect(count == bytes.count)
        try ends.readEnd.closeOnce()
    }

    @Test func foldersAreMadeAndRemovedWithAllThatIsInThem() throws {
        try Files.createFolder(path("a/b/c"))
        try Files.createFolder(path("a/b/c"))
        try write("x", to: .opened(path("a/b/c/d"), .writeOnly, options: .create, permissions: .ownerReadWrite))
        try FileManager.default.createSymbolicLink(atPath: path("a/link").string, withDestinationPath: folder.path.string)
        #expect(Files.isLink(path("a/link")) && Files.isDirectory(path("a/link")) && !Files.isLink(path("a/b")))
        #expect(Files.resolved(path("a/link/a/b")) == Files.resolved(path("a/b")))
        #expect(throws: Errno.fileExists) { try Files.createFolder(path("a/b/c/d/e")) }
        Files.removeTree(path("a"))
        #expect(try names().isEmpty && Files.isDirectory(folder.path))
    }

    @Test func namesMayBeAnyBytes() throws {
        let odd: [UInt8] = [0x61, 0xFF, 0x0A]
        #expect(FilePath(bytes: odd).bytes == odd && FilePath(bytes: [0x61, 0, 0x62]) == "a")
        try FileDescriptor.opened(
            folder.path.appending(name: odd), .writeOnly, options: .create, permissions: .ownerReadWrite
        ).closeOnce()
        #expect(try Files.names(in: folder.path) == [odd])
        #expect(FilePath("b").folder == "." && FilePath("/b").folder == "/" && FilePath("a/b").folder == "a")
    }

    @Test func aLockIsHeldByOneAtATime() throws {
        let first = try FileLock(path("lock")) { Issue.record("waits for nobody") }
        let order = Lock<[String]>([])
        let waiting = DispatchSemaphore(value: 0), done = DispatchSemaphore(value: 0)
        let lock = path("lock")
        Thread {
            let second = try? FileLock(lock) { waiting.signal() }
            order.withLock { $0.append("second") }
            second?.release()
            done.signal()
        }.start()
        waiting.wait()
        order.withLock { $0.append("first") }
        first?.release()
        done.wait()
        #expect(order.withLock { $0 } == ["first", "second"] && Files.isRegular(lock))
    }

    @Test func aTemporaryFolderIsPrivateAndGoes() throws {
        var path: FilePath?
        do {
            let own = try TemporaryFolder()
            path = own.path
            #expect(FileStatus(of: own.path)?.permissions == .ownerReadWriteExecute)
        }
        #expect(FileStatus(of: try #require(path)) == nil)
    }

    @Test func errorsOfTheSystemAreErrorsOfTheToolkit() {
        let error: any Error = Errno.noSpace
        #expect((error as? any CodettaError)?.kind == .io && "\(error)" == String(cString: strerror(ENOSPC)))
    }
}
