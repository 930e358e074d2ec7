/// Pointwise and row-wise kernels on frames. As with `Convolution`, a row's result never depends on its neighbours.
public enum Kernels {
    /// Applies `activation` to every value in place.
    public static func apply(_ activation: Activation, to frames: inout Frames) {
        for t in 0..<frames.count {
            for c in 0..<frames.channels {
                frames[t, c] = Reference.activate(frames[t, c], activation, channel: c)
            }
        }
    }

    /// Layer normalisation over channels: `[time, channels]` in and out; `weight` and `bias` one value a channel.
    public static func layerNorm(
        _ input: Frames, weight: [Float]?, bias: [Float]?, epsilon: Float
    ) -> Frames {
        Reference.layerNorm(input, weight: weight, bias: bias, epsilon: epsilon)
    }

    /// `x += scale · y` in place, one scale a channel (nil = 1).
    public static func add(_ y: Frames, scale: [Float]? = nil, to x: inout Frames) {
        precondition(x.channels == y.channels && x.count == y.count, "adding frames of different shapes")
        for t in 0..<x.count {
            for c in 0..<x.channels { x[t, c] += (scale?[c] ?? 1) * y[t, c] }
        }
    }
}
