import Checkpoints
import Kernels
import Layers

/// HuBERT base (Hsu et al. 2021, "HuBERT: Self-Supervised Speech Representation Learning by Masked Prediction of Hidden Units"),
/// a transformer over frames of speech whose states tell what is said:
///
///     convolutions ─ norm ─ 1×1 ─ x + GELU(conv, grouped) ─ norm ─ layers
///     layer  x = norm(x + attention(x)), x = norm(x + feed-forward(x))
///
/// The first convolution's channels are normed over time and all frames attend to all: it needs the whole signal.
struct HuBERT: Sendable {
    private let front: HuBERTFrontEnd
    private let projectionNorm: LayerNorm
    private let projection: Linear
    private let position: Conv1d
    private let norm: LayerNorm
    private let layers: [HuBERTLayer]

    /// - Parameter weights: of a Hugging Face `HubertModel`.
    init(_ c: HuBERTConfig, _ weights: WeightPath) throws {
        let (width, kernel, groups) = (c.hiddenSize, c.numConvPosEmbeddings, c.numConvPosEmbeddingGroups)
        let channels = c.convDim[c.convDim.count - 1]
        let (features, encoder) = (weights / "feature_projection", weights / "encoder")
        let positions = encoder / "pos_conv_embed" / "conv"
        weights.ignore("masked_spec_embed")
        front = try HuBERTFrontEnd(c, weights / "feature_extractor" / "conv_layers")
        projectionNorm = try LayerNorm(features / "layer_norm", channels: channels, epsilon: c.layerNormEps)
        projection = try Linear(features / "projection", channels, width)
        position = try Conv1d(
            weight: positions.normalizedWeight(shape: [width, width / groups, kernel], axis: 2),
            bias: positions.tensor("bias", shape: [width]), inputChannels: width, outputChannels: width, kernelSize: kernel,
            groups: groups, padding: .centred, activation: .gelu)
        norm = try LayerNorm(encoder / "layer_norm", channels: width, epsilon: c.layerNormEps)
        layers = try (0..<c.numHiddenLayers).map { try HuBERTLayer(c, encoder / "layers" / $0) }
    }

    /// The mean of the transformer's input and its layers' outputs, `[frames, hiddenSize]`.
    /// - Parameter signal: samples `[time, 1]`, at least enough for a frame.
    func meanState(_ signal: Frames) -> Frames {
        var x = projection.apply(projectionNorm.apply(front.apply(signal)))
        Kernels.add(position(x), to: &x)
        x = norm.apply(x)
        var sum = x
        for layer in layers {
            x = layer.apply(x)
            Kernels.add(x, to: &sum)
        }
        let share = [Float](repeating: 1 / Float(layers.count + 1), count: x.channels)
        return Scale(share).apply(sum)
    }
}

/// The convolutions, run over pieces of the signal so that memory is that of their output.
private struct HuBERTFrontEnd: Sendable {
    private let firstWeight: [Float]
    private let first: Conv1d
    private let normWeight: [Float]
    private let normBias: [Float]
    private let kernel: Int
    private let stride: Int
    private let rest: [Conv1d]

    /// Of the norm, as PyTorch's `GroupNorm` has it unless told otherwise.
    private static let epsilon = 1e-5
    /// Samples in a piece.
    private static let pieceLength = 1 << 16

    init(_ c: HuBERTConfig, _ layers: WeightPath) throws {
        (kernel, stride) = (c.convKernel[0], c.convStride[0])
        firstWeight = try (layers / 0 / "conv").tensor("weight", shape: [c.convDim[0], 1, kernel])
        normWeight = try (layers / 0 / "layer_norm").tensor("weight", shape: [c.convDim[0]])
        normBias = try (layers / 0 / "layer_norm").tensor("bias", shape: [c.convDim[0]])
        first = Self.first(firstWeight, nil, kernel: kernel, stride: stride)
        rest = try c.convDim.indices.dropFirst().map { i in
            try Conv1d(
                layers / i / "conv", c.convDim[i - 1], c.convDim[i], kernel: c.convKernel[i], stride: c.convStride[i],
                hasBias: false, padding: .explicit(left: 0, right: 0), activation: .gelu)
        }
    }

    private static func first(_ weight: [Float], _ bias: [Float]?, kernel: Int, stride: Int) -> Conv1d {
        Conv1d(
            weight: weight, bias: bias, inputChannels: 1, outputChannels: weight.count / kernel, kernelSize: kernel,
            stride: stride, padding: .explicit(left: 0, right: 0), activation: bias == nil ? .identity : .gelu)
    }

    func apply(_ signal: Frames) -> Frames {
        let network = Sequential([normedFirst(signal)] + rest)
        var output = Frames(channels: network.outputChannels)
        network.forEachPiece(of: signal, length: Self.pieceLength) { output.append($0) }
        return output
    }

    /// The first convolution with its norm over `signal` folded in.
    private func normedFirst(_ signal: Frames) -> Conv1d {
        let channels = normWeight.count
        var count = 0
        var (sums, squares) = ([Double](repeating: 0, count: channels), [Double](repeating: 0, count: channels))
        first.forEachPiece(of: signal, length: Self.pieceLength) { piece in
            count += piece.count
            piece.withUnsafeBufferPointer { x in
                for t in 0..<piece.count {
                    for c in 0..<channels {
                        let value = Double(x[t * channels + c])
                        sums[c] += value
                        squares[c] += value * value
                    }
                }
            }
        }
        let means = sums.map { $0 / Double(max(count, 1)) }
        let scales = (0..<channels).map { c in
            let variance = max(0, squares[c] / Double(max(count, 1)) - means[c] * means[c])
            return Double(normWeight[c]) / (variance + Self.epsilon).squareRoot()
        }
        return Self.first(
            firstWeight.indices.map { Float(Double(firstWeight[$0]) * scales[$0 / kernel]) },
            (0..<channels).map { Float(Double(normBias[$0]) - means[$0] * scales[$0]) }, kernel: kernel, stride: stride)
    }
}

private struct HuBERTLayer: Sendable {
    private let query: Linear
    private let key: Linear
    private let value: Linear
    private let output: Linear
    private let headSize: Int
    private let attentionNorm: LayerNorm
    private let feedForward: FeedForward
    private let finalNorm: LayerNorm

    init(_ c: HuBERTConfig, _ path: WeightPath) throws {
        let width = c.hiddenSize
        func projection(_ name: String) throws -> Linear { try Linear(path / "attention" / name, width, width) }
        query = try projection("q_proj")
        key = try projection("k_proj")
        value = try projection("v_proj")
        output = try projection("out_proj")
        headSize = width / c.numAttentionHeads
        attentionNorm = try LayerNorm(path / "layer_norm", channels: width, epsilon: c.layerNormEps)
        feedForward = try FeedForward(
            expand: Linear(path / "feed_forward" / "intermediate_dense", width, c.intermediateSize, activation: .gelu),
            contract: Linear(path / "feed_forward" / "output_dense", c.intermediateSize, width))
        finalNorm = try LayerNorm(path / "final_layer_norm", channels: width, epsilon: c.layerNormEps)
    }

    func apply(_ input: Frames) -> Frames {
        let mixed = Kernels.attend(
            query.apply(input), keys: key.apply(input), values: value.apply(input), headSize: headSize) { _ in 0..<input.count }
        var x = output.apply(mixed)
        Kernels.add(input, to: &x)
        x = attentionNorm.apply(x)
        var y = feedForward.apply(x)
        Kernels.add(x, to: &y)
        return finalNorm.apply(y)
    }
}

extension StreamingLayer {
    /// Runs a whole signal through in pieces, so that what is inside stays small, and hands over what comes out.
    func forEachPiece(of signal: Frames, length: Int, _ body: (Frames) -> Void) {
        var state = makeState()
        for start in Swift.stride(from: 0, to: signal.count, by: length) {
            body(advance(signal.slice(start..<min(start + length, signal.count)), state: &state))
        }
        body(complete(state: &state))
    }
}

/// The fields of a Hugging Face `HubertConfig`.
struct HuBERTConfig: ModelConfig {
    @Field(only: "hubert") var modelType: String
    @Field(in: 1...16_384) var hiddenSize: Int
    @Field(in: 1...256) var numHiddenLayers: Int
    @Field var numAttentionHeads: Int
    /// Channels inside a feed-forward layer.
    @Field(in: 1...65_536) var intermediateSize: Int
    @Field(only: "gelu") var hiddenAct: String
    @Field(above: 0, below: 1) var layerNormEps: Float
    /// Channels, strides and kernels of the convolutions before the transformer.
    @Field(count: 1...16, in: 1...8192) var convDim: [Int]
    @Field(count: 1...16, in: 1...64) var convStride: [Int]
    @Field var convKernel: [Int]
    @Field(only: false) var convBias: Bool
    /// `group`: the first convolution's channels are normed over time.
    @Field(only: "group") var featExtractNorm: String
    @Field(only: "gelu") var featExtractActivation: String
    /// Whether a norm comes before the projection to `hiddenSize`; configs of older versions do not mention it.
    @Field(default: true, only: true) var featProjLayerNorm: Bool
    /// Kernel and groups of the convolution that tells positions.
    @Field(in: 1...4096) var numConvPosEmbeddings: Int
    @Field var numConvPosEmbeddingGroups: Int
    /// Configs of older versions do not mention it.
    @Field(default: false, only: false) var convPosBatchNorm: Bool
    /// Whether norms come before the parts of a layer.
    @Field(only: false) var doStableLayerNorm: Bool

    /// Samples from one frame to the next.
    var hopLength: Int { convStride.reduce(1, *) }

    /// Frames that the convolutions give for so many samples.
    func frames(samples: Int) -> Int {
        zip(convKernel, convStride).reduce(samples) { count, layer in
            count < layer.0 ? 0 : (count - layer.0) / layer.1 + 1
        }
    }

    func check() throws(InvalidField) {
        try $convStride.requireCount(in: convDim.count...convDim.count)
        try $convKernel.requireCount(in: convDim.count...convDim.count)
        try $convStride.requireHop()
        for (kernel, stride) in zip(convKernel, convStride) { try $convKernel.require([kernel], in: stride...255) }
        try $numAttentionHeads.require(in: 1...hiddenSize)
        try $numAttentionHeads.requireDivides(hiddenSize)
        try $numConvPosEmbeddingGroups.require(in: 1...hiddenSize)
        try $numConvPosEmbeddingGroups.requireDivides(hiddenSize)
    }
}
