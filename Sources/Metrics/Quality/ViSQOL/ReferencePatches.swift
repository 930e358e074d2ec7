/// Which stretches of the reference ViSQOL compares.
enum ReferencePatches {
    /// Every stretch of `length` frames from half a patch on that ends before the last frame.
    static func evenlySpaced(frames: Int, length: Int) -> [Int] {
        let first = length / 2
        guard frames >= length + first else { return [] }
        let end = first < frames - length ? frames - length : first + 1
        return stride(from: first, to: end, by: length).map { $0 - 1 }
    }

    /// Those of the stretches of `length` frames in which the signal is active in at least one hop.
    ///
    /// A hop is inactive when its root mean square and those of the two before it are below 5000/32768 of the largest sample.
    /// As in the reference implementation, the first two hops always count, and hops are counted from the sample whose number
    /// is the first patch's frame.
    static func active(frames: Int, length: Int, samples: [Float], hop: Int) -> [Int] {
        let first = length / 2 - 1
        let count = max(0, (frames - first) / length)
        let peak = samples.max() ?? 0
        let scale = peak == 0 ? 0 : 32768 / peak
        let hops = min(count * length, max(0, samples.count - first) / hop)
        let loud = (0..<hops).map { h in
            var sum = 0.0
            for i in (first + h * hop)..<(first + (h + 1) * hop) {
                let value = min(max(samples[i] * scale, -32768), 32767).rounded(.towardZero)
                sum += Double(value) * Double(value)
            }
            return sum >= 5000 * 5000 * Double(hop)
        }
        return (0..<count).map { first + $0 * length }.filter { start in
            ((start - first)..<min(start - first + length, hops)).contains { h in
                h < 2 || loud[h] || loud[h - 1] || loud[h - 2]
            }
        }
    }
}
