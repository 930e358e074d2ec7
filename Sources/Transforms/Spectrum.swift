import Kernels
import Platform

/// Complex spectra over time, `[time, bins]`; a row holds the bins 0 … n/2 of a real transform of size n.
public struct Spectrum: Sendable, Equatable {
    /// Complex values in one row.
    public let bins: Int
    /// Number of rows.
    public private(set) var count: Int
    /// Row-major, interleaved real and imaginary parts: `count × bins × 2` floats.
    public private(set) var values: [Float]

    /// No rows.
    public init(bins: Int) {
        self.bins = bins
        self.count = 0
        self.values = []
    }

    /// Takes over interleaved `values`, whose length must be `count × bins × 2`.
    public init(count: Int, bins: Int, values: [Float]) {
        precondition(values.count == count * bins * 2, "values do not fill count × bins × 2")
        self.bins = bins
        self.count = count
        self.values = values
    }

    /// From real and imaginary parts, both `[time, bins]`.
    public init(real: Frames, imaginary: Frames) {
        self.init(combining: real, imaginary) { ($0, $1) }
    }

    /// From magnitudes and phases in radians, both `[time, bins]`: magnitude · e^{i·phase}.
    public init(magnitude: Frames, phase: Frames) {
        self.init(combining: magnitude, phase) { ($0 * cosf($1), $0 * sinf($1)) }
    }

    private init(combining a: Frames, _ b: Frames, _ body: (Float, Float) -> (Float, Float)) {
        precondition(a.count == b.count && a.channels == b.channels, "the two parts differ in shape")
        bins = a.channels
        count = a.count
        values = [Float](uninitialized: 2 * a.values.count) { output in
            for i in 0..<a.values.count { (output[2 * i], output[2 * i + 1]) = body(a.values[i], b.values[i]) }
        }
    }

    /// `count` rows whose interleaved values `body` must write in full.
    init(count: Int, bins: Int, initializing body: (UnsafeMutableBufferPointer<Float>) -> Void) {
        self.bins = bins
        self.count = count
        values = [Float](uninitialized: count * bins * 2, body)
    }

    /// Whether there are no rows.
    public var isEmpty: Bool { count == 0 }

    /// The value of one bin in one row.
    public subscript(time: Int, bin: Int) -> (real: Float, imaginary: Float) {
        get {
            let i = 2 * (time * bins + bin)
            return (values[i], values[i + 1])
        }
        set {
            let i = 2 * (time * bins + bin)
            (values[i], values[i + 1]) = newValue
        }
    }

    /// Adds `other`'s rows at the end. Bins must agree.
    public mutating func append(_ other: Spectrum) {
        precondition(other.bins == bins, "appending \(other.bins) bins to \(bins)")
        values.append(contentsOf: other.values)
        count += other.count
    }

    /// The rows in `range`, copied.
    public func slice(_ range: Range<Int>) -> Spectrum {
        Spectrum(
            count: range.count, bins: bins,
            values: Array(values[(2 * range.lowerBound * bins)..<(2 * range.upperBound * bins)]))
    }

    /// Real parts `[time, bins]`.
    public var real: Frames { map { re, _ in re } }
    /// Imaginary parts `[time, bins]`.
    public var imaginary: Frames { map { _, im in im } }
    /// |X| `[time, bins]`.
    public var magnitude: Frames { powers { $0.squareRoot() } one: { $0.squareRoot() } }
    /// |X|² `[time, bins]`.
    public var power: Frames { powers { $0 } one: { $0 } }
    /// arg X in −π…π `[time, bins]`.
    public var phase: Frames { map { atan2f($1, $0) } }

    private func map(_ body: (Float, Float) -> Float) -> Frames {
        Frames(count: count, channels: bins) { output in
            values.withUnsafeBufferPointer { input in
                for i in 0..<output.count { output[i] = body(input[2 * i], input[2 * i + 1]) }
            }
        }
    }

    /// |X|² through a function, given for four and for one: compilers do not take interleaved parts apart by themselves.
    @inline(__always)
    private func powers(_ four: (SIMD4<Float>) -> SIMD4<Float>, one: (Float) -> Float) -> Frames {
        Frames(count: count, channels: bins) { output in
            values.withUnsafeBytes { input in
                let whole = output.count & ~3
                for i in stride(from: 0, to: whole, by: 4) {
                    let x = input.loadUnaligned(fromByteOffset: 8 * i, as: SIMD8<Float>.self)
                    let y = four(x.evenHalf * x.evenHalf + x.oddHalf * x.oddHalf)
                    for lane in 0..<4 { output[i + lane] = y[lane] }
                }
                for i in whole..<output.count {
                    output[i] = one(values[2 * i] * values[2 * i] + values[2 * i + 1] * values[2 * i + 1])
                }
            }
        }
    }
}
