/// Packed weights: Float32 values that start on a 64-byte boundary. They are written once and then shared.
///
/// `@unchecked Sendable` is sound because the memory is written only inside the initialiser and never changes again.
final class AlignedFloats: @unchecked Sendable {
    let pointer: UnsafePointer<Float>
    private let storage: UnsafeMutableRawPointer

    /// Memory for `count` values; `body` must write all of them.
    init(count: Int, initializing body: (UnsafeMutablePointer<Float>) -> Void) {
        storage = .allocate(byteCount: max(count, 1) * MemoryLayout<Float>.stride, alignment: 64)
        let floats = storage.bindMemory(to: Float.self, capacity: max(count, 1))
        body(floats)
        pointer = UnsafePointer(floats)
    }

    deinit { storage.deallocate() }
}
