import Kernels

/// Maps of single frames around a quantizer: from the latents' channels to those of the codebook, and back.
public struct Projections: Sendable {
    private let inward: Convolution?
    private let outward: Convolution?
    /// The numbers of both maps, nil if they were given as packed convolutions or there are none.
    let maps: (inward: AffineMap, outward: AffineMap)?

    /// The quantizer works on the latents as they are.
    public static let none = Projections(inward: nil, outward: nil, maps: nil)

    private init(inward: Convolution?, outward: Convolution?, maps: (inward: AffineMap, outward: AffineMap)?) {
        self.inward = inward
        self.outward = outward
        self.maps = maps
    }

    /// - Parameters:
    ///   - inward: kernel size 1, latent channels to codebook channels.
    ///   - outward: kernel size 1, codebook channels to latent channels.
    public init(inward: Convolution, outward: Convolution) {
        precondition(
            inward.inputChannels == outward.outputChannels && inward.outputChannels == outward.inputChannels
                && inward.kernelSize == 1 && outward.kernelSize == 1,
            "projections that are not each other's counterpart")
        self.init(inward: inward, outward: outward, maps: nil)
    }

    /// - Parameters:
    ///   - inward: latent channels to codebook channels.
    ///   - outward: codebook channels to latent channels.
    /// - Throws: `QuantizerError.invalidSize` for maps that are not each other's counterpart.
    public init(inward: AffineMap, outward: AffineMap) throws {
        guard inward.inputs == outward.outputs, inward.outputs == outward.inputs else {
            throw QuantizerError.invalidSize(
                "projections \(inward.inputs) → \(inward.outputs) and \(outward.inputs) → \(outward.outputs)")
        }
        self.init(inward: inward.convolution, outward: outward.convolution, maps: (inward, outward))
    }

    var isIdentity: Bool { inward == nil }
    /// Channels of the latents, or nil if there is no projection.
    var outerDimension: Int? { inward?.inputChannels }
    /// Channels of the codebook, or nil if there is no projection.
    var innerDimension: Int? { inward?.outputChannels }

    /// - Throws: `QuantizerError.invalidSize` unless they lead to `dimension` channels or are none.
    func require(innerDimension dimension: Int) throws {
        if let innerDimension, innerDimension != dimension {
            throw QuantizerError.invalidSize("projections to \(innerDimension) channels around a quantizer of \(dimension)")
        }
    }

    func into(_ latents: Frames) -> Frames { inward.map { $0(latents) } ?? latents }
    func out(_ frames: Frames) -> Frames { outward.map { $0(frames) } ?? frames }
}
