/// Little-endian stored elements to the types that Codetta computes with.
///
/// The 16-bit floats are converted with integer operations without branches, which compilers vectorise;
/// Swift's own `Float16` does not exist on Intel Macs.
package enum ElementConversion {
    /// Converts `output.count` elements of `type`, which `source` must hold, aligned for the type.
    /// Integers beyond 2²⁴ round, booleans become 0 and 1.
    static func floats(from source: UnsafeRawBufferPointer, type: DataType, into output: UnsafeMutableBufferPointer<Float>) {
        switch type {
        case .float32: convert(source, output) { Float(bitPattern: UInt32(littleEndian: $0)) }
        case .float16: convert(source, output) { float(fromHalf: UInt16(littleEndian: $0)) }
        case .bfloat16: convert(source, output) { Float(bitPattern: UInt32(UInt16(littleEndian: $0)) << 16) }
        case .float64: convert(source, output) { Float(Double(bitPattern: UInt64(littleEndian: $0))) }
        case .bool, .uint8, .int8, .uint16, .int16, .uint32, .int32, .uint64, .int64:
            integers(from: source, type: type, into: output) { Float($0) } unsigned: { Float($0) }
        }
    }

    /// Converts elements of an integer `type`; a `U64` beyond `Int.max` keeps its bit pattern.
    static func integers(from source: UnsafeRawBufferPointer, type: DataType, into output: UnsafeMutableBufferPointer<Int>) {
        integers(from: source, type: type, into: output) { Int($0) } unsigned: { Int(bitPattern: UInt($0)) }
    }

    private static func integers<Output>(
        from source: UnsafeRawBufferPointer, type: DataType, into output: UnsafeMutableBufferPointer<Output>,
        signed: (Int64) -> Output, unsigned: (UInt64) -> Output
    ) {
        switch type {
        case .bool, .uint8: convert(source, output) { (x: UInt8) in unsigned(UInt64(x)) }
        case .int8: convert(source, output) { (x: Int8) in signed(Int64(x)) }
        case .uint16: convert(source, output) { unsigned(UInt64(UInt16(littleEndian: $0))) }
        case .int16: convert(source, output) { signed(Int64(Int16(littleEndian: $0))) }
        case .uint32: convert(source, output) { unsigned(UInt64(UInt32(littleEndian: $0))) }
        case .int32: convert(source, output) { signed(Int64(Int32(littleEndian: $0))) }
        case .uint64: convert(source, output) { unsigned(UInt64(littleEndian: $0)) }
        case .int64: convert(source, output) { signed(Int64(littleEndian: $0)) }
        case .float16, .bfloat16, .float32, .float64: preconditionFailure("\(type) is not an integer type")
        }
    }

    /// The value of an IEEE 754 binary16 bit pattern; exact, NaN and infinity included.
    @inline(__always)
    package static func float(fromHalf half: UInt16) -> Float {
        let sign = UInt32(half & 0x8000) << 16
        let magnitude = UInt32(half & 0x7FFF) << 13
        // Normal numbers: rebias the exponent from 15 to 127; NaN and infinity need the bias once more to reach 255.
        let special: UInt32 = magnitude >= 0x0F80_0000 ? 112 << 23 : 0
        let normal = magnitude &+ (112 << 23) &+ special
        // Subnormals: put the fraction under the exponent of 2⁻¹⁴ and subtract the implied one.
        let subnormal = (Float(bitPattern: magnitude &+ (113 << 23)) - Float(bitPattern: 113 << 23)).bitPattern
        return Float(bitPattern: sign | (magnitude < 0x0080_0000 ? subnormal : normal))
    }

    @inline(__always)
    private static func convert<Stored, Output>(
        _ source: UnsafeRawBufferPointer, _ output: UnsafeMutableBufferPointer<Output>, _ value: (Stored) -> Output
    ) {
        guard let stored = source.baseAddress?.assumingMemoryBound(to: Stored.self), let target = output.baseAddress
        else { return }
        for i in 0..<output.count { target[i] = value(stored[i]) }
    }

    /// Index of the first NaN or infinity.
    static func firstNonFinite(_ values: UnsafeBufferPointer<Float>) -> Int? {
        // The greatest magnitude first: a reduction without branches, since nearly all tensors are sound.
        var greatest: UInt32 = 0
        for value in values { greatest = max(greatest, value.bitPattern & 0x7FFF_FFFF) }
        return greatest < 0x7F80_0000 ? nil : values.firstIndex { !$0.isFinite }
    }
}
