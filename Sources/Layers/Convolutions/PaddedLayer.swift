/// A layer that pads its input or trims its output, so that both stand for the same time, and that can do without.
///
/// So run codecs that cut a signal into windows with context on both sides: what comes out depends on the window alone.
public protocol PaddedLayer: StreamingLayer {
    /// The layer without padding and without trims; weights are shared. A convolution then gives the frames alone whose
    /// input frames are all there, as PyTorch's with `padding` 0, and a transposed one all frames to which any input frame adds.
    func withoutPadding() -> Self
}
