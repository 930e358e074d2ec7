/// The fields of `config.json` that describe a Vocos decoder: its backbone and its head; see `VocosBackbone`.
public struct VocosConfig: Decodable, Sendable, Equatable {
    /// Channels of the backbone.
    public var dim: Int
    /// Channels inside a block.
    public var intermediateDim: Int
    public var numLayers: Int
    /// Rows of each conditioned norm, of which one is used; nil if the norms are not conditioned.
    public var adanormNumEmbeddings: Int?
    /// Samples of the inverse Fourier transform.
    public var fftSize: Int
    /// Samples a frame.
    public var hopLength: Int
    /// `same`, where a frame is centred on its hop, or for vocoders `center`, where it is centred on its hop's first sample.
    public var padding: String

    enum CodingKeys: String, CodingKey {
        case dim
        case intermediateDim = "intermediate_dim"
        case numLayers = "num_layers"
        case adanormNumEmbeddings = "adanorm_num_embeddings"
        case fftSize = "n_fft"
        case hopLength = "hop_length"
        case padding
    }

    /// Refuses values that no model of the family has, before anything is sized by them.
    /// - Parameter isVocoder: whether `padding` may be `center`, which gives a hop less of audio than there are frames.
    /// - Throws: `CheckpointError.invalidConfig` naming the field.
    public func validate(file: String, isVocoder: Bool = false) throws {
        let check = ConfigCheck<CodingKeys>(file: file)
        try check.require(.dim, [dim], in: 1...16_384)
        try check.require(.intermediateDim, [intermediateDim], in: 1...65_536)
        try check.require(.numLayers, [numLayers], in: 1...256)
        if let adanormNumEmbeddings { try check.require(.adanormNumEmbeddings, [adanormNumEmbeddings], in: 1...1024) }
        try check.require(.hopLength, [hopLength], in: 1...65_536)
        try check.require(.fftSize, [fftSize], in: max(2, hopLength)...65_536)
        guard (fftSize - hopLength) % 2 == 0 && fftSize % 2 == 0 else {
            throw check.invalid(.fftSize, "is \(fftSize), expected an even number that is hop_length and twice a padding")
        }
        guard padding == "same" || isVocoder && padding == "center" else {
            throw check.invalid(.padding, "is \"\(padding)\", expected same\(isVocoder ? " or center" : "")")
        }
        guard padding == "same" || fftSize >= 2 * hopLength else {
            throw check.invalid(.fftSize, "is \(fftSize), expected at least two of hop_length, \(hopLength)")
        }
    }
}
