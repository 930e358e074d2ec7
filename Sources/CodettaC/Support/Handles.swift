import CCodetta
import Platform

/// What a handle of the C library stands for. Handles are no addresses: they are looked up in a table of those that are alive.
///
/// `@unchecked Sendable` is safe: what changes in an object is only touched within its gate.
class HandledObject: @unchecked Sendable {
    /// What the header calls it.
    class var noun: String { "object" }

    private let gate = UnsafeMutablePointer<UInt32>.allocate(capacity: 1)

    init() { gate.initialize(to: 0) }

    deinit { gate.deallocate() }

    /// Runs `body` alone among all calls on this object.
    /// - Throws: `ArgumentError` where a fork caught another thread within; what `body` throws.
    final func exclusively<Result>(_ body: () throws -> Result) throws -> Result {
        guard cc_gate_enter(gate) else { throw ArgumentError(Self.noun, "was in use by another thread when this process was forked") }
        defer { cc_gate_leave(gate) }
        return try body()
    }
}

/// A stream behind a handle. What goes wrong in the middle of a step ends it.
class HandledStream: HandledObject, @unchecked Sendable {
    private var isBroken = false

    /// Runs a step of the stream, alone among all calls on it.
    /// - Throws: `UsedAfterEnd` after a step that went wrong; what `body` throws. Wrong usage and samples that are no numbers, which are found
    ///   before anything is done, leave the stream as it was.
    final func step<Result>(_ body: () throws -> Result) throws -> Result {
        try exclusively {
            if isBroken { throw UsedAfterEnd(Self.noun) }
            do {
                return try body()
            } catch {
                let isFoundFirst = error is SampleError || !(error is Cancelled) && (error as? any CodettaError)?.kind == .usage
                isBroken = !isFoundFirst
                throw error
            }
        }
    }
}

/// Memory that was handed out.
final class HandledMemory: HandledObject, @unchecked Sendable {
    let bytes: UnsafeMutableRawPointer

    /// A copy of `bytes`, with a zero behind it.
    init(_ content: some Collection<UInt8>) {
        bytes = .allocate(byteCount: content.count + 1, alignment: 16)
        UnsafeMutableRawBufferPointer(start: bytes, count: content.count).copyBytes(from: content)
        bytes.storeBytes(of: 0, toByteOffset: content.count, as: UInt8.self)
    }

    deinit { bytes.deallocate() }
}

/// The objects that are alive, by handle; memory by its address.
enum Handles {
    // Only touched under the lock of the table.
    nonisolated(unsafe) private static var objects: [UInt: HandledObject] = [:]
    nonisolated(unsafe) private static var made: UInt = 0
    /// So that handles of another copy of the library in the same process are none of this one's.
    private static let salt = UInt.random(in: 0...UInt.max)

    private static func locked<Result>(_ body: () -> Result) -> Result {
        // Made before the lock is taken: the first use of a static may wait for other threads.
        _ = salt
        cc_table_lock()
        defer { cc_table_unlock() }
        return body()
    }

    /// A handle for `object`, which it keeps alive.
    static func add(_ object: HandledObject) -> OpaquePointer? {
        locked {
            made &+= 1
            // No number comes twice, since the factor is odd; the highest bit sets it apart from addresses.
            let highest = UInt(1) << (UInt.bitWidth - 1)
            let key = (made &* UInt(truncatingIfNeeded: 0x9E37_79B9_7F4A_7C15 as UInt64) &+ salt) | highest
            objects[key] = object
            return OpaquePointer(bitPattern: key)
        }
    }

    /// The address of `memory`, which stands for it.
    static func add(_ memory: HandledMemory) -> UnsafeMutableRawPointer {
        locked {
            objects[UInt(bitPattern: memory.bytes)] = memory
            return memory.bytes
        }
    }

    /// The object of a handle.
    /// - Throws: `ArgumentError` for NULL, for a handle that was freed or never made, and for one of another kind.
    static func object<Object: HandledObject>(_ handle: OpaquePointer?, _ name: String, _ type: Object.Type = Object.self) throws -> Object {
        guard let handle else { throw ArgumentError(name, "is NULL") }
        guard let object = locked({ objects[UInt(bitPattern: handle)] }) else {
            throw ArgumentError(name, "no such \(Object.noun): it was freed, or was never made")
        }
        guard let object = object as? Object else {
            throw ArgumentError(name, "is \(article(Swift.type(of: object).noun)), not \(article(Object.noun))")
        }
        return object
    }

    /// Forgets an object, which goes when no call uses it any more.
    /// - Throws: `ArgumentError` for what is not alive.
    static func free(_ pointer: UnsafeMutableRawPointer) throws {
        let object = locked { objects.removeValue(forKey: UInt(bitPattern: pointer)) }
        if object == nil { throw ArgumentError("object", "is not this library's, or was freed before") }
    }

    private static func article(_ noun: String) -> String { (["a", "e", "i", "o", "u"].contains { noun.hasPrefix($0) } ? "an " : "a ") + noun }
}
