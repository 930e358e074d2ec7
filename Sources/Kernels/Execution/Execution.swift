import CKernels

/// What kernels run on: worker threads, an instruction set and, while times are taken, a profile.
///
/// Everything called within `run` uses this object's threads and instruction set. Elsewhere `Execution.default` applies. Results are
/// the same to the bit for any number of threads, and agree to rounding between instruction sets.
///
/// ```swift
/// let execution = Execution(threads: 4)
/// let codes = try execution.run { try encoder.encode(samples) }
/// ```
///
/// One call has the threads at a time. Calls that come meanwhile from other threads do their work alone, so callers that want
/// threads at the same time each make an execution of their own. Its threads sleep between calls and end with the object.
///
/// In a child process made by `fork`, kernels go on as in the parent: threads are started anew when they are first needed.
public final class Execution: Sendable {
    /// The execution of the whole process. It has one thread, unless `setThreadCount` gives it more.
    public static let `default` = Execution()

    @TaskLocal private static var scope: Execution?

    /// The execution whose `run` this code is called in, or `default` outside of any.
    public static var current: Execution { scope ?? .default }

    /// The instruction set that kernels run on, and that weights made meanwhile are packed for. A `Convolution`, `PackedCodebook`,
    /// `QuantizedMatrix` or `IntegerMatrix` keeps the set that it was made under.
    public let instructionSet: InstructionSet
    let pool: WorkerPool
    /// Where the time of kernels is counted, if at all.
    let profile: KernelProfile?

    /// - Parameters:
    ///   - threads: 1 to 64, the caller's included; the system may give fewer (`threadCount`).
    ///   - instructionSet: nil for the one that the environment variable `CODETTA_ISA` names (`portable`, `neon`, `avx2`, `avx512`)
    ///     or else the best one. A set that this machine does not have counts as nil.
    public init(threads: Int = 1, instructionSet: InstructionSet? = nil) {
        self.instructionSet = instructionSet.flatMap { $0.isAvailable ? $0 : nil } ?? .preferred
        pool = WorkerPool(threads: threads)
        profile = nil
    }

    /// The same threads and instruction set, with a profile of its own.
    init(_ other: Execution, profile: KernelProfile) {
        (instructionSet, pool, self.profile) = (other.instructionSet, other.pool, profile)
    }

    /// Threads that one call may be shared over, 1 to 64, the caller's included.
    public var threadCount: Int { ck_pool_threads(pool.pointer) }

    /// Sets `threadCount`, from 1 to 64. The system may give fewer.
    public func setThreadCount(_ count: Int) { _ = ck_pool_set_threads(pool.pointer, max(1, count)) }

    /// Calls `body`. It and all that it calls, tasks that it starts included, have this execution as their `current` one.
    public func run<R>(_ body: () throws -> R) rethrows -> R {
        try Self.$scope.withValue(self, operation: body)
    }

    /// Calls `body`. It and all that it calls, tasks that it starts included, have this execution as their `current` one.
    public func run<R>(
        isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> R
    ) async rethrows -> R {
        try await Self.$scope.withValue(self, operation: body, isolation: isolation)
    }

    /// Floating-point operations that convolutions and codebook searches on these threads have done so far, counted from their
    /// shapes. A multiply-add counts as two.
    package var operationCount: Double { 2 * Double(ck_pool_multiply_adds(pool.pointer)) }
}

/// Owns a pool of worker threads. Safe to share: its functions may be called from any thread at any time.
final class WorkerPool: @unchecked Sendable {
    /// Nil without memory; then every call works alone.
    let pointer: OpaquePointer?

    init(threads: Int) {
        pointer = ck_pool_create()
        if threads > 1 { _ = ck_pool_set_threads(pointer, threads) }
    }

    deinit { ck_pool_destroy(pointer) }
}
