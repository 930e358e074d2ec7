/// How the samples of a headered or raw PCM stream lie in bytes.
struct PCMCoding: Sendable, Equatable {
    /// One with `bytesPerSample`.
    let format: SampleFormat
    let bytesPerSample: Int
    let bigEndian: Bool

    /// Nil for formats that do not store samples one by one.
    init?(_ format: SampleFormat, bigEndian: Bool = false) {
        guard let bytes = format.bytesPerSample else { return nil }
        self.format = format
        self.bytesPerSample = bytes
        self.bigEndian = bigEndian
    }

    /// Decodes `count` stored samples to Float32, integers scaled by 2^(1 − bits) so that full scale is −1.
    func decode(_ bytes: UnsafeRawPointer, into samples: UnsafeMutablePointer<Float>, count: Int) {
        switch format {
        case .pcmU8:
            for i in 0..<count {
                samples[i] = (Float(bytes.load(fromByteOffset: i, as: UInt8.self)) - 128) / 128
            }
        case .pcmS8:
            for i in 0..<count { samples[i] = Float(bytes.load(fromByteOffset: i, as: Int8.self)) / 128 }
        case .pcm16:
            for i in 0..<count { samples[i] = Float(Int16(bitPattern: load(bytes, i))) / 32768 }
        case .pcm24:
            let (low, high) = bigEndian ? (2, 0) : (0, 2)
            for i in 0..<count {
                let sample = bytes + 3 * i
                let bits =
                    UInt32(sample.load(fromByteOffset: low, as: UInt8.self)) << 8
                    | UInt32(sample.load(fromByteOffset: 1, as: UInt8.self)) << 16
                    | UInt32(sample.load(fromByteOffset: high, as: UInt8.self)) << 24
                samples[i] = Float(Int32(bitPattern: bits)) / 2_147_483_648
            }
        case .pcm32:
            for i in 0..<count { samples[i] = Float(Int32(bitPattern: load(bytes, i))) / 2_147_483_648 }
        case .float:
            for i in 0..<count { samples[i] = Float(bitPattern: load(bytes, i)) }
        case .double:
            for i in 0..<count { samples[i] = Float(Double(bitPattern: load(bytes, i))) }
        case .mulaw:
            decodeCompanded(bytes, levels: G711.mulaw.levels, into: samples, count: count)
        case .alaw:
            decodeCompanded(bytes, levels: G711.alaw.levels, into: samples, count: count)
        case .vorbis, .opus, .mp3:
            break  // The initialiser lets none of these in.
        }
    }

    /// Encodes `count` samples: integers rounded to nearest, ties to even, and clamped. No dither, so the same input
    /// gives the same bytes.
    func encode(_ samples: UnsafePointer<Float>, into bytes: UnsafeMutableRawPointer, count: Int) {
        switch format {
        case .pcmU8:
            for i in 0..<count {
                bytes.storeBytes(of: UInt8(quantized(samples[i], bits: 8) + 128), toByteOffset: i, as: UInt8.self)
            }
        case .pcmS8:
            for i in 0..<count {
                bytes.storeBytes(of: Int8(quantized(samples[i], bits: 8)), toByteOffset: i, as: Int8.self)
            }
        case .pcm16:
            for i in 0..<count { store(UInt16(truncatingIfNeeded: quantized(samples[i], bits: 16)), bytes, i) }
        case .pcm24:
            let (low, high) = bigEndian ? (2, 0) : (0, 2)
            for i in 0..<count {
                let bits = quantized(samples[i], bits: 24)
                let sample = bytes + 3 * i
                sample.storeBytes(of: UInt8(truncatingIfNeeded: bits), toByteOffset: low, as: UInt8.self)
                sample.storeBytes(of: UInt8(truncatingIfNeeded: bits >> 8), toByteOffset: 1, as: UInt8.self)
                sample.storeBytes(of: UInt8(truncatingIfNeeded: bits >> 16), toByteOffset: high, as: UInt8.self)
            }
        case .pcm32:
            for i in 0..<count { store(UInt32(bitPattern: quantized(samples[i], bits: 32)), bytes, i) }
        case .float:
            for i in 0..<count { store(samples[i].bitPattern, bytes, i) }
        case .double:
            for i in 0..<count { store(Double(samples[i]).bitPattern, bytes, i) }
        case .mulaw:
            encodeCompanded(samples, law: .mulaw, into: bytes, count: count)
        case .alaw:
            encodeCompanded(samples, law: .alaw, into: bytes, count: count)
        case .vorbis, .opus, .mp3:
            break  // The initialiser lets none of these in.
        }
    }

    private func decodeCompanded(
        _ bytes: UnsafeRawPointer, levels: [Float], into samples: UnsafeMutablePointer<Float>, count: Int
    ) {
        for i in 0..<count { samples[i] = levels[Int(bytes.load(fromByteOffset: i, as: UInt8.self))] }
    }

    private func encodeCompanded(
        _ samples: UnsafePointer<Float>, law: G711, into bytes: UnsafeMutableRawPointer, count: Int
    ) {
        for i in 0..<count {
            bytes.storeBytes(of: law.code(for: quantized(samples[i], bits: 16)), toByteOffset: i, as: UInt8.self)
        }
    }

    @inline(__always)
    private func load<Bits: FixedWidthInteger>(_ bytes: UnsafeRawPointer, _ index: Int) -> Bits {
        let bits = bytes.loadUnaligned(fromByteOffset: index * MemoryLayout<Bits>.size, as: Bits.self)
        return bigEndian ? Bits(bigEndian: bits) : Bits(littleEndian: bits)
    }

    @inline(__always)
    private func store<Bits: FixedWidthInteger>(_ bits: Bits, _ bytes: UnsafeMutableRawPointer, _ index: Int) {
        bytes.storeBytes(
            of: bigEndian ? bits.bigEndian : bits.littleEndian, toByteOffset: index * MemoryLayout<Bits>.size, as: Bits.self)
    }
}

/// `sample` as a signed integer of `bits` bits: scaled by 2^(bits − 1), rounded to nearest with ties to even, clamped.
/// NaN gives 0.
@inline(__always)
package func quantized(_ sample: Float, bits: Int) -> Int32 {
    let limit = Double(Int64(1) << Int64(bits - 1))
    let scaled = (Double(sample) * limit).rounded(.toNearestOrEven)
    if scaled >= limit { return Int32(truncatingIfNeeded: (Int64(1) << Int64(bits - 1)) - 1) }
    if scaled <= -limit { return Int32(truncatingIfNeeded: -(Int64(1) << Int64(bits - 1))) }
    return scaled.isNaN ? 0 : Int32(scaled)
}
