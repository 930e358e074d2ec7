import Kernels

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
