import CCurl
import Foundation
import Platform

/// A status line and its headers.
struct HTTPAnswer: Sendable {
    let status: Int
    /// By names in lower case; of a name that comes twice, the first.
    var headers: [String: String] = [:]

    /// The length of the body, if it is stated and plausible.
    var contentLength: Int? { headers["content-length"].flatMap { Int($0) }.flatMap { $0 >= 0 ? $0 : nil } }

    /// Whether the body is something else than the bytes that were asked for.
    var isEncoded: Bool { !["", "identity"].contains((headers["content-encoding"] ?? "").lowercased()) }

    /// Where a redirect of a request to `url` leads; nil for nowhere.
    func redirect(from url: URL) -> URL? { headers["location"].flatMap { URL(string: $0, relativeTo: url)?.absoluteURL } }
}

/// How long a server may keep us waiting.
package struct Patience: Sendable {
    /// Seconds until there is a connection.
    package var connecting: Int
    /// Seconds in which fewer than `slowest` bytes come each second.
    package var silence: Int
    /// Bytes per second that are too few to wait for a model.
    package var slowest: Int

    package init(connecting: Int = 30, silence: Int = 60, slowest: Int = 64) {
        (self.connecting, self.silence, self.slowest) = (connecting, silence, slowest)
    }
}

/// One request at a time over libcurl, in the thread that asks. Redirects are answers like any other: following them is the caller's.
///
/// The body goes piece by piece to the caller, who is waited for before more is read: memory does not depend on what a server
/// sends. Nothing is decompressed. Waiting costs no time of the processor.
final class HTTPClient: @unchecked Sendable {
    /// The connection failed: no answer, or one that broke off.
    struct Failure: Error {
        let reason: String
        /// Whether waiting was in vain for long already, so that there is no sense in trying again.
        var isFinal = false
    }

    // The handle is only used under `lock`.
    private let lock = Lock(())
    private let handle: UnsafeMutableRawPointer?
    private let patience: Patience
    private let isCancelled: @Sendable () -> Bool

    private static let isPrepared = ccurl_prepare() == CURLE_OK

    /// How often callers follow redirects.
    static let maximumRedirects = 10
    /// Waits between attempts, in seconds, as long as none brings a byte.
    private static let pauses = [0.2, 1, 3]

    /// - Parameter isCancelled: asked often, and about once a second while nothing comes.
    init(patience: Patience = Patience(), isCancelled: @escaping @Sendable () -> Bool = { false }) {
        self.patience = patience
        self.isCancelled = isCancelled
        handle = Self.isPrepared ? curl_easy_init() : nil
    }

    deinit { curl_easy_cleanup(handle) }

    /// - Parameters:
    ///   - method: `GET` or `HEAD`.
    ///   - answered: gets the answer before the body; when it throws, the body is not read.
    ///   - received: gets the body of a success in pieces, one at a time; when it throws, the rest is not read.
    /// - Throws: `Failure`, `CancellationError`, and what the closures throw.
    func request(
        _ method: String, _ address: String, headers: [String: String], answered: @escaping (HTTPAnswer) throws -> Void,
        received: @escaping (UnsafeRawBufferPointer) throws -> Void
    ) throws -> HTTPAnswer {
        let transfer = Transfer(isCancelled: isCancelled, answered: answered, received: received)
        let code = try lock.withLock { _ in try perform(method, address, headers, transfer) }
        if isCancelled() { throw CancellationError() }
        if let error = transfer.error { throw error }
        guard let answer = transfer.answer, transfer.isAnswered else { throw failure(code, sinceAnswer: false) }
        if code != CURLE_OK && !transfer.isEnough { throw failure(code, sinceAnswer: true) }
        return answer
    }

    /// Runs `attempt` again after failures of the connection, while it gets on or the pauses last.
    /// - Parameter progress: how far it is.
    /// - Throws: the last `Failure`; `CancellationError`, and what else `attempt` throws.
    func retrying<R>(progress: () -> Int = { 0 }, _ attempt: () throws -> R) throws -> R {
        var (pauses, reached) = (Self.pauses[...], progress())
        while true {
            do {
                return try attempt()
            } catch let failure as Failure {
                if progress() > reached { (pauses, reached) = (Self.pauses[...], progress()) }
                guard !failure.isFinal, let pause = pauses.popFirst() else { throw failure }
                try wait(pause)
            }
        }
    }

    /// Sleeps, unless the requests are given up meanwhile.
    private func wait(_ seconds: Double) throws {
        let end = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < end {
            if isCancelled() { throw CancellationError() }
            Thread.sleep(forTimeInterval: 0.05)
        }
    }

    private func perform(_ method: String, _ address: String, _ headers: [String: String], _ transfer: Transfer) throws -> CURLcode {
        guard let handle else { throw Failure(reason: "libcurl cannot be used", isFinal: true) }
        // Connections that are still open survive this.
        curl_easy_reset(handle)
        // Sizes, hashes and ranges are those of the plain bytes.
        var lines: UnsafeMutablePointer<curl_slist>? = curl_slist_append(nil, "Accept-Encoding: identity")
        for (name, value) in headers { lines = curl_slist_append(lines, "\(name): \(value)") }
        defer { curl_slist_free_all(lines) }
        let numbers: [(CURLoption, Int)] = [
            (CURLOPT_NOBODY, method == "HEAD" ? 1 : 0), (CURLOPT_NOSIGNAL, 1), (CURLOPT_FOLLOWLOCATION, 0),
            (CURLOPT_SUPPRESS_CONNECT_HEADERS, 1), (CURLOPT_HTTP09_ALLOWED, 0), (CURLOPT_HTTP_CONTENT_DECODING, 0),
            (CURLOPT_CONNECTTIMEOUT, patience.connecting), (CURLOPT_LOW_SPEED_TIME, patience.silence),
            (CURLOPT_LOW_SPEED_LIMIT, patience.slowest), (CURLOPT_BUFFERSIZE, 1 << 16),
        ]
        let context = Unmanaged.passUnretained(transfer).toOpaque()
        var codes = numbers.map { ccurl_set_number(handle, $0, $1) }
        codes.append(ccurl_set_text(handle, CURLOPT_URL, address))
        codes.append(ccurl_allow_http_alone(handle))
        codes.append(ccurl_set_headers(handle, lines))
        codes.append(
            ccurl_set_sinks(
                handle, context, { Transfer.of($3)?.takeHead($0, $1 * $2) ?? 0 }, { Transfer.of($3)?.takeBody($0, $1 * $2) ?? 0 },
                { context, _, _, _, _ in Transfer.of(context)?.isCancelled() == false ? 0 : 1 }))
        guard codes.allSatisfy({ $0 == CURLE_OK }) else { throw Failure(reason: "libcurl is too old", isFinal: true) }
        return withExtendedLifetime(transfer) { curl_easy_perform(handle) }
    }

    private func failure(_ code: CURLcode, sinceAnswer isBroken: Bool) -> Failure {
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST: return Failure(reason: "there is no address for the server's name; is there a network?")
        case CURLE_COULDNT_RESOLVE_PROXY: return Failure(reason: "there is no address for the proxy's name")
        case CURLE_COULDNT_CONNECT: return Failure(reason: "no connection: nothing answers at the server's address")
        case CURLE_OPERATION_TIMEDOUT where isBroken:
            return Failure(reason: "fewer than \(patience.slowest) bytes a second came for \(patience.silence) s", isFinal: true)
        case CURLE_OPERATION_TIMEDOUT: return Failure(reason: "no answer within \(patience.silence) s", isFinal: true)
        case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY: return Failure(reason: "the answer is not one of HTTP", isFinal: true)
        case CURLE_PEER_FAILED_VERIFICATION: return Failure(reason: "the server's certificate is not to be trusted", isFinal: true)
        case CURLE_GOT_NOTHING: return Failure(reason: "the connection ended without an answer")
        case CURLE_PARTIAL_FILE, CURLE_RECV_ERROR: return Failure(reason: "the connection ended early")
        case CURLE_OUT_OF_MEMORY: return Failure(reason: "memory ran out", isFinal: true)
        default: return Failure(reason: "the connection failed: \(String(cString: curl_easy_strerror(code)))")
        }
    }
}

/// The running request. It is used by one thread, which libcurl calls it from.
private final class Transfer {
    /// Bytes of status lines and headers, and of a body that nobody wants, that are read at most.
    private static let limit = 1 << 16

    let isCancelled: @Sendable () -> Bool
    private let answered: (HTTPAnswer) throws -> Void
    private let received: (UnsafeRawBufferPointer) throws -> Void
    private(set) var answer: HTTPAnswer?
    /// Whether `answer` is complete.
    private(set) var isAnswered = false
    /// Whether the rest was given up because nobody wants it.
    private(set) var isEnough = false
    private(set) var error: (any Error)?
    private var overhead = 0

    init(
        isCancelled: @escaping @Sendable () -> Bool, answered: @escaping (HTTPAnswer) throws -> Void,
        received: @escaping (UnsafeRawBufferPointer) throws -> Void
    ) {
        (self.isCancelled, self.answered, self.received) = (isCancelled, answered, received)
    }

    static func of(_ context: UnsafeMutableRawPointer?) -> Transfer? {
        context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
    }

    /// Takes one line of the head: how many bytes of it were taken.
    func takeHead(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
        overhead += count
        guard overhead <= Self.limit else {
            error = error ?? HTTPClient.Failure(reason: "the answer's headers have no end", isFinal: true)
            return 0
        }
        // What follows a body are no headers of ours.
        if isAnswered { return count }
        let line = UnsafeRawBufferPointer(start: bytes, count: count).prefix { $0 != 0x0D && $0 != 0x0A }
        let text = String(decoding: line, as: UTF8.self)
        if text.hasPrefix("HTTP/") {
            answer = HTTPAnswer(status: text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0)
        } else if !text.isEmpty {
            guard let colon = text.firstIndex(of: ":") else { return count }
            let value = text[text.index(after: colon)...].trimmingSpaces
            let name = text[..<colon].lowercased()
            if answer?.headers[name] == nil { answer?.headers[name] = value }
        } else if let answer, answer.status >= 200 {
            isAnswered = true
            return attempt { try answered(answer) } ? count : 0
        }
        return count
    }

    /// Takes a piece of the body, that of a redirect or a refusal in vain: how many bytes of it were taken.
    func takeBody(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
        guard error == nil, isAnswered, !isCancelled() else { return 0 }
        guard (200..<300).contains(answer?.status ?? 0) else {
            overhead += count
            isEnough = overhead > Self.limit
            return isEnough ? 0 : count
        }
        return attempt { try received(UnsafeRawBufferPointer(start: bytes, count: count)) } ? count : 0
    }

    /// Notes what stops the transfer.
    private func attempt(_ body: () throws -> Void) -> Bool {
        do {
            try body()
            return true
        } catch {
            self.error = error
            return false
        }
    }
}

extension Substring {
    /// Without the spaces and tabs around it.
    fileprivate var trimmingSpaces: String {
        var text = drop { $0 == " " || $0 == "\t" }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return String(text)
    }
}
