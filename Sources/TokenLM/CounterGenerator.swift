/// Random numbers that are the same on every machine: Philox 4×32-10 (Salmon et al. 2011, "Parallel random numbers: as easy
/// as 1, 2, 3").
///
/// The key is the seed. The 128-bit counter holds the number of the block in its low half and the stream in its high half, so
/// that every sequence of a batch has numbers of its own, whatever stands beside it. A block gives two 64-bit numbers, of
/// which the first 32 bits of output are the low half.
public struct CounterGenerator: RandomNumberGenerator, Sendable {
    private let seed: UInt64
    private let stream: UInt64
    private var block: UInt64 = 0
    private var spare: UInt64?

    /// The beginning of sequence `stream` of the numbers of `seed`.
    public init(seed: UInt64, stream: UInt64 = 0) {
        self.seed = seed
        self.stream = stream
    }

    /// The next 64 random bits.
    public mutating func next() -> UInt64 {
        if let number = spare {
            spare = nil
            return number
        }
        let counter = SIMD4<UInt32>(
            UInt32(truncatingIfNeeded: block), UInt32(truncatingIfNeeded: block >> 32), UInt32(truncatingIfNeeded: stream),
            UInt32(truncatingIfNeeded: stream >> 32))
        let key = SIMD2<UInt32>(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
        let words = Self.philox(counter: counter, key: key)
        block &+= 1
        spare = UInt64(words[3]) << 32 | UInt64(words[2])
        return UInt64(words[1]) << 32 | UInt64(words[0])
    }

    /// The next number in 0..<1, a multiple of 2⁻⁵³.
    public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// The block function, ten rounds.
    public static func philox(counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
        var (x, k) = (counter, key)
        for _ in 0..<10 {
            let a = UInt64(x[0]) * 0xD251_1F53
            let b = UInt64(x[2]) * 0xCD9E_8D57
            x = SIMD4(
                UInt32(truncatingIfNeeded: b >> 32) ^ x[1] ^ k[0], UInt32(truncatingIfNeeded: b),
                UInt32(truncatingIfNeeded: a >> 32) ^ x[3] ^ k[1], UInt32(truncatingIfNeeded: a))
            k[0] &+= 0x9E37_79B9
            k[1] &+= 0xBB67_AE85
        }
        return x
    }
}
