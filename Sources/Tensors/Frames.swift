/// Channels-last activations: `count` time steps of `channels` Float32 values, laid out `[time, channels]`.
///
/// A value type. Layers take frames and return frames; what they must remember lives in their state.
public struct Frames: Sendable, Equatable {
    /// Values in one time step.
    public let channels: Int
    /// Row-major values, `count × channels`.
    public private(set) var values: [Float]
    /// Number of time steps.
    public private(set) var count: Int

    /// No time steps.
    public init(channels: Int) {
        self.channels = channels
        self.values = []
        self.count = 0
    }

    /// `count` time steps of zeros.
    public init(zeros count: Int, channels: Int) {
        self.channels = channels
        self.values = [Float](repeating: 0, count: count * channels)
        self.count = count
    }

    /// Takes over row-major `values`, whose length must be `count × channels`.
    public init(count: Int, channels: Int, values: [Float]) {
        precondition(values.count == count * channels, "values do not fill count × channels")
        self.channels = channels
        self.values = values
        self.count = count
    }

    /// `count` time steps whose values `body` must write in full.
    public init(
        count: Int, channels: Int,
        initializing body: (UnsafeMutableBufferPointer<Float>) throws -> Void
    ) rethrows {
        self.channels = channels
        self.count = count
        self.values = try [Float](unsafeUninitializedCapacity: count * channels) { buffer, filled in
            try body(UnsafeMutableBufferPointer(rebasing: buffer[..<(count * channels)]))
            filled = count * channels
        }
    }

    public var isEmpty: Bool { count == 0 }

    public subscript(time: Int, channel: Int) -> Float {
        get { values[time * channels + channel] }
        set { values[time * channels + channel] = newValue }
    }

    /// Adds `other`'s time steps at the end. Channels must agree.
    public mutating func append(_ other: Frames) {
        precondition(other.channels == channels, "appending \(other.channels) channels to \(channels)")
        values.append(contentsOf: other.values)
        count += other.count
    }

    /// Drops the first `n` time steps.
    public mutating func removeFirst(_ n: Int) {
        values.removeFirst(n * channels)
        count -= n
    }

    /// The time steps in `range`, copied.
    public func slice(_ range: Range<Int>) -> Frames {
        Frames(
            count: range.count, channels: channels,
            values: Array(values[(range.lowerBound * channels)..<(range.upperBound * channels)]))
    }

    public func withUnsafeBufferPointer<R>(_ body: (UnsafeBufferPointer<Float>) throws -> R) rethrows -> R {
        try values.withUnsafeBufferPointer(body)
    }

    public mutating func withUnsafeMutableBufferPointer<R>(
        _ body: (UnsafeMutableBufferPointer<Float>) throws -> R
    ) rethrows -> R {
        try values.withUnsafeMutableBufferPointer { try body($0) }
    }
}
