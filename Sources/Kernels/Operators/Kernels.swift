import CKernels

/// Pointwise and row-wise kernels on frames. As with `Convolution`, a row's result never depends on its neighbours.
public enum Kernels {
    /// Applies `activation` to every value in place.
    public static func apply(_ activation: Activation, to frames: inout Frames) {
        let (count, channels) = (frames.count, frames.channels)
        if count == 0 || activation == .identity { return }
        activation.withEpilogue(channels: channels) { epilogue in
            frames.withUnsafeMutableBufferPointer {
                ck_activate(instructionSet.code, epilogue, $0.baseAddress, count, channels)
            }
        }
    }

    /// Layer normalisation over channels: `[time, channels]` in and out; `weight` and `bias` one value a channel.
    public static func layerNorm(
        _ input: Frames, weight: [Float]?, bias: [Float]?, epsilon: Float
    ) -> Frames {
        let (count, channels) = (input.count, input.channels)
        precondition(weight == nil || weight!.count == channels, "weight size")
        precondition(bias == nil || bias!.count == channels, "bias size")
        if count == 0 { return input }
        return input.withUnsafeBufferPointer { input in
            Frames(count: count, channels: channels) { output in
                withOptionalPointer(weight) { weight in
                    withOptionalPointer(bias) { bias in
                        ck_layer_norm(
                            instructionSet.code, input.baseAddress, weight, bias, epsilon, output.baseAddress, count,
                            channels)
                    }
                }
            }
        }
    }

    /// `x += scale · y` in place, one scale a channel (nil = 1).
    public static func add(_ y: Frames, scale: [Float]? = nil, to x: inout Frames) {
        let (count, channels) = (x.count, x.channels)
        precondition(channels == y.channels && count == y.count, "adding frames of different shapes")
        precondition(scale == nil || scale!.count == channels, "scale size")
        if count == 0 { return }
        y.withUnsafeBufferPointer { y in
            withOptionalPointer(scale) { scale in
                x.withUnsafeMutableBufferPointer {
                    ck_add(instructionSet.code, y.baseAddress, scale, $0.baseAddress, count, channels)
                }
            }
        }
    }
}
