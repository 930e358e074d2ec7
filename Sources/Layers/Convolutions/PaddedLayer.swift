/// A layer that pads its input or trims its output, so that both cover the same time, and that can also run without that.
///
/// Codecs that cut a signal into windows with context on both sides run without padding: their output depends on the window alone.
public protocol PaddedLayer: StreamingLayer {
    /// The layer without padding and trims, with the same weights. A convolution then gives only the frames whose
    /// input frames are all there, as PyTorch's with `padding` 0. A transposed one gives all frames that any input frame adds to.
    func withoutPadding() -> Self
}
