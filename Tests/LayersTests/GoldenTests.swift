import Foundation
import Kernels
import Layers
import TestSupport
import Testing

/// One record of Fixtures/layers.json, which Tools/goldens/layers.py writes.
struct GoldenCase: Decodable, Sendable, CustomTestStringConvertible {
    let layer: String
    let seed: Int
    let inputs: Int
    let count: Int
    let outputCount: Int
    let expected: [Float]

    var outputs: Int?
    var hidden: Int?
    var kernel: Int?
    var stride: Int?
    var dilation: Int?
    var groups: Int?
    var padding: String?
    var mode: String?
    var lookahead: Int?
    var left: Int?
    var right: Int?
    var trimLeft: Int?
    var trimRight: Int?
    var torchPadding: Int?
    var torchOutputPadding: Int?
    var function: String?
    var gelu: String?
    var layers: Int?
    var addsInput: Bool?
    var heads: Int?
    var keyHeads: Int?
    var headSize: Int?
    var window: Int?
    var block: Int?
    var pairing: String?
    var norm: String?

    var testDescription: String { "\(layer) #\(seed)" }

    static func load() throws -> [GoldenCase] { try Bundle.module.decodeFixture("layers.json") }
}

@Suite struct GoldenTests {
    @Test(arguments: try GoldenCase.load()) func layerGivesPyTorchsOutput(golden: GoldenCase) throws {
        var random = Generator(seed: golden.seed)
        let layer = try golden.makeLayer(&random)
        let input = random.frames(golden.count, channels: golden.inputs)
        let channels = golden.expected.count / golden.outputCount
        let expected = Frames(count: golden.outputCount, channels: channels, values: golden.expected)
        let greatest = golden.expected.reduce(1) { max($0, abs($1)) }
        #expect(greatestDifference(layer(input), expected) <= 1e-5 * greatest)
        #expect(greatestDifference(run(layer, input, chunks: [2, 1, 3]), expected) <= 1e-5 * greatest)
    }

    @Test func everyLayerHasAGolden() throws {
        let layers = Set(try GoldenCase.load().map(\.layer))
        #expect(layers.count == 13)
    }
}

extension GoldenCase {
    struct UnknownLayer: Error { let name: String }

    /// The layer with weights drawn in the order of Tools/goldens/layers.py.
    func makeLayer(_ random: inout Generator) throws -> AnyLayer {
        switch layer {
        case "conv1d": return AnyLayer(conv(&random, inputs, outputs!, kernel: kernel!, groups: groups ?? 1))
        case "conv_transpose1d": return AnyLayer(convTranspose(&random))
        case "linear": return AnyLayer(randomLinear(&random, inputs, outputs!))
        case "layer_norm": return AnyLayer(layerNorm(&random, epsilon: 1e-5))
        case "rms_norm": return AnyLayer(RMSNorm(weight: random.floats(inputs)))
        case "activation": return try AnyLayer(activation(&random))
        case "convnext": return AnyLayer(convNeXt(&random))
        case "encodec_unit": return AnyLayer(encodecUnit(&random))
        case "dac_unit": return AnyLayer(dacUnit(&random))
        case "lstm": return AnyLayer(lstm(&random))
        case "attention": return AnyLayer(attention(&random))
        case "local_attention": return AnyLayer(localAttention(&random))
        case "transformer": return AnyLayer(transformer(&random))
        default: throw UnknownLayer(name: layer)
        }
    }

    private func conv(
        _ random: inout Generator, _ inputs: Int, _ outputs: Int, kernel: Int, groups: Int = 1
    ) -> Conv1d {
        let padding: Padding =
            switch self.padding {
            case "centred": .centred
            case "lookahead": .lookahead(lookahead!)
            case "explicit": .explicit(left: left!, right: right!)
            default: .causal
            }
        let mode: PaddingMode = self.mode == "reflect" ? .reflect : self.mode == "replicate" ? .replicate : .zero
        return randomConv1d(
            &random, inputs: inputs, outputs: outputs, kernel: kernel, stride: stride ?? 1, dilation: dilation ?? 1,
            groups: groups, padding: padding, mode: mode)
    }

    private func convTranspose(_ random: inout Generator) -> ConvTranspose1d {
        ConvTranspose1d(
            weight: random.floats(inputs * outputs! / (groups ?? 1) * kernel!), bias: random.floats(outputs!),
            inputChannels: inputs, outputChannels: outputs!, kernelSize: kernel!, stride: stride!, groups: groups ?? 1,
            trimLeft: torchPadding ?? trimLeft!, trimRight: torchPadding.map { $0 - torchOutputPadding! } ?? trimRight!,
            paddingMode: mode == "replicate" ? .replicate : .zero)
    }

    private func layerNorm(_ random: inout Generator, epsilon: Float) -> LayerNorm {
        LayerNorm(channels: inputs, weight: random.floats(inputs), bias: random.floats(inputs), epsilon: epsilon)
    }

    /// The goldens' activations act on inputs four times as large.
    private func activation(_ random: inout Generator) throws -> Sequential {
        let alpha = random.floats(inputs, scale: 0.5, offset: 1)
        let functions: [String: Activation] = [
            "elu": .elu(alpha: 1), "gelu": .gelu, "geluTanh": .geluTanh, "silu": .silu, "snake": .snake(alpha: alpha),
        ]
        return Sequential([
            Scale([Float](repeating: 4, count: inputs)),
            ActivationLayer(try #require(functions[function!]), channels: inputs),
        ])
    }

    private func convNeXt(_ random: inout Generator) -> ConvNeXtBlock {
        let depthwise = conv(&random, inputs, inputs, kernel: kernel!, groups: inputs)
        let norm = layerNorm(&random, epsilon: 1e-6)
        let expand = randomLinear(&random, inputs, hidden!, activation: gelu == "tanh" ? .geluTanh : .gelu)
        let gamma = random.floats(inputs)
        let contract = randomLinear(&random, hidden!, inputs, outputScale: gamma)
        return ConvNeXtBlock(depthwise: depthwise, norm: norm, expand: expand, contract: contract)
    }

    private func encodecUnit(_ random: inout Generator) -> Residual {
        let first = conv(&random, inputs, hidden!, kernel: kernel!)
        let second = randomLinear(&random, hidden!, inputs)
        let shortcut = randomLinear(&random, inputs, inputs)
        let inner = Sequential([
            ActivationLayer(.elu(alpha: 1), channels: inputs), first,
            ActivationLayer(.elu(alpha: 1), channels: hidden!), second,
        ])
        return Residual(inner, shortcut: shortcut)
    }

    private func dacUnit(_ random: inout Generator) -> Residual {
        let snake1 = ActivationLayer.snake(alpha: random.floats(inputs, scale: 0.5, offset: 1))
        let first = conv(&random, inputs, inputs, kernel: kernel!)
        let snake2 = ActivationLayer.snake(alpha: random.floats(inputs, scale: 0.5, offset: 1))
        return Residual(Sequential([snake1, first, snake2, randomLinear(&random, inputs, inputs)]))
    }

    private func lstm(_ random: inout Generator) -> LSTM {
        randomLSTM(&random, inputs: inputs, hidden: hidden!, layers: layers!, addsInput: addsInput!)
    }

    private func projections(_ random: inout Generator, outputScale: [Float]? = nil) -> [Linear] {
        let (queryWidth, keyWidth) = (heads! * headSize!, (keyHeads ?? heads!) * headSize!)
        return [
            (inputs, queryWidth, nil), (inputs, keyWidth, nil), (inputs, keyWidth, nil),
            (queryWidth, inputs, outputScale),
        ].map { smallLinear(&random, $0.0, $0.1, outputScale: $0.2) }
    }

    private var rotary: RotaryEmbedding? {
        pairing.map { RotaryEmbedding(headSize: headSize!, pairing: $0 == "interleaved" ? .interleaved : .halfSplit) }
    }

    private func attention(_ random: inout Generator, outputScale: [Float]? = nil) -> Attention {
        let linears = projections(&random, outputScale: outputScale)
        return Attention(
            query: linears[0], key: linears[1], value: linears[2], output: linears[3], heads: heads!,
            keyHeads: keyHeads, window: window!, rotary: rotary)
    }

    private func localAttention(_ random: inout Generator) -> LocalAttention {
        let linears = projections(&random)
        return LocalAttention(
            query: linears[0], key: linears[1], value: linears[2], output: linears[3], heads: heads!,
            blockSize: block!, rotary: rotary)
    }

    private func transformer(_ random: inout Generator) -> TransformerLayer {
        let isRMS = norm == "rms"
        let norms: [any FramewiseLayer] = (0..<2).map { _ in
            if isRMS { return RMSNorm(weight: random.floats(inputs)) }
            return layerNorm(&random, epsilon: 1e-5)
        }
        let (scale1, scale2) = (random.floats(inputs), random.floats(inputs))
        let attention = attention(&random, outputScale: scale1)
        let expand = randomLinear(&random, inputs, hidden!, activation: isRMS ? .silu : .gelu)
        let gate = randomLinear(&random, inputs, hidden!)
        let contract = randomLinear(&random, hidden!, inputs, outputScale: scale2)
        return TransformerLayer(
            attentionNorm: norms[0], attention: attention, feedForwardNorm: norms[1],
            feedForward: FeedForward(expand: expand, gate: isRMS ? gate : nil, contract: contract))
    }
}
