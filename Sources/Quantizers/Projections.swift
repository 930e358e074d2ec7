import Tensors

/// Maps of single frames around a quantizer: from the latents' channels to those of the codebook, and back.
public struct Projections: Sendable {
    private let inward: Convolution?
    private let outward: Convolution?

    /// The quantizer works on the latents as they are.
    public static let none = Projections(inward: nil, outward: nil)

    private init(inward: Convolution?, outward: Convolution?) {
        self.inward = inward
        self.outward = outward
    }

    /// - Parameters:
    ///   - inward: kernel size 1, latent channels to codebook channels.
    ///   - outward: kernel size 1, codebook channels to latent channels.
    public init(inward: Convolution, outward: Convolution) {
        precondition(
            inward.inputChannels == outward.outputChannels && inward.outputChannels == outward.inputChannels
                && inward.kernelSize == 1 && outward.kernelSize == 1,
            "projections that are not each other's counterpart")
        self.inward = inward
        self.outward = outward
    }

    var isIdentity: Bool { inward == nil }
    /// Channels of the latents, or nil if there is no projection.
    var outerDimension: Int? { inward?.inputChannels }

    func into(_ latents: Frames) -> Frames { inward.map { $0(latents) } ?? latents }
    func out(_ frames: Frames) -> Frames { outward.map { $0(frames) } ?? frames }
}
