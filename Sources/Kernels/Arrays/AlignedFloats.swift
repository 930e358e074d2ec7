/// Packed weights: Float32 values on a 64-byte boundary, written once and shared ever after.
///
/// `@unchecked Sendable` is sound because the memory is written only inside the initialiser and never changes again.
final class AlignedFloats: @unchecked Sendable {
    let pointer: UnsafePointer<Float>
    private let storage: UnsafeMutableRawPointer

    /// `count` values, all of which `body` must write.
    init(count: Int, initializing body: (UnsafeMutablePointer<Float>) -> Void) {
        storage = .allocate(byteCount: max(count, 1) * MemoryLayout<Float>.stride, alignment: 64)
        let floats = storage.bindMemory(to: Float.self, capacity: max(count, 1))
        body(floats)
        pointer = UnsafePointer(floats)
    }

    deinit { storage.deallocate() }
}
