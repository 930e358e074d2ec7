import CKernels

/// The time that a kernel took with one shape, over all its calls.
public struct KernelTime: Encodable, Sendable {
    /// What the kernel does, in a word or two.
    public let kernel: String
    /// Channels that go in and come out; of a codebook, its dimension and its size.
    public let inputs, outputs: Int
    /// Of a convolution over more than one frame, its taps and how they lie.
    public let kernelSize, stride, dilation: Int
    public let groups: Int
    public let calls: Int
    /// Output frames of all calls.
    public let rows: Int
    /// Of all calls, over all threads.
    public let seconds: Double
    /// Of all calls, a multiply-add counted as two; 0 where multiply-adds are not what a kernel does.
    public let operations: Double

    init?(_ entry: ck_profile_entry) {
        let names = [
            "convolution", "codebook search", "integer weights", "attention", "activation", "addition", "layer norm",
        ]  // in the order of ck_profiled_kernel
        guard let kind = Int(exactly: entry.kernel), names.indices.contains(kind) else { return nil }
        let shape = entry.shape
        let isLinear = kind == 0 && shape.kernel == 1 && shape.groups == 1
        kernel = isLinear ? "linear" : names[kind]
        (inputs, outputs, groups) = (shape.in_channels, shape.out_channels, shape.groups)
        (kernelSize, stride, dilation) = (shape.kernel, shape.stride, shape.dilation)
        (calls, rows, seconds) = (Int(entry.calls), Int(entry.rows), Double(entry.nanoseconds) * 1e-9)
        operations = kind <= 2 ? 2 * Double(outputs * (inputs / groups) * kernelSize) * Double(rows) : 0
    }
}

extension Kernels {
    /// Calls `body` and returns, beside its result, where kernels spent their time meanwhile, longest first.
    ///
    /// For one caller at a time: what other threads do is counted as well. Attention counts as one call of all its heads and queries.
    public static func profile<R>(_ body: () throws -> R) rethrows -> (result: R, times: [KernelTime]) {
        ck_clear_profile()
        ck_set_profiling(true)
        defer { ck_set_profiling(false) }
        let result = try body()
        let entries = [ck_profile_entry](unsafeUninitializedCapacity: ck_profile_capacity()) { entries, count in
            count = entries.baseAddress.map { ck_profile($0, entries.count) } ?? 0
        }
        return (result, entries.compactMap(KernelTime.init).sorted { $0.seconds > $1.seconds })
    }
}
