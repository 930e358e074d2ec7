import Checkpoints

/// The `config.json` of the `codetta` family, with the field names that Tools/train writes.
public struct CodettaConfig: Decodable, Sendable, Equatable {
    public var samplingRate: Int
    /// `stft`; the recipe can also train `mdct`, which lost its ablation and is not read here.
    public var transform: String
    /// Always false here: the recipe's other variants lost their ablation.
    public var noiseFilling: Bool
    /// Samples a frame; the STFT's window is two hops.
    public var hopLength: Int
    public var hiddenSize: Int
    /// Channels inside a block, as a multiple of `hiddenSize`.
    public var expansion: Int
    public var kernelSize: Int
    public var encoderLayers: Int
    public var decoderLayers: Int
    /// Frames that the decoder's first convolution sees ahead.
    public var decoderLookahead: Int
    /// Log band energies beside the compressed spectrum.
    public var numBands: Int
    public var codebookDim: Int
    public var numCodebooks: Int
    public var codebookSize: Int
    /// Below this a coefficient is nearly linear, above it a square root.
    public var compression: Float
    /// Whether compression goes by the complex magnitude.
    public var jointCompression: Bool

    enum CodingKeys: String, CodingKey {
        case samplingRate = "sampling_rate"
        case transform
        case noiseFilling = "noise_filling"
        case hopLength = "hop_length"
        case hiddenSize = "hidden_size"
        case expansion
        case kernelSize = "kernel_size"
        case encoderLayers = "encoder_layers"
        case decoderLayers = "decoder_layers"
        case decoderLookahead = "decoder_lookahead"
        case numBands = "num_bands"
        case codebookDim = "codebook_dim"
        case numCodebooks = "num_codebooks"
        case codebookSize = "codebook_size"
        case compression
        case jointCompression = "joint_compression"
    }

    /// Algorithmic latency in samples: the two hops of the window and the decoder's lookahead.
    public var latency: Int { hopLength * (2 + decoderLookahead) }

    /// Refuses values that no model of the family has, before anything is sized by them.
    /// - Throws: `CheckpointError.invalidConfig` naming the field.
    public func validate(file: String) throws(CheckpointError) {
        let ranges: [(CodingKeys, Int, ClosedRange<Int>)] = [
            (.samplingRate, samplingRate, 1000...384_000),
            (.hopLength, hopLength, 2...65_536),
            (.hiddenSize, hiddenSize, 1...8192),
            (.expansion, expansion, 1...16),
            (.kernelSize, kernelSize, 1...255),
            (.encoderLayers, encoderLayers, 0...128),
            (.decoderLayers, decoderLayers, 0...128),
            (.decoderLookahead, decoderLookahead, 0...16),
            (.numBands, numBands, 1...1024),
            (.codebookDim, codebookDim, 1...8192),
            (.numCodebooks, numCodebooks, 1...256),
            (.codebookSize, codebookSize, 2...65_536),
        ]
        for (field, value, range) in ranges where !range.contains(value) {
            throw .invalidConfig(
                field: field.rawValue, reason: "is \(value), expected \(range.lowerBound)...\(range.upperBound)", file: file)
        }
        if transform != "stft" {
            throw .invalidConfig(
                field: CodingKeys.transform.rawValue, reason: "is \"\(transform)\", expected \"stft\"", file: file)
        }
        if noiseFilling {
            throw .invalidConfig(field: CodingKeys.noiseFilling.rawValue, reason: "is true, expected false", file: file)
        }
        if numBands > hopLength {
            throw .invalidConfig(
                field: CodingKeys.numBands.rawValue, reason: "is \(numBands), over hop_length \(hopLength)", file: file)
        }
        if !(compression > 0 && compression <= 1) {
            throw .invalidConfig(
                field: CodingKeys.compression.rawValue, reason: "is \(compression), expected above 0 and at most 1", file: file)
        }
    }
}
