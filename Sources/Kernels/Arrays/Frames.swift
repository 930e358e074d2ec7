import Platform

/// Channels-last activations: `count` time steps of `channels` Float32 values, laid out `[time, channels]`.
///
/// A value type. Layers take frames and return frames; what they remember is in their state.
public struct Frames: Sendable, Equatable {
    /// Values in one time step.
    public let channels: Int
    @usableFromInline var storage: [Float]
    /// Number of time steps.
    public private(set) var count: Int

    /// All values, `count × channels`, one time step after the other.
    @inlinable public var values: [Float] { storage }

    /// No time steps.
    public init(channels: Int) {
        self.channels = channels
        self.storage = []
        self.count = 0
    }

    /// `count` time steps of zeros.
    public init(zeros count: Int, channels: Int) {
        self.channels = channels
        self.storage = [Float](repeating: 0, count: count * channels)
        self.count = count
    }

    /// Takes over row-major `values`, whose length must be `count × channels`.
    public init(count: Int, channels: Int, values: [Float]) {
        precondition(values.count == count * channels, "values do not fill count × channels")
        self.channels = channels
        self.storage = values
        self.count = count
    }

    /// `count` time steps whose values `body` must write in full.
    public init(
        count: Int, channels: Int,
        initializing body: (UnsafeMutableBufferPointer<Float>) throws -> Void
    ) rethrows {
        self.channels = channels
        self.count = count
        self.storage = try [Float](uninitialized: count * channels, body)
    }

    /// Whether there are no time steps.
    public var isEmpty: Bool { count == 0 }

    /// The value of one channel at one time step.
    @inlinable public subscript(time: Int, channel: Int) -> Float {
        get { storage[time * channels + channel] }
        set { storage[time * channels + channel] = newValue }
    }

    /// Sets memory aside for `count` time steps in all.
    public mutating func reserveCapacity(_ count: Int) { storage.reserveCapacity(count * channels) }

    /// Adds `other`'s time steps at the end. Channels must agree.
    public mutating func append(_ other: Frames) {
        precondition(other.channels == channels, "appending \(other.channels) channels to \(channels)")
        if count == 0 {
            storage = other.storage
        } else {
            storage.append(contentsOf: other.storage)
        }
        count += other.count
    }

    /// Adds the time steps `range` of `other` at the end. Channels must agree.
    public mutating func append(_ other: Frames, range: Range<Int>) {
        precondition(other.channels == channels, "appending \(other.channels) channels to \(channels)")
        storage.append(contentsOf: other.storage[(range.lowerBound * channels)..<(range.upperBound * channels)])
        count += range.count
    }

    /// Adds row-major time steps at the end; `values` must hold whole ones.
    package mutating func append(_ values: UnsafeBufferPointer<Float>) {
        precondition(channels > 0 && values.count % channels == 0, "values do not fill time steps of \(channels) channels")
        storage.append(contentsOf: values)
        count += values.count / channels
    }

    /// Drops the first `n` time steps.
    public mutating func removeFirst(_ n: Int) {
        precondition(0 <= n && n <= count, "removing \(n) of \(count) time steps")
        if n > count - n {
            // The rest is copied in any case. A copy of its own size lets a layer that keeps a few frames of a long block
            // free the memory of the block.
            storage = Array(storage[(n * channels)...])
        } else {
            storage.removeFirst(n * channels)
        }
        count -= n
    }

    /// Adds the time steps of `next` at the end and drops the first `n` of them all.
    public mutating func advance(by n: Int, into next: Frames) {
        if n >= count {
            self = next.slice((n - count)..<next.count)
        } else {
            append(next)
            removeFirst(n)
        }
    }

    /// Drops the last `n` time steps. Their memory is not freed.
    public mutating func removeLast(_ n: Int) {
        precondition(0 <= n && n <= count, "removing \(n) of \(count) time steps")
        storage.removeLast(n * channels)
        count -= n
    }

    /// The time steps in `range`, copied.
    public func slice(_ range: Range<Int>) -> Frames {
        Frames(
            count: range.count, channels: channels,
            values: Array(storage[(range.lowerBound * channels)..<(range.upperBound * channels)]))
    }

    /// Calls `body` with all values, as in `values`.
    public func withUnsafeBufferPointer<R, Failure: Error>(
        _ body: (UnsafeBufferPointer<Float>) throws(Failure) -> R
    ) throws(Failure) -> R {
        try storage.withUnsafeBufferPointer(body)
    }

    /// Calls `body` with all values, as in `values`, to change them.
    public mutating func withUnsafeMutableBufferPointer<R>(
        _ body: (UnsafeMutableBufferPointer<Float>) throws -> R
    ) rethrows -> R {
        try storage.withUnsafeMutableBufferPointer { try body($0) }
    }
}
