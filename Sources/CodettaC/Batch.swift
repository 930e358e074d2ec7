import Codetta
import Kernels
import Platform

/// Work on several items at a time.
enum Batch {
    /// Far more than any memory holds.
    private static let mostItems: Int64 = 1 << 32

    /// The number of items, where both arrays are there.
    static func count<A, B>(_ count: Int64, _ items: UnsafePointer<A>?, _ results: UnsafePointer<B>?) throws -> Int {
        guard (0...mostItems).contains(count) else { throw ArgumentError("count", "is \(count)") }
        if count > 0 && items == nil { throw ArgumentError("items", "is NULL") }
        if count > 0 && results == nil { throw ArgumentError("results", "is NULL") }
        return Int(count)
    }

    static func count<A, B>(_ count: Int64, _ items: UnsafePointer<A>?, _ results: UnsafeMutablePointer<B>?) throws -> Int {
        try self.count(count, items, results.map { UnsafePointer($0) })
    }

    /// The results of all items, made on the threads of `execution`. A single item has all of them for itself.
    /// - Throws: the failure of the first item that fails, by its number.
    static func run<Value: Sendable>(
        _ count: Int, on execution: Execution, _ body: @Sendable (Int) throws -> Value
    ) throws -> [Value] {
        if count == 1 { return [try execution.run { try naming("items[0]") { try body(0) } }] }
        let failures = Failures()
        let results = execution.concurrentMap(count) { index -> Value? in
            if failures.isHopeless(index) { return nil }
            do {
                return try naming("items[\(index)]") { try body(index) }
            } catch {
                failures.add(error, index)
                return nil
            }
        }
        if let failure = failures.first { throw failure }
        return results.compactMap { $0 }
    }
}

/// The failure of the first item that failed. What comes behind it need not be done any more; what comes before must, so that it is always
/// the same one.
private final class Failures: Sendable {
    private let found = Lock<(index: Int, error: any Error)?>(nil)

    func isHopeless(_ index: Int) -> Bool { found.withLock { $0.map { $0.index < index } ?? false } }

    func add(_ error: any Error, _ index: Int) {
        found.withLock { if $0.map({ index < $0.index }) ?? true { $0 = (index, error) } }
    }

    var first: (any Error)? { found.withLock { $0?.error } }
}
