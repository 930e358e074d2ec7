import CKernels
import Platform

/// The processor instructions that kernels run on.
///
/// Results agree between sets to rounding, and within one set to the bit for any cut of the input in time.
public enum InstructionSet: String, Sendable, CaseIterable {
    case portable
    case neon
    case avx2
    case avx512

    /// Whether this machine has it.
    public var isAvailable: Bool { ck_available(code) }

    /// The sets that this machine has, best last.
    public static let available: [InstructionSet] = allCases.filter(\.isAvailable)

    /// The best set that this machine has.
    public static var best: InstructionSet { available.last ?? .portable }

    /// The set's number in CKernels.
    var code: Int32 {
        switch self {
        case .portable: return Int32(CK_PORTABLE.rawValue)
        case .neon: return Int32(CK_NEON.rawValue)
        case .avx2: return Int32(CK_AVX2.rawValue)
        case .avx512: return Int32(CK_AVX512.rawValue)
        }
    }
}

extension Kernels {
    /// The process's choice: `CODETTA_ISA` (`portable`, `neon`, `avx2`, `avx512`) if it names a set that this machine
    /// has, the best one otherwise. Read once.
    private static let preferred: InstructionSet = {
        guard let name = environment("CODETTA_ISA"), let set = InstructionSet(rawValue: name), set.isAvailable
        else { return .best }
        return set
    }()

    @TaskLocal private static var override: InstructionSet?

    /// The instruction set that kernels called from here run on, and that weights packed here are packed for.
    public static var instructionSet: InstructionSet { override ?? preferred }

    /// Runs `body` with another instruction set, in this task alone; one that the machine lacks leaves the choice as it is.
    /// A `Convolution` or `PackedCodebook` keeps the set that it was made under.
    public static func withInstructionSet<R>(_ set: InstructionSet, _ body: () throws -> R) rethrows -> R {
        guard set.isAvailable else { return try body() }
        return try $override.withValue(set, operation: body)
    }
}
