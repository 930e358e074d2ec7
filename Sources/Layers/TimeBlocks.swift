import Tensors

/// How a sequence of layers cuts a long input: into blocks that fill the kernels' rows where the rate is lowest, and as
/// short as that allows, so that activations stay in the caches.
struct TimeBlocks: Sendable {
    /// Frames at the lowest rate that weights are worth reading for.
    private static let leastFrames = 16
    /// Bytes of the widest activation below which a shorter block gains nothing.
    private static let leastBytes = 128 << 10

    /// Input frames that make one frame at the lowest rate; blocks are multiples of them.
    private let unit: Int
    /// Least input frames of a block. Layers all of one rate are as a rule part of a larger sequence, whose blocks they get
    /// and need not cut again.
    private let least: Int

    init(_ layers: [AnyLayer]) {
        var (rate, lowest) = (1.0, 1.0)
        var widest = Double(layers[0].inputChannels)
        for layer in layers {
            rate *= Double(layer.rate.numerator) / Double(layer.rate.denominator)
            lowest = min(lowest, rate)
            widest = max(widest, rate * Double(layer.outputChannels))
        }
        unit = Int((1 / lowest).rounded(.up))
        let units = Double(Self.leastBytes) / (4 * widest * Double(unit))
        let isPart = layers.allSatisfy { $0.rate == .one }
        least = isPart ? .max : unit * max(Self.leastFrames, Int(units.rounded(.up)))
    }

    /// Where to cut `count` input frames: 0, the block ends, `count`.
    func cuts(of count: Int) -> [Int] {
        let parts = max(1, count / least)
        return (0..<parts).map { $0 * count / parts / unit * unit } + [count]
    }
}
