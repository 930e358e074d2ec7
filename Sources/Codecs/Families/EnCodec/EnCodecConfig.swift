import Tokens

/// The `config.json` of a Hugging Face `EncodecModel`.
public struct EnCodecConfig: Decodable, Sendable, Equatable {
    public var samplingRate: Int
    public var audioChannels: Int
    /// kb/s. The last one says how many codebooks there are.
    public var targetBandwidths: [Double]
    /// Channels of the latents and of the codewords.
    public var hiddenSize: Int
    /// nil means `hiddenSize`, the only value that works.
    public var codebookDim: Int?
    public var codebookSize: Int
    public var network: SEANetConfig
    /// Whether segments are scaled to a common level, and their length in seconds; the 48 kHz model's way.
    public var normalize: Bool
    public var chunkLength: Double?
    /// Share of a segment that overlaps the next one.
    public var overlap: Double?

    enum CodingKeys: String, CodingKey {
        case samplingRate = "sampling_rate"
        case audioChannels = "audio_channels"
        case targetBandwidths = "target_bandwidths"
        case hiddenSize = "hidden_size"
        case codebookDim = "codebook_dim"
        case codebookSize = "codebook_size"
        case normalize
        case chunkLength = "chunk_length_s"
        case overlap
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        samplingRate = try fields.decode(Int.self, forKey: .samplingRate)
        audioChannels = try fields.decode(Int.self, forKey: .audioChannels)
        targetBandwidths = try fields.decode([Double].self, forKey: .targetBandwidths)
        hiddenSize = try fields.decode(Int.self, forKey: .hiddenSize)
        codebookDim = try fields.decodeIfPresent(Int.self, forKey: .codebookDim)
        codebookSize = try fields.decode(Int.self, forKey: .codebookSize)
        normalize = try fields.decode(Bool.self, forKey: .normalize)
        chunkLength = try fields.decodeIfPresent(Double.self, forKey: .chunkLength)
        overlap = try fields.decodeIfPresent(Double.self, forKey: .overlap)
        network = try SEANetConfig(from: decoder)
    }

    /// Samples a frame, of a validated config.
    public var hopLength: Int { network.hopLength }

    /// How the signal is cut into segments, of a validated config; nil if it is coded as a whole.
    public var segmentation: Segmentation? {
        chunkLength.map { seconds in
            let length = Int(seconds * Double(samplingRate))
            return Segmentation(length: length, stride: max(1, Int((1 - (overlap ?? 0)) * Double(length))), isNormalized: normalize)
        }
    }

    /// As many as the greatest bandwidth has room for at ⌈frames a second⌉; 0 if none.
    public var numCodebooks: Int {
        let frameRate = (samplingRate + hopLength - 1) / hopLength
        let bits = CodeLayout.Codebook(size: codebookSize).bits
        let count = 1000 * (targetBandwidths.last ?? 0) / Double(frameRate * bits)
        return count.isFinite && count < 1e6 ? Int(count) : 0
    }

    /// Refuses values that no model of the family has, before anything is sized by them.
    /// - Throws: `CheckpointError.invalidConfig` naming the field.
    public func validate(file: String) throws {
        let check = ConfigCheck<CodingKeys>(file: file)
        try network.validate(file: file, allowsTimeNorm: chunkLength != nil)
        try ConfigCheck<SEANetConfig.CodingKeys>(file: file).require(.numLSTMLayers, [network.numLSTMLayers], in: 1...16)
        try check.require(.samplingRate, [samplingRate], in: 1000...384_000)
        try check.require(.audioChannels, [audioChannels], in: 1...8)
        try check.require(.hiddenSize, [hiddenSize], in: 1...8192)
        try check.require(.codebookDim, [codebookDim ?? hiddenSize], in: hiddenSize...hiddenSize)
        try check.require(.codebookSize, [codebookSize], in: 2...65_536)
        try validateSegments(check)
        guard (1...256).contains(numCodebooks) else {
            throw check.invalid(.targetBandwidths, "\(targetBandwidths) make \(numCodebooks) codebooks, expected 1...256")
        }
    }
    private func validateSegments(_ check: ConfigCheck<CodingKeys>) throws {
        guard let chunkLength else {
            if normalize { throw check.invalid(.normalize, "asks for segments of their own level, but chunk_length_s is missing") }
            return
        }
        // A segment is held in memory, so that it cannot be of any length.
        guard chunkLength >= Double(hopLength) / Double(samplingRate), chunkLength <= 60 else {
            throw check.invalid(.chunkLength, "is \(chunkLength), expected one frame to 60 seconds")
        }
        guard let overlap, overlap >= 0, overlap < 1 else {
            throw check.invalid(.overlap, "is \(overlap.map { "\($0)" } ?? "missing"), expected 0 to less than 1")
        }
    }
}
