import CCodetta
import Platform

/// Text that lives as long as the object that owns it.
final class OwnedText: Sendable {
    private let bytes: HandledMemory

    init(_ text: String) { bytes = HandledMemory(text.utf8) }

    var pointer: UnsafePointer<CChar> { UnsafePointer(bytes.bytes.assumingMemoryBound(to: CChar.self)) }
}
