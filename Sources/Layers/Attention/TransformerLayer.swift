import Kernels
import Platform

/// A pre-norm transformer layer: `x += attention(norm(x))`, then `x += feedForward(norm(x))`.
///
/// Where the model has layer scales, they are the `outputScale` of the attention's output layer and of the contracting layer.
public struct TransformerLayer: StreamingLayer {
    private let attentionNorm: any FramewiseLayer
    private let attention: Attention
    private let feedForwardNorm: any FramewiseLayer
    private let feedForward: FeedForward

    /// Channels of the input.
    public var inputChannels: Int { attention.inputChannels }
    /// Channels of the output.
    public var outputChannels: Int { feedForward.outputChannels }

    /// All four layers must have the same channels.
    /// - Parameters:
    ///   - attentionNorm: `LayerNorm` or `RMSNorm`.
    ///   - attention: takes the normalised frames.
    ///   - feedForwardNorm: `LayerNorm` or `RMSNorm`.
    ///   - feedForward: takes the frames that the second norm gives.
    public init(
        attentionNorm: any FramewiseLayer, attention: Attention, feedForwardNorm: any FramewiseLayer,
        feedForward: FeedForward
    ) {
        let widths = [
            attentionNorm.inputChannels, attentionNorm.outputChannels, attention.outputChannels,
            feedForwardNorm.inputChannels, feedForwardNorm.outputChannels, feedForward.inputChannels,
            feedForward.outputChannels,
        ]
        precondition(widths.allSatisfy { $0 == attention.inputChannels }, "the layers differ in channels: \(widths)")
        self.attentionNorm = attentionNorm
        self.attention = attention
        self.feedForwardNorm = feedForwardNorm
        self.feedForward = feedForward
    }

    /// The state at the start of a signal.
    public func makeState() -> Attention.State { attention.makeState() }

    /// Takes the next frames `[time, inputChannels]` and returns the output frames that became known.
    public func step(_ input: Frames, state: inout Attention.State) throws(UsedAfterEnd) -> Frames {
        try state.end.requireOpen()
        guard !input.isEmpty else { return Frames(channels: outputChannels) }
        let x = try attention.step(attentionNorm.apply(input), adding: input, state: &state)
        return feedForward.apply(feedForwardNorm.apply(x), adding: x)
    }

    /// Ends the signal and returns the output frames that are left.
    public func finish(state: inout Attention.State) throws(UsedAfterEnd) -> Frames { try attention.finish(state: &state) }
}
