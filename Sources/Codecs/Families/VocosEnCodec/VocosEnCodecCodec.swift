import Checkpoints
import Layers
import Quantizers
import Tokens

/// Vocos for EnCodec's tokens, `model_type` "vocos-encodec" (Siuzdak 2023, "Vocos: Closing the gap between time-domain and
/// Fourier-based neural vocoders for high-quality audio synthesis"): codes are EnCodec's, and decode to better audio.
///
///     encoder  EnCodec's SEANet with LSTM, causal
///     RVQ      EnCodec's first codebooks
///     decoder  conv k7 ─ norm ─ ConvNeXt blocks ─ norm ─ inverse STFT, centred
///
/// The norms' scales and shifts depend on the bandwidth. The reference knows a few bandwidths (1.5, 3, 6 and 12 kb/s: 2, 4, 8 and
/// 16 codebooks); other numbers of codebooks are decoded with the row of the next higher one.
/// Tools/convert/vocos.py makes the model folder.
public struct VocosEnCodecCodec: NetworkCodec, SearchableCodec, PretrainedCodec {
    /// What configs call the family.
    public static let modelTypes = ["vocos-encodec"]

    /// What the model is.
    public let description: CodecDescription
    /// Samples `[time, channels]` to latents `[frames, dimension]`.
    public let encoder: Sequential
    /// Latents to codes and back.
    public var quantizer: ResidualVectorQuantizer
    /// One for each bandwidth; they differ in their norms alone.
    private let decoders: [Sequential]
    /// Codebooks of each bandwidth.
    private let codebookCounts: [Int]

    /// The decoder of the highest bandwidth.
    public var decoder: Sequential { decoders[decoders.count - 1] }

    /// The decoder of codes of so many codebooks.
    public func decoder(codebooks: Int) -> Sequential {
        codebookCounts.firstIndex { $0 >= codebooks }.map { decoders[$0] } ?? decoder
    }

    /// A folder that Tools/convert/vocos.py made.
    public init(_ model: PretrainedModel) throws {
        let config = try model.config(VocosEnCodecConfig.self)
        let weights = try model.weights(keyMap: Self.names, ignoring: ["head.istft.window"])
        let c = config.networks
        codebookCounts = config.codebookCounts
        let codebooks = codebookCounts[codebookCounts.count - 1]
        encoder = try SEANet(c.network, weights / "encoder").encoder(channels: 1, latents: c.hiddenSize)
        quantizer = try ResidualVectorQuantizer(
            layers: weights / "quantizer" / "layers", stages: codebooks, size: c.codebookSize, dimension: c.hiddenSize)
        decoders = try VocosBackbone(c.decoder, weights, model.requireTransforms())
            .decoders(inputs: c.hiddenSize, conditions: Array(codebookCounts.indices))
        description = model.description(
            layout: CodeLayout(uniform: codebooks, size: c.codebookSize, hopLength: c.hopLength, sampleRate: c.samplingRate),
            latency: CodecDescription.latency(encoder: encoder, decoder: decoders[0], hopLength: c.hopLength), decoders: decoders)
    }

    /// The encoder's and the quantizer's names are those of EnCodec's original repository.
    static let names = EnCodecCodec.originalNames(prefix: "feature_extractor.encodec.")
}

/// The `config.json` that Tools/convert/vocos.py writes for EnCodec's tokens: the original's YAML and EnCodec's fields.
struct VocosEnCodecConfig: ModelConfig {
    /// kb/s, rising. Each has its row in the decoder's conditioned norms.
    @Field var bandwidths: [Double]
    @Embedded var networks: SEANetVocosConfig

    /// Codebooks of each bandwidth: as many as it has room for.
    var codebookCounts: [Int] {
        bandwidths.map {
            codebookCount(
                bandwidth: $0, samplingRate: networks.samplingRate, hopLength: networks.hopLength, size: networks.codebookSize)
        }
    }

    func check() throws(InvalidField) {
        try $bandwidths.requireCount(in: 1...64)
        let counts = codebookCounts
        guard counts.allSatisfy({ (1...256).contains($0) }), zip(counts, counts.dropFirst()).allSatisfy({ $0 < $1 }) else {
            throw $bandwidths.invalid("\(bandwidths) make \(counts) codebooks, expected rising numbers in 1...256")
        }
        let rows = networks.decoder.adanormNumEmbeddings
        guard rows == bandwidths.count else {
            throw networks.decoder.$adanormNumEmbeddings.invalid(
                "is \(rows.map(String.init) ?? "null"), expected one per bandwidth, \(bandwidths.count)")
        }
    }
}
