import Kernels

/// Multiplies each channel by its factor (layer scale). After a `Linear`, use its `outputScale` instead, which costs nothing.
public struct Scale: FramewiseLayer {
    private let factors: [Float]

    /// Channels of the input.
    public var inputChannels: Int { factors.count }
    /// Channels of the output.
    public var outputChannels: Int { factors.count }

    /// - Parameter factors: one per channel.
    public init(_ factors: [Float]) { self.factors = factors }

    /// The output `[time, outputChannels]` for `input` `[time, inputChannels]`.
    public func apply(_ input: Frames) -> Frames {
        var output = Frames(zeros: input.count, channels: input.channels)
        Kernels.add(input, scale: factors, to: &output)
        return output
    }
}
