import Platform

/// A value that is computed when it is first asked for, once for all threads.
final class Memo<Value: Sendable>: Sendable {
    private let value: Lock<Value?>
    private let compute: @Sendable () throws -> Value

    init(_ compute: @escaping @Sendable () throws -> Value) {
        value = Lock(nil)
        self.compute = compute
    }

    /// - Throws: what computing throws; the next call tries again.
    func get() throws -> Value {
        try value.withLock { value in
            if let value { return value }
            let computed = try compute()
            value = computed
            return computed
        }
    }
}
