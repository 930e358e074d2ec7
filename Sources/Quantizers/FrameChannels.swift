import Kernels

extension Frames {
    /// The channels in `range` of every time step, copied.
    func channels(_ range: Range<Int>) -> Frames {
        withUnsafeBufferPointer { values in
            Frames(count: count, channels: range.count) { share in
                for t in 0..<count {
                    for c in 0..<range.count { share[t * range.count + c] = values[t * channels + range.lowerBound + c] }
                }
            }
        }
    }

    /// Writes `share` over the channels from `first` on.
    mutating func setChannels(from first: Int, to share: Frames) {
        precondition(share.count == count && first + share.channels <= channels, "channels that are not there")
        let (outer, inner) = (channels, share.channels)
        withUnsafeMutableBufferPointer { values in
            share.withUnsafeBufferPointer { source in
                for t in 0..<share.count {
                    for c in 0..<inner { values[t * outer + first + c] = source[t * inner + c] }
                }
            }
        }
    }

    /// Sets all channels outside `range` to 0.
    mutating func keepChannels(_ range: Range<Int>) {
        let width = channels
        withUnsafeMutableBufferPointer { values in
            for start in stride(from: 0, to: values.count, by: width) {
                for c in 0..<width where !range.contains(c) { values[start + c] = 0 }
            }
        }
    }
}
