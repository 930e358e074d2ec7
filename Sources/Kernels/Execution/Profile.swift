import CKernels

/// The time that a kernel took with one shape, over all its calls.
public struct KernelTime: Encodable, Sendable {
    /// What the kernel does, in a word or two.
    public let kernel: String
    /// Channels that go in. Of a codebook search, the dimension.
    public let inputs: Int
    /// Channels that come out. Of a codebook search, the number of codewords.
    public let outputs: Int
    /// Frames that one output frame of a convolution is computed from; 1 for other kernels.
    public let kernelSize: Int
    /// The stride of a convolution; 1 for other kernels.
    public let stride: Int
    /// The dilation of a convolution; 1 for other kernels.
    public let dilation: Int
    /// The groups of a convolution, or the heads of attention; 1 for other kernels.
    public let groups: Int
    /// How often the kernel was called. Attention over all heads and queries counts as one call.
    public let calls: Int
    /// Output frames of all calls.
    public let rows: Int
    /// Seconds of all calls, on all threads together.
    public let seconds: Double
    /// Floating-point operations of all calls, counted from the shape, a multiply-add as two; 0 where a kernel does not mainly
    /// multiply and add.
    public let operations: Double

    init?(_ entry: ck_profile_entry) {
        guard let kind = ProfiledKernel(rawValue: entry.kernel) else { return nil }
        let shape = entry.shape
        let isLinear = kind == .convolution && shape.kernel == 1 && shape.groups == 1
        kernel = isLinear ? "linear" : kind.name
        (inputs, outputs, groups) = (shape.in_channels, shape.out_channels, shape.groups)
        (kernelSize, stride, dilation) = (shape.kernel, shape.stride, shape.dilation)
        (calls, rows, seconds) = (Int(entry.calls), Int(entry.rows), Double(entry.nanoseconds) * 1e-9)
        operations = kind.isProduct ? 2 * Double(outputs * (inputs / groups) * kernelSize) * Double(rows) : 0
    }
}

/// The kernels that a profile tells apart, beside their shapes.
enum ProfiledKernel: Int32 {
    case convolution, codebookSearch, quantizedProduct, attention, activation, addition, layerNorm

    var name: String {
        switch self {
        case .convolution: "convolution"
        case .codebookSearch: "codebook search"
        case .quantizedProduct: "integer weights"
        case .attention: "attention"
        case .activation: "activation"
        case .addition: "addition"
        case .layerNorm: "layer norm"
        }
    }

    /// Whether its time goes into as many multiply-adds as the shape tells.
    var isProduct: Bool { [.convolution, .codebookSearch, .quantizedProduct].contains(self) }
}

/// Counts the times of kernels. Safe to share: several threads may count at once.
final class KernelProfile: @unchecked Sendable {
    /// Nil without memory; then nothing is counted.
    private let pointer = ck_profile_create()

    deinit { if let pointer { ck_profile_destroy(pointer) } }

    func add(_ kernel: ProfiledKernel, _ shape: ck_convolution, rows: Int, _ time: Duration) {
        guard let pointer else { return }
        let nanoseconds = time.components.seconds * 1_000_000_000 + time.components.attoseconds / 1_000_000_000
        withUnsafePointer(to: shape) { ck_profile_add(pointer, kernel.rawValue, $0, rows, UInt64(max(0, nanoseconds))) }
    }

    /// What was counted so far, longest first.
    var times: [KernelTime] {
        guard let pointer else { return [] }
        let entries = [ck_profile_entry](unsafeUninitializedCapacity: ck_profile_capacity()) { entries, count in
            count = entries.baseAddress.map { ck_profile_entries(pointer, $0, entries.count) } ?? 0
        }
        return entries.compactMap(KernelTime.init).sorted { $0.seconds > $1.seconds }
    }
}

extension Execution {
    /// Runs `body` and returns, beside its result, where kernels spent their time in it, longest first.
    ///
    /// Only what `body` itself calls is counted, on whatever threads, and not what other callers do meanwhile. A profile within `body`
    /// counts for itself alone.
    public func profile<R>(_ body: () throws -> R) rethrows -> (result: R, times: [KernelTime]) {
        let profile = KernelProfile()
        let result = try Execution(self, profile: profile).run(body)
        return (result, profile.times)
    }

    /// Calls `body`, and counts its time as one call of `kernel` where there is a profile.
    @inline(__always)
    func timed<R>(_ kernel: ProfiledKernel, _ shape: @autoclosure () -> ck_convolution, rows: Int, _ body: () -> R) -> R {
        guard let profile else { return body() }
        let start = ContinuousClock.now
        defer { profile.add(kernel, shape(), rows: rows, ContinuousClock.now - start) }
        return body()
    }
}

extension ck_convolution {
    /// The shape of a kernel that takes each frame by itself.
    init(inputs: Int, outputs: Int, groups: Int = 1) {
        self.init(in_channels: inputs, out_channels: outputs, kernel: 1, stride: 1, dilation: 1, groups: groups)
    }
}
