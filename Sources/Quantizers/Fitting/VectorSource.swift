import Kernels

/// Vectors to fit a quantizer to, perhaps more than the memory holds: passes over them in blocks, always in the same order.
public protocol VectorSource {
    /// Channels of each vector.
    var dimension: Int { get }
    /// Vectors in all.
    var count: Int { get }
    /// Passes all vectors to `body`, `[vectors, dimension]` at a time; blocks are never empty.
    func forEachBlock(_ body: (Frames) throws -> Void) throws
}

/// Vectors in memory.
public struct MemoryVectors: VectorSource {
    /// The vectors, `[vectors, dimension]`.
    public var frames: Frames
    /// Vectors a block.
    static let blockSize = 8192

    /// One vector per frame.
    public init(_ frames: Frames) { self.frames = frames }

    /// Channels of each vector.
    public var dimension: Int { frames.channels }
    /// Vectors in all.
    public var count: Int { frames.count }

    /// Passes all vectors to `body`, a block at a time.
    public func forEachBlock(_ body: (Frames) throws -> Void) throws {
        for start in stride(from: 0, to: count, by: Self.blockSize) {
            try body(frames.slice(start..<min(start + Self.blockSize, count)))
        }
    }
}

/// Vectors of another source that are changed on their way.
struct MappedVectors: VectorSource {
    let base: any VectorSource
    let dimension: Int
    let map: (Frames) throws -> Frames

    var count: Int { base.count }

    func forEachBlock(_ body: (Frames) throws -> Void) throws {
        try base.forEachBlock { try body(try map($0)) }
    }
}

extension VectorSource {
    /// `limit` of the vectors, or all if there are no more, each as likely as any other (Knuth's selection sampling).
    /// - Throws: `QuantizerError.unfittable` for a vector that is not finite.
    func sample(_ limit: Int, _ random: inout SeededRandom) throws -> Frames {
        var sample = Frames(channels: dimension)
        var (left, wanted) = (count, min(limit, count))
        var position = 0
        sample.reserveCapacity(wanted)
        try forEachBlock { block in
            try block.requireFinite(from: position)
            position += block.count
            for t in 0..<block.count where left > 0 {
                if wanted > 0 && Int(random.next(below: UInt64(left))) < wanted {
                    sample.append(block, range: t..<(t + 1))
                    wanted -= 1
                }
                left -= 1
            }
        }
        return sample
    }

    /// All vectors, copied.
    func loaded() throws -> MemoryVectors {
        var frames = Frames(channels: dimension)
        frames.reserveCapacity(count)
        try forEachBlock { frames.append($0) }
        return MemoryVectors(frames)
    }
}

extension Frames {
    /// - Throws: `QuantizerError.unfittable` naming the vector, counted from `position`, that is not finite.
    func requireFinite(from position: Int) throws {
        if let index = values.firstIndex(where: { !$0.isFinite }) {
            throw QuantizerError.unfittable("vector \(position + index / channels) has a NaN or infinite value")
        }
    }

    /// Mean of the squared lengths.
    var meanEnergy: Double {
        if count == 0 { return 0 }
        return withUnsafeBufferPointer { $0.reduce(0.0) { $0 + Double($1) * Double($1) } } / Double(count)
    }
}

/// Marsaglia's xorshift64* generator: a fit is the same in every run with the same seed.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        // Neighbouring seeds should not start alike, and the state must not be 0.
        state = (seed &+ 1) &* 0xD134_2543_DE82_EF95 | 1
        for _ in 0..<8 { _ = next() }
    }

    mutating func next() -> UInt64 {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return state &* 0x2545_F491_4F6C_DD1D
    }

    /// 0..<bound.
    mutating func next(below bound: UInt64) -> UInt64 { next().multipliedFullWidth(by: bound).high }

    /// Evenly in (0, 1).
    mutating func unit() -> Double { (Double(next() >> 11) + 0.5) * 0x1p-53 }
}
