import Foundation
import Platform
import TokenFiles

/// The bytes of a file on a web server, of which only what is read is fetched (range requests, RFC 9110, 14).
///
/// The first request brings the beginning of the file and its length; reading near the end brings the end. So the header and the index of a token
/// file are known after two requests. Pieces grow while reading goes on. The file may not change meanwhile.
///
/// A server that knows no ranges sends the whole file, which is kept in memory if it is of at most 64 MiB.
public final class WebFile: ByteSource {
    /// Requests so far, redirects included.
    public private(set) var requestCount = 0
    /// Bytes of the file that were fetched so far.
    public private(set) var fetchedBytes = 0

    private static let shortestPiece = 1 << 14
    private static let longestPiece = 1 << 20
    private static let wholeLimit = 1 << 26

    private struct Piece {
        var start = 0
        var bytes: [UInt8] = []

        func contains(_ offset: Int) -> Bool { (start..<start + bytes.count).contains(offset) }
    }

    private let http: HTTPClient
    /// Where the last redirect led.
    private var url: URL
    /// Known from the first answer on.
    private var length = 0
    /// What names the file's state, where the server says so.
    private var state: String?
    private var beginning = Piece()
    private var ending = Piece()
    private var current = Piece()
    private var position = 0

    /// Whether a name is the address of a file on a web server: `http://` or `https://`.
    public static func isAddress(_ text: String) -> Bool {
        let text = text.lowercased()
        return text.hasPrefix("http://") || text.hasPrefix("https://")
    }

    /// Asks for the beginning of the file at once.
    /// - Parameter address: an `http` or `https` address without a user's name.
    /// - Throws: `WebFileError`.
    public convenience init(_ address: String) throws(WebFileError) { try self.init(address, patience: Patience()) }

    package init(_ address: String, patience: Patience) throws(WebFileError) {
        guard Self.isAddress(address), let url = URL(string: address), let host = url.host, !host.isEmpty else { throw .invalidAddress }
        guard url.user == nil, url.password == nil else { throw .userInAddress }
        self.url = url
        http = HTTPClient(patience: patience)
        beginning = try fetch(0..<Self.shortestPiece, isFirst: true)
    }

    /// Bytes of the file.
    public var seekableLength: Int? { length }

    /// Makes byte `offset` the next to be read. Fetches nothing.
    public func seek(to offset: Int) { position = max(0, offset) }

    /// Reads what is there already or comes with one request.
    /// - Throws: `WebFileError`.
    public func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        guard position < length, !buffer.isEmpty else { return 0 }
        let piece = try piece(at: position)
        let first = position - piece.start
        let count = min(buffer.count, piece.bytes.count - first)
        guard count > 0 else { return 0 }
        buffer.copyBytes(from: piece.bytes[first..<first + count])
        position += count
        return count
    }

    private func piece(at offset: Int) throws(WebFileError) -> Piece {
        if let known = [beginning, ending, current].first(where: { $0.contains(offset) }) { return known }
        if offset >= length - Self.shortestPiece {
            ending = try fetch(max(0, length - Self.shortestPiece)..<length)
            return ending
        }
        // Twice as much as before where reading goes on.
        let goesOn = current.start + current.bytes.count == offset && !current.bytes.isEmpty
        let size = goesOn ? min(2 * current.bytes.count, Self.longestPiece) : Self.shortestPiece
        current = try fetch(offset..<min(offset + size, length))
        return current
    }

    /// The bytes of a range, which may end behind the end of the file in the first request alone.
    private func fetch(_ range: Range<Int>, isFirst: Bool = false) throws(WebFileError) -> Piece {
        do {
            return try http.retrying { try request(range, isFirst: isFirst) }
        } catch let error as WebFileError {
            throw error
        } catch let failure as HTTPClient.Failure {
            throw .network(reason: failure.reason)
        } catch {
            throw .network(reason: "the request was given up")
        }
    }

    private func request(_ range: Range<Int>, isFirst: Bool) throws -> Piece {
        for _ in 0...HTTPClient.maximumRedirects {
            let body = Body()
            requestCount += 1
            let answer = try http.request(
                "GET", url.absoluteString,
                headers: ["User-Agent": "codetta", "Range": "bytes=\(range.lowerBound)-\(range.upperBound - 1)"]
            ) { answer in
                guard (200..<300).contains(answer.status) else { return }
                if answer.isEncoded { throw WebFileError.invalidAnswer(reason: "is compressed, though plain bytes were asked for") }
                if answer.status == 200 {
                    if !isFirst || answer.contentLength ?? 0 > Self.wholeLimit { throw WebFileError.noRanges(limit: Self.wholeLimit) }
                    body.limit = Self.wholeLimit
                } else {
                    body.limit = range.count
                }
            } received: { bytes in
                guard body.bytes.count + bytes.count <= body.limit else {
                    if body.limit == Self.wholeLimit { throw WebFileError.noRanges(limit: Self.wholeLimit) }
                    throw WebFileError.invalidAnswer(reason: "has more bytes than were asked for")
                }
                body.bytes.append(contentsOf: bytes)
            }
            switch answer.status {
            case 200:
                length = body.bytes.count
            case 206:
                let part = try ContentRange(answer)
                let expected = range.lowerBound..<min(range.upperBound, part.length)
                guard part.range == expected, body.bytes.count == expected.count else {
                    throw WebFileError.invalidAnswer(reason: "is another part than was asked for")
                }
                let state = "\(part.length) \(answer.headers["etag"] ?? answer.headers["last-modified"] ?? "")"
                if isFirst { (length, self.state) = (part.length, state) }
                guard self.state == state else { throw WebFileError.changed }
            // No part of an empty file can be sent.
            case 416 where isFirst && answer.headers["content-range"] == "bytes */0": length = 0
            case 300..<400:
                url = try target(of: answer)
                continue
            case 408, 429, 500..<600: throw HTTPClient.Failure(reason: "the server answers with status \(answer.status)")
            default: throw WebFileError.refused(status: answer.status)
            }
            fetchedBytes += body.bytes.count
            return Piece(start: range.lowerBound, bytes: body.bytes)
        }
        throw WebFileError.invalidAnswer(reason: "redirects more than \(HTTPClient.maximumRedirects) times")
    }

    private func target(of answer: HTTPAnswer) throws(WebFileError) -> URL {
        guard let target = answer.redirect(from: url), Self.isAddress(target.absoluteString) else {
            throw .invalidAnswer(reason: "redirects nowhere")
        }
        guard target.isSecure || url.scheme?.lowercased() == "http" else {
            throw .invalidAnswer(reason: "redirects to an address that is not https")
        }
        return target
    }

    /// What came of an answer's body.
    private final class Body {
        var bytes: [UInt8] = []
        var limit = 0
    }
}

/// `Content-Range` of an answer with a part of a file.
private struct ContentRange {
    var range: Range<Int>
    /// Of the whole file.
    var length: Int

    init(_ answer: HTTPAnswer) throws(WebFileError) {
        let parts = (answer.headers["content-range"] ?? "").split(whereSeparator: { " -/".contains($0) })
        let numbers = parts.dropFirst().compactMap { Int($0) }
        guard parts.count == 4, parts[0].lowercased() == "bytes", numbers.count == 3, numbers.allSatisfy({ $0 >= 0 }),
            numbers[0] <= numbers[1], numbers[1] < numbers[2]
        else { throw .invalidAnswer(reason: "does not say which part of the file it is") }
        (range, length) = (numbers[0]..<numbers[1] + 1, numbers[2])
    }
}

/// Why a file on a web server cannot be read. Descriptions are one line, without the address.
public enum WebFileError: CodettaError, Equatable {
    /// Not the address of a file.
    case invalidAddress
    /// An address with a user's name or password, which messages and lists of processes would show.
    case userInAddress
    /// The server refuses with an HTTP status.
    case refused(status: Int)
    /// The connection failed, for the last time.
    case network(reason: String)
    /// The server's answer is none to what was asked.
    case invalidAnswer(reason: String)
    /// The server sends the file as a whole only, and it is longer than `limit` bytes.
    case noRanges(limit: Int)
    /// The file is another one now.
    case changed

    /// The class of the failure.
    public var kind: FailureKind {
        switch self {
        case .invalidAddress, .userInAddress: return .usage
        case .refused(let status): return [401, 403, 404, 410].contains(status) ? .noInput : .io
        case .network, .noRanges, .changed: return .io
        case .invalidAnswer: return .badData
        }
    }

    /// What is wrong, on one line.
    public var description: String {
        switch self {
        case .invalidAddress: return "is not the address of a file"
        case .userInAddress: return "an address with a user's name is not taken, since everyone on this machine could read it"
        case .refused(404), .refused(410): return "the server has no such file"
        case .refused(401), .refused(403): return "the server denies access"
        case .refused(let status): return "the server answers with status \(status)"
        case .network(let reason): return reason.escapingControls
        case .invalidAnswer(let reason): return "the server's answer \(reason)"
        case .noRanges(let limit):
            return "the server does not send parts of files, and this one is longer than \(limit >> 20) MiB; fetch it first"
        case .changed: return "the file on the server changed while it was read"
        }
    }
}
