import CKernels
import Platform

/// A codebook's codewords, as rows for looking up and packed for the search, each made when it is first asked for.
///
/// A large codebook that is only searched gives its rows up; they can be had again from the panels.
/// `@unchecked Sendable` is sound because `rows` and `panels` are touched under the mutex alone, and what they hold never changes.
final class CodebookMemory: @unchecked Sendable {
    /// Bytes from which on a codebook does not keep rows that nobody asked for.
    private static let large = 1 << 20

    private let size, dimension: Int
    private let instructionSet: InstructionSet
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private var rows: [Float]?
    private var panels: AlignedFloats?

    init(codewords: [Float], dimension: Int) {
        (size, self.dimension, instructionSet) = (codewords.count / dimension, dimension, Kernels.instructionSet)
        rows = codewords
        pthread_mutex_init(mutex, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

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
        let made = [Float](unsafeUninitializedCapacity: size * dimension) { values, count in
            ck_codebook_unpack(instructionSet.code, panels.pointer, size, dimension, values.baseAddress!)
            count = size * dimension
        }
        rows = made
        return made
    }

    private func locked<R>(_ body: () -> R) -> R {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body()
    }
}
