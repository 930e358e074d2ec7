import CFFTW
import Platform

/// The transforms that FFTW is asked for.
enum TransformKind: Hashable, Sendable {
    case realToComplex
    case complexToReal
    case complexForward
}

/// A planned transform of one kind and size.
///
/// `@unchecked Sendable` is safe: a plan is never changed or destroyed once made, and FFTW documents its new-array execute
/// functions, the only ones called, as safe to run on one plan from many threads.
struct Plan: @unchecked Sendable {
    fileprivate let handle: OpaquePointer

    /// The plan for `kind` and `size`, made on first use and kept for the life of the process.
    init(_ kind: TransformKind, size: Int) throws(SpectralError) {
        self = try PlanCache.shared.plan(kind, size: size)
    }

    fileprivate init(handle: OpaquePointer) { self.handle = handle }

    /// `size` reals to `size/2 + 1` interleaved complex values; both pointers from `withScratch`.
    func realToComplex(_ input: UnsafeMutablePointer<Float>, _ output: UnsafeMutablePointer<Float>) {
        fftwf_execute_dft_r2c(handle, input, complexPointer(output))
    }

    /// `size/2 + 1` interleaved complex values, which are overwritten, to `size` reals; both pointers from `withScratch`.
    func complexToReal(_ input: UnsafeMutablePointer<Float>, _ output: UnsafeMutablePointer<Float>) {
        fftwf_execute_dft_c2r(handle, complexPointer(input), output)
    }

    /// `size` interleaved complex values to as many; both pointers from `withScratch`.
    func complex(_ input: UnsafeMutablePointer<Float>, _ output: UnsafeMutablePointer<Float>) {
        fftwf_execute_dft(handle, complexPointer(input), complexPointer(output))
    }
}

private func complexPointer(_ pointer: UnsafeMutablePointer<Float>) -> UnsafeMutablePointer<fftwf_complex> {
    UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: fftwf_complex.self)
}

/// Calls `body` with `count` uninitialised floats aligned to 64 bytes.
///
/// FFTW may choose other code, which rounds otherwise, for other alignments; as every transform runs in such scratch,
/// a frame's result is the same bits wherever its samples lie.
func withScratch<R>(_ count: Int, _ body: (UnsafeMutablePointer<Float>) throws -> R) rethrows -> R {
    try withUnsafeTemporaryAllocation(byteCount: max(count, 1) * MemoryLayout<Float>.stride, alignment: 64) {
        try body($0.baseAddress!.bindMemory(to: Float.self, capacity: max(count, 1)))
    }
}

/// Every plan of the process, keyed by kind and size.
///
/// `@unchecked Sendable` is safe: `plans` is only touched while `mutex` is held.
private final class PlanCache: @unchecked Sendable {
    static let shared = PlanCache()

    private struct Key: Hashable {
        let kind: TransformKind
        let size: Int
    }

    private var plans: [Key: Plan] = [:]
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

    private init() { pthread_mutex_init(mutex, nil) }

    /// FFTW's planner is not thread safe, so planning happens under the same lock as the look-up.
    func plan(_ kind: TransformKind, size: Int) throws(SpectralError) -> Plan {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        let key = Key(kind: kind, size: size)
        if let plan = plans[key] { return plan }
        guard let handle = make(kind, size: size) else { throw .planFailed(size: size) }
        let plan = Plan(handle: handle)
        plans[key] = plan
        return plan
    }

    /// Estimates instead of measuring: a measured plan depends on timings, so the same frame could round differently in
    /// the next run, and measuring costs seconds at start-up where estimating costs microseconds.
    private func make(_ kind: TransformKind, size: Int) -> OpaquePointer? {
        withScratch(2 * size + 2) { input in
            withScratch(2 * size + 2) { output in
                let n = Int32(size)
                switch kind {
                case .realToComplex:
                    return fftwf_plan_dft_r2c_1d(n, input, complexPointer(output), FFTW_ESTIMATE)
                case .complexToReal:
                    return fftwf_plan_dft_c2r_1d(n, complexPointer(input), output, FFTW_ESTIMATE)
                case .complexForward:
                    return fftwf_plan_dft_1d(
                        n, complexPointer(input), complexPointer(output), FFTW_FORWARD, FFTW_ESTIMATE)
                }
            }
        }
    }
}
