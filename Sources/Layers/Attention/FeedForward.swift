import Kernels

/// `contract(expand(x))`, or with a gate `contract(expand(x) · gate(x))`, on every frame.
///
/// The activation is the expanding layer's: GELU for the plain form, SiLU with a gate for SwiGLU (Shazeer 2020).
public struct FeedForward: FramewiseLayer {
    private let expand: Linear
    private let gate: Linear?
    private let contract: Linear

    public var inputChannels: Int { expand.inputChannels }
    public var outputChannels: Int { contract.outputChannels }

    /// - Parameter contract: a layer scale is its `outputScale`.
    public init(expand: Linear, gate: Linear? = nil, contract: Linear) {
        precondition(expand.outputChannels == contract.inputChannels, "the layers do not fit each other")
        precondition(
            gate.map { $0.inputChannels == expand.inputChannels && $0.outputChannels == expand.outputChannels } ?? true,
            "the gate does not fit the expanding layer")
        self.expand = expand
        self.gate = gate
        self.contract = contract
    }

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
