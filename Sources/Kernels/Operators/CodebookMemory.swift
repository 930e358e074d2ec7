import CKernels
import Platform

/// A codebook's codewords in two forms, each made when it is first asked for: rows for looking codewords up, and panels for the search.
///
/// A large codebook that is only searched gives up its rows; they can be made again from the panels.
/// `@unchecked Sendable` is sound because `rows` and `panels` are touched only under the lock, and what they hold never changes.
final class CodebookMemory: @unchecked Sendable {
    /// A codebook of at least so many bytes does not keep rows that nobody asked for.
    private static let large = 1 << 20

    private let size, dimension: Int
    private let instructionSet: InstructionSet
    /// A lock that the child of a fork can take whatever other threads of the parent were doing.
    private let lock = UnsafeMutablePointer<UInt32>.allocate(capacity: 1)
    private var rows: [Float]?
    private var panels: AlignedFloats?

    init(codewords: [Float], dimension: Int) {
        (size, self.dimension, instructionSet) = (codewords.count / dimension, dimension, Execution.current.instructionSet)
        rows = codewords
        lock.initialize(to: 0)
    }

    deinit { lock.deallocate() }

    /// Row-major codewords, `[size, dimension]`.
    var codewords: [Float] { locked { madeRows() } }

    /// The panels, and the rows where they are held as well.
    func forSearch() -> (panels: AlignedFloats, codewords: [Float]?) {
        locked {
            if let panels { return (panels, rows) }
            let codewords = madeRows()
            let made = AlignedFloats(count: ck_codebook_packed_size(instructionSet.code, size, dimension)) { packed in
                codewords.withUnsafeBufferPointer {
                    ck_codebook_pack(instructionSet.code, $0.baseAddress!, size, dimension, packed)
                }
            }
            panels = made
            if codewords.count * MemoryLayout<Float>.stride >= Self.large { rows = nil }
            return (made, rows)
        }
    }

    private func madeRows() -> [Float] {
        if let rows { return rows }
        guard let panels else { preconditionFailure("a codebook without codewords") }
        let made = [Float](uninitialized: size * dimension) { values in
            ck_codebook_unpack(instructionSet.code, panels.pointer, size, dimension, values.baseAddress!)
        }
        rows = made
        return made
    }

    private func locked<R>(_ body: () -> R) -> R {
        ck_lock_take(lock)
        defer { ck_lock_release(lock) }
        return body()
    }
}
