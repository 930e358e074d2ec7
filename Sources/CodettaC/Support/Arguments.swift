import CCodetta
import Codetta
import Platform

/// An argument that makes no sense.
struct ArgumentError: CodettaError {
    let argument: String
    let reason: String

    init(_ argument: String, _ reason: String) { (self.argument, self.reason) = (argument, reason) }

    var kind: FailureKind { .usage }
    var description: String { "\(argument): \(reason)".escapingControls }
}

/// What C passes in, checked. `name` is the parameter's, for messages.
enum Argument {
    /// Text of a caller.
    static func text(_ pointer: UnsafePointer<CChar>?, _ name: String) throws -> String {
        guard let pointer else { throw ArgumentError(name, "is NULL") }
        guard let text = String(validatingCString: pointer) else { throw ArgumentError(name, "is not UTF-8") }
        return text
    }

    /// The path of a file. `-` is a file of that name, since nobody gave the library the process's standard streams.
    static func path(_ pointer: UnsafePointer<CChar>?, _ name: String) throws -> PathName {
        guard let pointer else { throw ArgumentError(name, "is NULL") }
        let path = PathName(bytes: UnsafeBufferPointer(start: pointer, count: strlen(pointer)).map { UInt8(bitPattern: $0) })
        if path.bytes.isEmpty { throw ArgumentError(name, "is empty") }
        return path.isStandardStream ? PathName("./-") : path
    }

    /// A copy of bytes of a caller.
    static func bytes(_ pointer: UnsafeRawPointer?, _ size: Int, _ name: String) throws -> [UInt8] {
        guard size >= 0, size <= CheckedSize.budget else { throw ArgumentError(name, "has \(UInt(bitPattern: size)) bytes") }
        guard let pointer else {
            if size > 0 { throw ArgumentError(name, "is NULL") }
            return []
        }
        return [UInt8](UnsafeRawBufferPointer(start: pointer, count: size))
    }

    /// Where a result goes, holding `empty` until there is one.
    static func output<Value>(_ pointer: UnsafeMutablePointer<Value>?, _ name: String, empty: Value) throws -> UnsafeMutablePointer<Value> {
        guard let pointer else { throw ArgumentError(name, "is NULL") }
        pointer.pointee = empty
        return pointer
    }

    /// A struct of options as this version of the library knows it.
    ///
    /// There has been one version of each struct. When one grows, its earlier sizes stay allowed, and what they lack is zero: sizes in between
    /// would cut a pointer in two.
    /// - Throws: `ArgumentError` where a newer caller sets what this version does not have.
    static func options<Options>(_ pointer: UnsafePointer<Options>?, _ name: String, _ zero: Options) throws -> Options {
        guard let pointer else { return zero }
        let raw = UnsafeRawPointer(pointer)
        let size = raw.loadUnaligned(as: Int.self)
        let known = MemoryLayout<Options>.size
        guard (known...largestStruct).contains(size) else { throw sizeError(name, size, known) }
        let given = UnsafeRawBufferPointer(start: raw, count: size)
        guard given[known...].allSatisfy({ $0 == 0 }) else { throw ArgumentError(name, "sets what this version of the library does not have") }
        var options = zero
        withUnsafeMutableBytes(of: &options) { $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: given[..<known])) }
        return options
    }

    /// Fills the caller's struct of facts, whose sizes are as those of options. What a newer caller has beyond is zero.
    static func fill<Facts>(_ pointer: UnsafeMutablePointer<Facts>?, _ name: String, with facts: Facts) throws {
        guard let pointer else { throw ArgumentError(name, "is NULL") }
        let raw = UnsafeMutableRawPointer(pointer)
        let size = raw.loadUnaligned(as: Int.self)
        let known = MemoryLayout<Facts>.size
        guard (known...largestStruct).contains(size) else { throw sizeError(name, size, known) }
        let target = UnsafeMutableRawBufferPointer(start: raw, count: size)
        withUnsafeBytes(of: facts) { bytes in
            let rest = MemoryLayout<Int>.size..<known
            target[rest].copyBytes(from: bytes[rest])
        }
        for i in known..<size { target[i] = 0 }
    }

    private static func sizeError(_ name: String, _ size: Int, _ known: Int) -> ArgumentError {
        ArgumentError(name, size == 0 ? "its size is not set" : "its size is \(UInt(bitPattern: size)), expected \(known)")
    }

    /// No struct of this library will ever be larger.
    private static let largestStruct = 4096

    /// A sample rate in Hz.
    static func sampleRate(_ rate: Int32, _ name: String) throws -> Int {
        let range = AudioLimits.sampleRates
        guard range.contains(Int(rate)) else { throw ArgumentError(name, "is \(rate) Hz, expected \(range.lowerBound) to \(range.upperBound)") }
        return Int(rate)
    }

    /// A switch: 0 or 1.
    static func isOn(_ value: Int32, _ name: String) throws -> Bool {
        guard (0...1).contains(value) else { throw ArgumentError(name, "is \(value), expected 0 or 1") }
        return value == 1
    }
}

/// Memory on its way to C.
enum HandedOut {
    /// Text for the caller to free.
    static func text(_ text: String) -> UnsafeMutablePointer<CChar> { Handles.add(HandledMemory(text.utf8)).assumingMemoryBound(to: CChar.self) }

    /// JSON for the caller to free.
    static func json(_ value: some Encodable) throws -> UnsafeMutablePointer<CChar> {
        text(String(decoding: try JSONText.encode(value), as: UTF8.self).escapingControlsOfJSON)
    }

    /// Bytes for the caller to free.
    static func bytes(_ bytes: [UInt8]) -> UnsafeMutablePointer<UInt8> { Handles.add(HandledMemory(bytes)).assumingMemoryBound(to: UInt8.self) }
}

/// The caller's flag that ends a call.
struct CancelFlag: @unchecked Sendable {
    // The caller promises that the flag lives as long as the calls that are given it.
    private let flag: UnsafePointer<Int32>?

    init(_ flag: UnsafePointer<Int32>?) { self.flag = flag }

    /// - Throws: `Cancelled` once the flag is set.
    func check() throws {
        if let flag, cc_flag(flag) != 0 { throw Cancelled() }
    }
}
