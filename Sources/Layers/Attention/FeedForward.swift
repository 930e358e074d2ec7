import Kernels

/// `contract(expand(x))`, or with a gate `contract(expand(x) · gate(x))`, of every frame.
///
/// The expanding layer has the activation: GELU for the plain form, SiLU together with a gate for SwiGLU (Shazeer 2020).
public struct FeedForward: FramewiseLayer {
    private let expand: Linear
    private let gate: Linear?
    private let contract: Linear

    /// Channels of the input.
    public var inputChannels: Int { expand.inputChannels }
    /// Channels of the output.
    public var outputChannels: Int { contract.outputChannels }

    /// - Parameters:
    ///   - expand: to the hidden channels, with the activation.
    ///   - gate: to the hidden channels, or nil.
    ///   - contract: back to the channels. Where the model has a layer scale, it is the `outputScale` of this layer.
    public init(expand: Linear, gate: Linear? = nil, contract: Linear) {
        precondition(expand.outputChannels == contract.inputChannels, "the layers do not fit each other")
        precondition(
            gate.map { $0.inputChannels == expand.inputChannels && $0.outputChannels == expand.outputChannels } ?? true,
            "the gate does not fit the expanding layer")
        self.expand = expand
        self.gate = gate
        self.contract = contract
    }

    /// The output `[time, outputChannels]` for `input` `[time, inputChannels]`.
    public func apply(_ input: Frames) -> Frames { contract.apply(hidden(input)) }

    /// `residual + feedForward(input)`.
    func apply(_ input: Frames, adding residual: Frames) -> Frames {
        contract.apply(hidden(input), adding: residual)
    }

    private func hidden(_ input: Frames) -> Frames {
        var hidden = expand.apply(input)
        if let gate { hidden.multiply(by: gate.apply(input)) }
        return hidden
    }
}
