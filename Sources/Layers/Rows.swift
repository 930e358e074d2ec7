import Tensors

extension Frames {
    /// Removes and returns the first `n` frames, without a copy when they are all.
    mutating func pop(_ n: Int) -> Frames {
        let head = n == count ? self : slice(0..<n)
        if n == count { self = Frames(channels: channels) } else { removeFirst(n) }
        return head
    }

    /// Multiplies by `other` value by value; both have the same shape.
    mutating func multiply(by other: Frames) {
        precondition(other.count == count && other.channels == channels, "multiplying frames of different shapes")
        withUnsafeMutableBufferPointer { x in
            other.withUnsafeBufferPointer { y in
                for i in 0..<x.count { x[i] *= y[i] }
            }
        }
    }
}

/// Sums over rows of floats, in eight lanes whose order depends on the length alone: the same row gives the same bits
/// wherever it lies.
enum Rows {
    /// Σ a·b.
    @inline(__always)
    static func dot(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ count: Int) -> Float {
        var lanes = SIMD8<Float>.zero
        var i = 0
        while i + 8 <= count {
            lanes += load(a + i) * load(b + i)
            i += 8
        }
        var sum = lanes.sum()
        while i < count {
            sum += a[i] * b[i]
            i += 1
        }
        return sum
    }

    /// `y += factor · x`.
    @inline(__always)
    static func add(_ x: UnsafePointer<Float>, times factor: Float, to y: UnsafeMutablePointer<Float>, _ count: Int) {
        var i = 0
        while i + 8 <= count {
            let sum = load(y + i) + factor * load(x + i)
            UnsafeMutableRawPointer(y + i).storeBytes(of: sum, as: SIMD8<Float>.self)
            i += 8
        }
        while i < count {
            y[i] += factor * x[i]
            i += 1
        }
    }

    @inline(__always)
    private static func load(_ pointer: UnsafePointer<Float>) -> SIMD8<Float> {
        UnsafeRawPointer(pointer).loadUnaligned(as: SIMD8<Float>.self)
    }
}
