import Foundation
import Hub
import Platform
import TestSupport
import Testing
import TokenFiles

/// Files on a web server, piece by piece, from server.py.
@Suite struct WebFileTests {
    private let label = UUID().uuidString.prefix(8)

    private func open(_ kind: String) throws -> WebFile {
        try WebFile(address(kind), patience: Patience(connecting: 5, silence: 5))
    }

    private func address(_ kind: String) throws -> String { "http://127.0.0.1:\(try hubPort())/file/\(kind).\(label)/weights" }

    private func read(_ file: WebFile, _ count: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1000)
        while bytes.count < count {
            let got = try piece.withUnsafeMutableBytes { try file.read(into: UnsafeMutableRawBufferPointer(rebasing: $0.prefix(count - bytes.count))) }
            if got == 0 { break }
            bytes += piece[..<got]
        }
        return bytes
    }

    @Test(arguments: ["ranges", "moved", "flaky", "whole"])
    func allBytesComeInOrder(kind: String) throws {
        let file = try open(kind)
        #expect(file.seekableLength == weights.count)
        #expect(try read(file, .max) == weights)
        // 16 KiB, then twice as much each time.
        if kind == "ranges" { #expect(file.requestCount <= 8) }
        if kind == "whole" { #expect(file.requestCount == 1) }
        #expect(file.fetchedBytes <= weights.count + 1 << 14)
    }

    @Test func beginningAndEndTakeTwoRequests() throws {
        let file = try open("ranges")
        #expect(try read(file, 500) == Array(weights[..<500]))
        file.seek(to: weights.count - 12)
        #expect(try read(file, 100) == Array(weights.suffix(12)))
        file.seek(to: weights.count - 9000)
        #expect(try read(file, 10) == Array(weights[(weights.count - 9000)...].prefix(10)))
        file.seek(to: 16_000)
        #expect(try read(file, 100) == Array(weights[16_000..<16_100]))
        #expect(file.requestCount == 2 && file.fetchedBytes == 1 << 15)
        file.seek(to: 100_000)
        #expect(try read(file, 3) == Array(weights[100_000..<100_003]))
        #expect(file.requestCount == 3)
        for place in [weights.count, weights.count + 10, Int.max] {
            file.seek(to: place)
            #expect(try read(file, 3).isEmpty)
        }
        #expect(file.requestCount == 3)
    }

    @Test func anEmptyFileHasNoBytes() throws {
        let file = try open("empty")
        #expect(try file.seekableLength == 0 && read(file, 10).isEmpty)
    }

    @Test(arguments: [
        ("absent", WebFileError.refused(status: 404), FailureKind.noInput), ("denied", .refused(status: 403), .noInput),
        ("refused", .refused(status: 418), .io), ("moved-away", .invalidAnswer(reason: "redirects nowhere"), .badData),
        ("moved-for-ever", .invalidAnswer(reason: "redirects more than 10 times"), .badData),
        ("other-range", .invalidAnswer(reason: "is another part than was asked for"), .badData),
        ("too-long", .invalidAnswer(reason: "has more bytes than were asked for"), .badData),
        ("unnamed", .invalidAnswer(reason: "does not say which part of the file it is"), .badData),
        ("packed", .invalidAnswer(reason: "is compressed, though plain bytes were asked for"), .badData),
        ("endless", .noRanges(limit: 1 << 26), .io),
    ])
    func whatCannotBeReadIsRefusedAtOnce(kind: String, error: WebFileError, failure: FailureKind) throws {
        #expect(throws: error) { try open(kind) }
        #expect(error.kind == failure)
    }

    @Test(arguments: ["changing", "grown"])
    func aFileThatChangesIsRefused(kind: String) throws {
        let file = try open(kind)
        #expect(throws: WebFileError.changed) { try read(file, .max) }
    }

    @Test func addressesAreChecked() {
        for address in ["ftp://example.org/x", "http://", "https:///x", "file:///etc/passwd", "x.codetta", "http://a b/"] {
            #expect(throws: WebFileError.invalidAddress) { try WebFile(address) }
        }
        #expect(throws: WebFileError.userInAddress) { try WebFile("https://me:secret@example.org/x") }
        #expect(WebFileError.userInAddress.kind == .usage && WebFile.isAddress("HTTPS://x/y") && !WebFile.isAddress("http/x"))
    }

    /// Nobody listens there.
    @Test func aServerThatIsNotThereIsNamed() {
        do {
            _ = try WebFile("http://127.0.0.1:1/x", patience: Patience(connecting: 2, silence: 2))
            Issue.record("there was an answer")
        } catch {
            #expect(error.kind == .io && error.description.contains("connection"))
        }
    }
}
