import CKernels
import Platform

/// The processor instructions that kernels run on.
///
/// Results agree between sets to rounding, and within one set to the bit, however the input is cut in time.
public enum InstructionSet: String, Sendable, CaseIterable {
    /// Plain C, on every machine.
    case portable
    /// Advanced SIMD of 64-bit Arm processors.
    case neon
    /// AVX2 with FMA, of x86 processors.
    case avx2
    /// AVX-512 F, of x86 processors.
    case avx512

    /// Whether this machine has it.
    public var isAvailable: Bool { ck_available(code) }

    /// The sets that this machine has, best last.
    public static let available: [InstructionSet] = allCases.filter(\.isAvailable)

    /// The best set that this machine has.
    public static var best: InstructionSet { available.last ?? .portable }

    /// The set that `CODETTA_ISA` names if this machine has it, else the best one. Read once.
    static let preferred: InstructionSet = {
        guard let name = environment("CODETTA_ISA"), let set = InstructionSet(rawValue: name), set.isAvailable
        else { return .best }
        return set
    }()

    /// The set's number in CKernels.
    var code: Int32 {
        switch self {
        case .portable: return Int32(CK_PORTABLE.rawValue)
        case .neon: return Int32(CK_NEON.rawValue)
        case .avx2: return Int32(CK_AVX2.rawValue)
        case .avx512: return Int32(CK_AVX512.rawValue)
        }
    }

    /// The most floating-point operations per second that one core does with this set, which must be available: multiply-adds on
    /// registers alone, the best of many short runs that take 30 ms together. A multiply-add counts as two.
    package func measurePeakRate() -> Double {
        let steps = 100_000
        let operations = 2 * Double(ck_multiply_adds_per_step(code) * steps)
        var best = 0.0
        var sink: Float = 0
        for _ in 0..<80 {
            let time = ContinuousClock().measure { sink += ck_multiply_add_peak(code, steps) }
            best = max(best, operations / (time / .seconds(1)))
        }
        // The sums converge to a number above 0. To ask for it keeps the compiler from dropping the runs.
        return sink > 0 ? best : 0
    }
}
