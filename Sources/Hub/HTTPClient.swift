import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// A status line and its headers.
struct HTTPAnswer: Sendable {
    let status: Int
    /// By names in lower case.
    let headers: [String: String]

    /// The length of the body, if it is stated and plausible.
    var contentLength: Int? { headers["content-length"].flatMap { Int($0) }.flatMap { $0 >= 0 ? $0 : nil } }
}

/// One request at a time over URLSession, waited for. Redirects are answers like any other: following them is the caller's.
final class HTTPClient: Sendable {
    /// The connection failed: no answer, or one that broke off.
    struct Failure: Error { let reason: String }

    private let session: URLSession
    private let delegate = TransferDelegate()

    init() {
        let configuration = URLSessionConfiguration.ephemeral
        configuration.timeoutIntervalForRequest = 60
        configuration.httpShouldSetCookies = false
        configuration.urlCache = nil
        let queue = OperationQueue()
        queue.maxConcurrentOperationCount = 1
        session = URLSession(configuration: configuration, delegate: delegate, delegateQueue: queue)
    }

    deinit { session.invalidateAndCancel() }

    /// - Parameters:
    ///   - method: `GET` or `HEAD`.
    ///   - answered: gets the answer before the body; when it throws, the body is not read.
    ///   - received: gets the body of a success in pieces, on another thread, one at a time; when it throws, the rest is not read.
    /// - Throws: `Failure`, and what the closures throw.
    func request(
        _ method: String, _ url: URL, headers: [String: String], answered: @escaping @Sendable (HTTPAnswer) throws -> Void,
        received: @escaping @Sendable (Data) throws -> Void
    ) throws -> HTTPAnswer {
        var request = URLRequest(url: url, cachePolicy: .reloadIgnoringLocalCacheData)
        request.httpMethod = method
        for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
        // Sizes, hashes and ranges are those of the plain bytes.
        request.setValue("identity", forHTTPHeaderField: "Accept-Encoding")
        return try delegate.run(session.dataTask(with: request), answered: answered, received: received)
    }
}

/// The events of the running task. `transfer` is only touched under `lock`, and the task's events come one at a time.
private final class TransferDelegate: NSObject, URLSessionDataDelegate, @unchecked Sendable {
    private struct Transfer {
        let answered: @Sendable (HTTPAnswer) throws -> Void
        let received: @Sendable (Data) throws -> Void
        let done = DispatchSemaphore(value: 0)
        var answer: HTTPAnswer?
        var error: (any Error)?

        /// Whether the body is the file: that of a redirect or a refusal is not.
        var takesBody: Bool { error == nil && (200..<300).contains(answer?.status ?? 0) }
    }

    private let lock = NSLock()
    private var transfer: Transfer?

    func run(
        _ task: URLSessionDataTask, answered: @escaping @Sendable (HTTPAnswer) throws -> Void,
        received: @escaping @Sendable (Data) throws -> Void
    ) throws -> HTTPAnswer {
        let started = Transfer(answered: answered, received: received)
        lock.withLock { transfer = started }
        task.resume()
        started.done.wait()
        let ended = lock.withLock { () -> Transfer? in
            defer { transfer = nil }
            return transfer
        }
        if let error = ended?.error { throw error }
        guard let answer = ended?.answer else { throw HTTPClient.Failure(reason: "no answer") }
        return answer
    }

    /// Notes what stops the transfer; the first reason stays.
    private func fail(_ error: any Error) {
        lock.withLock { if transfer?.error == nil { transfer?.error = error } }
    }

    func urlSession(
        _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest, completionHandler: @escaping @Sendable (URLRequest?) -> Void
    ) {
        completionHandler(nil)
    }

    func urlSession(
        _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
        completionHandler: @escaping @Sendable (URLSession.ResponseDisposition) -> Void
    ) {
        do {
            try note(response)
            completionHandler(.allow)
        } catch {
            fail(error)
            completionHandler(.cancel)
            dataTask.cancel()
        }
    }

    private func note(_ response: URLResponse) throws {
        guard let response = response as? HTTPURLResponse else { throw HTTPClient.Failure(reason: "not an answer of HTTP") }
        var headers: [String: String] = [:]
        for (name, value) in response.allHeaderFields { headers["\(name)".lowercased()] = "\(value)" }
        let answer = HTTPAnswer(status: response.statusCode, headers: headers)
        let answered = lock.withLock { () -> (@Sendable (HTTPAnswer) throws -> Void)? in
            transfer?.answer = answer
            return transfer?.answered
        }
        try answered?(answer)
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        guard let received = lock.withLock({ transfer?.takesBody == true ? transfer?.received : nil }) else { return }
        do {
            try received(data)
        } catch {
            fail(error)
            dataTask.cancel()
        }
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        if let error { fail(HTTPClient.Failure(reason: error.localizedDescription)) }
        lock.withLock { transfer?.done }?.signal()
    }
}
