import Foundation

/// A value that several threads may change.
package final class Locked<Value: Sendable>: @unchecked Sendable {
    // `stored` is only touched under `lock`.
    private let lock = NSLock()
    private var stored: Value

    package init(_ value: Value) { stored = value }

    package var value: Value { lock.withLock { stored } }

    /// Runs `change` while no other thread sees the value.
    @discardableResult
    package func update<Result>(_ change: (inout Value) throws -> Result) rethrows -> Result {
        try lock.withLock { try change(&stored) }
    }
}
