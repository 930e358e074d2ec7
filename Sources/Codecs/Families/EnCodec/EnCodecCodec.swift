import Checkpoints
import Layers
import Quantizers
import Tokens

/// EnCodec, `model_type` "encodec" (Défossez et al. 2022, "High Fidelity Neural Audio Compression"): SEANet networks with
/// an LSTM around an RVQ. The 24 kHz model is causal; MusicGen's 32 kHz model is centred. See `SEANet` for the figure.
///
/// Signals are mirrored at both ends, and the last frame is completed so in each strided layer, as in the reference.
/// A mirrored start is known only once the samples that it mirrors have come: the causal model gives its first codes
/// after 7 frames, all at once. That is its stated latency; from then on a frame is coded and decoded as it comes.
///
/// The 48 kHz model codes overlapping segments of a second, each divided by its level, with networks that norm over the whole
/// segment: it streams a segment at a time. Levels travel beside the codes (`Codes.segments`).
public struct EnCodecCodec: NetworkCodec, SearchableCodec, PretrainedCodec {
    /// What configs call the family.
    public static let modelTypes = ["encodec"]

    /// What the model is.
    public let description: CodecDescription
    /// Samples `[time, channels]` to latents `[frames, dimension]`.
    public let encoder: Sequential
    /// Latents to codes and back.
    public var quantizer: ResidualVectorQuantizer
    /// Latents `[frames, dimension]` to samples `[time, channels]`.
    public let decoder: Sequential
    /// How the signal is cut into segments that are coded by themselves; nil if it is coded as a whole.
    public let segmentation: Segmentation?

    /// A Hugging Face `EncodecModel`, or tensors named as in the original repository.
    public init(_ model: PretrainedModel) throws {
        let c = try model.config(EnCodecConfig.self)
        let weights = try model.weights(keyMap: Self.originalNames())
        encoder = try SEANet(c.network, weights / "encoder").encoder(channels: c.audioChannels, latents: c.hiddenSize)
        quantizer = try ResidualVectorQuantizer(
            layers: weights / "quantizer" / "layers", stages: c.numCodebooks, size: c.codebookSize, dimension: c.hiddenSize)
        decoder = try SEANet(c.network, weights / "decoder").decoder(latents: c.hiddenSize, channels: c.audioChannels)
        segmentation = c.segmentation
        // A sample in the overlap of two segments is known once the second one is complete.
        let latency = segmentation?.length
            ?? CodecDescription.latency(encoder: encoder, decoder: decoder, hopLength: c.hopLength)
        description = model.description(
            channels: c.audioChannels,
            layout: CodeLayout(uniform: c.numCodebooks, size: c.codebookSize, hopLength: c.hopLength, sampleRate: c.samplingRate),
            latency: latency, decoders: segmentation == nil ? [decoder] : [], hasSegments: segmentation != nil)
    }

    /// A fresh encoder for one track with the first `codebooks` codebooks.
    /// - Throws: `CodecError.codebookCount` when the model cannot code with that many.
    public func makeEncoder(codebooks: Int) throws -> any CodecEncoder {
        try requireCodebooks(codebooks)
        guard let segmentation else { return NetworkEncoder(codec: self, codebooks: codebooks) }
        return SegmentEncoder(codec: self, codebooks: codebooks, segmentation: segmentation)
    }

    /// A fresh decoder for one track of `codebooks` codebooks.
    /// - Throws: `CodecError.codebookCount` when the model cannot decode that many.
    public func makeDecoder(codebooks: Int) throws -> any CodecDecoder {
        try requireCodebooks(codebooks)
        guard let segmentation else { return NetworkDecoder(codec: self, codebooks: codebooks) }
        return SegmentDecoder(codec: self, codebooks: codebooks, segmentation: segmentation)
    }

    /// The original repository's names, which wrap every convolution once more; none is also a Hugging Face name.
    /// - Parameter prefix: before every name in the checkpoint, with its dot.
    static func originalNames(prefix: String = "") -> KeyMap {
        let networks = ["encoder", "decoder"].flatMap { network -> [(from: String, to: String)] in
            let (from, to) = ("\(prefix)\(network).model.{i}", "\(network).layers.{i}")
            return [
                ("\(from).conv.conv.*", "\(to).conv.*"), ("\(from).convtr.convtr.*", "\(to).conv.*"),
                ("\(from).conv.norm.*", "\(to).norm.*"), ("\(from).convtr.norm.*", "\(to).norm.*"),
                ("\(from).shortcut.conv.norm.*", "\(to).shortcut.norm.*"),
                ("\(from).block.{j}.conv.norm.*", "\(to).block.{j}.norm.*"),
                ("\(from).lstm.*", "\(to).lstm.*"), ("\(from).shortcut.conv.conv.*", "\(to).shortcut.conv.*"),
                ("\(from).block.{j}.conv.conv.*", "\(to).block.{j}.conv.*"),
            ]
        }
        return KeyMap(networks + [("\(prefix)quantizer.vq.layers.{i}._codebook.*", "quantizer.layers.{i}.codebook.*")])
    }
}

/// The `config.json` of a Hugging Face `EncodecModel`.
struct EnCodecConfig: ModelConfig {
    @Field(in: 1000...384_000) var samplingRate: Int
    @Field(in: 1...8) var audioChannels: Int
    /// kb/s. The last one says how many codebooks there are.
    @Field var targetBandwidths: [Double]
    /// Channels of the latents and of the codewords.
    @Field(in: 1...8192) var hiddenSize: Int
    /// nil means `hiddenSize`, the only value that works.
    @Field var codebookDim: Int?
    @Field(in: 2...65_536) var codebookSize: Int
    @Embedded var network: SEANetConfig
    /// Whether segments are scaled to a common level, and their length in seconds; the 48 kHz model's way.
    @Field var normalize: Bool
    @Field("chunk_length_s") var chunkLength: Double?
    /// Share of a segment that overlaps the next one.
    @Field var overlap: Double?

    /// Samples per frame.
    var hopLength: Int { network.hopLength }

    /// As many as the greatest bandwidth has room for; 0 if none.
    var numCodebooks: Int {
        codebookCount(bandwidth: targetBandwidths.last ?? 0, samplingRate: samplingRate, hopLength: hopLength, size: codebookSize)
    }

    /// How the signal is cut into segments; nil if it is coded as a whole.
    var segmentation: Segmentation? {
        chunkLength.map { seconds in
            let length = Int(seconds * Double(samplingRate))
            return Segmentation(length: length, stride: max(1, Int((1 - (overlap ?? 0)) * Double(length))), isNormalized: normalize)
        }
    }

    func check() throws(InvalidField) {
        if chunkLength == nil { try network.requireWeightNorm() }
        try network.$numLSTMLayers.require(in: 1...16)
        try $codebookDim.require(in: hiddenSize...hiddenSize)
        try checkSegments()
        guard (1...256).contains(numCodebooks) else {
            throw $targetBandwidths.invalid("\(targetBandwidths) make \(numCodebooks) codebooks, expected 1...256")
        }
    }

    private func checkSegments() throws(InvalidField) {
        guard let chunkLength else {
            if normalize { throw $normalize.invalid("asks for segments of their own level, but chunk_length_s is missing") }
            return
        }
        // A segment is held in memory, so that it cannot be of any length.
        guard chunkLength >= Double(hopLength) / Double(samplingRate), chunkLength <= 60 else {
            throw $chunkLength.invalid("is \(chunkLength), expected one frame to 60 seconds")
        }
        guard let overlap, overlap >= 0, overlap < 1 else {
            throw $overlap.invalid("is \(overlap.map { "\($0)" } ?? "missing"), expected 0 to less than 1")
        }
    }
}
