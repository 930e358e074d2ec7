import CKernels

/// Kernels that take frames one by one: a frame's result never depends on its neighbours. As all kernels they run on `Execution.current`.
public enum Kernels {
    /// Applies `activation` to every value in place.
    public static func apply(_ activation: Activation, to frames: inout Frames) {
        let (count, channels) = (frames.count, frames.channels)
        if count == 0 || activation == .identity { return }
        let execution = Execution.current
        activation.withEpilogue(channels: channels) { epilogue in
            frames.withUnsafeMutableBufferPointer { values in
                execution.timed(.activation, ck_convolution(inputs: channels, outputs: channels), rows: count) {
                    ck_activate(execution.instructionSet.code, epilogue, values.baseAddress, count, channels)
                }
            }
        }
    }

    /// Layer normalisation over the channels of each frame.
    /// - Parameters:
    ///   - input: `[time, channels]`.
    ///   - weight: one value per channel; nil for ones.
    ///   - bias: one value per channel; nil for zeros.
    ///   - epsilon: added to the variance.
    /// - Returns: `[time, channels]`.
    public static func layerNorm(
        _ input: Frames, weight: [Float]?, bias: [Float]?, epsilon: Float
    ) -> Frames {
        let (count, channels) = (input.count, input.channels)
        precondition(weight == nil || weight!.count == channels, "weight size")
        precondition(bias == nil || bias!.count == channels, "bias size")
        if count == 0 { return input }
        let execution = Execution.current
        return input.withUnsafeBufferPointer { input in
            Frames(count: count, channels: channels) { output in
                withOptionalPointer(weight) { weight in
                    withOptionalPointer(bias) { bias in
                        execution.timed(.layerNorm, ck_convolution(inputs: channels, outputs: channels), rows: count) {
                            ck_layer_norm(
                                execution.instructionSet.code, input.baseAddress, weight, bias, epsilon, output.baseAddress,
                                count, channels)
                        }
                    }
                }
            }
        }
    }

    /// `x += scale · y` in place, with one scale per channel (nil = 1).
    public static func add(_ y: Frames, scale: [Float]? = nil, to x: inout Frames) {
        let (count, channels) = (x.count, x.channels)
        precondition(channels == y.channels && count == y.count, "adding frames of different shapes")
        precondition(scale == nil || scale!.count == channels, "scale size")
        if count == 0 { return }
        let execution = Execution.current
        y.withUnsafeBufferPointer { y in
            withOptionalPointer(scale) { scale in
                x.withUnsafeMutableBufferPointer { x in
                    execution.timed(.addition, ck_convolution(inputs: channels, outputs: channels), rows: count) {
                        ck_add(execution.instructionSet.code, y.baseAddress, scale, x.baseAddress, count, channels)
                    }
                }
            }
        }
    }
}
