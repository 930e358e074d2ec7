import Kernels
import Layers
import Platform
import Testing

@Suite struct SequenceModelTests {
    private func attention(
        _ random: inout Generator, channels: Int, heads: Int, keyHeads: Int? = nil, headSize: Int, window: Int,
        rotary: RotaryEmbedding.Pairing? = .halfSplit
    ) -> Attention {
        let keyWidth = (keyHeads ?? heads) * headSize
        return Attention(
            query: smallLinear(&random, channels, heads * headSize), key: smallLinear(&random, channels, keyWidth),
            value: smallLinear(&random, channels, keyWidth), output: smallLinear(&random, heads * headSize, channels),
            heads: heads, keyHeads: keyHeads, window: window,
            rotary: rotary.map { RotaryEmbedding(headSize: headSize, pairing: $0) })
    }

    @Test func lstmsKeepTheLaws() {
        var random = Generator(seed: 200)
        for (inputs, hidden, layers, addsInput) in [(3, 5, 1, false), (6, 6, 2, true), (4, 9, 3, false)] {
            let lstm = randomLSTM(&random, inputs: inputs, hidden: hidden, layers: layers, addsInput: addsInput)
            for n in [0, 1, 19] { expectLaws(lstm, random.frames(n, channels: inputs), seed: n, "LSTM") }
        }
    }

    @Test(arguments: 0..<12) func attentionKeepsTheLaws(seed: Int) {
        var random = Generator(seed: 210 + seed)
        let keyHeads = random.int(1...2)
        let layer = attention(
            &random, channels: random.int(3...9), heads: keyHeads * random.int(1...2), keyHeads: keyHeads,
            headSize: 2 * random.int(1...6), window: random.int(1...9),
            rotary: [nil, .interleaved, .halfSplit][seed % 3])
        for n in [0, 1, random.int(2...40)] {
            let input = random.frames(n, channels: layer.inputChannels)
            expectLaws(layer, input, seed: seed, "attention")
            #expect(layer(input).count == n)
        }
    }

    @Test func attentionSeesNoFurtherBackThanItsWindow() {
        var random = Generator(seed: 230)
        let layer = attention(&random, channels: 4, heads: 2, headSize: 4, window: 5)
        let input = random.frames(12, channels: 4)
        var changed = input
        changed[3, 0] += 1
        let (a, b) = (layer(input), layer(changed))
        let touched = (0..<12).filter { a.slice($0..<($0 + 1)) != b.slice($0..<($0 + 1)) }
        #expect(touched == Array(3..<8))
    }

    @Test func attentionsCacheStaysBelowAWindowAndAQuarter() throws {
        var random = Generator(seed: 231)
        for window in [1, 2, 7] {
            let layer = attention(&random, channels: 4, heads: 1, headSize: 4, window: window)
            var state = layer.makeState()
            for size in [1, 1, 5, 1, 40, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 3] {
                _ = try layer.step(random.frames(size, channels: 4), state: &state)
                #expect(4 * state.cachedFrames < 5 * window)
            }
        }
    }

    @Test func attentionMayTakeTheWholePast() {
        var random = Generator(seed: 232)
        let layer = attention(&random, channels: 4, heads: 1, headSize: 4, window: .max)
        expectLaws(layer, random.frames(30, channels: 4), seed: 1)
    }

    @Test func localAttentionKeepsTheLaws() {
        var random = Generator(seed: 240)
        for blockSize in [1, 4, 7] {
            let layer = LocalAttention(
                query: smallLinear(&random, 6, 8), key: smallLinear(&random, 6, 8), value: smallLinear(&random, 6, 8),
                output: smallLinear(&random, 8, 6), heads: 2, blockSize: blockSize,
                rotary: RotaryEmbedding(headSize: 4, pairing: .halfSplit))
            for n in [0, 1, 5, 7, 23] {
                let input = random.frames(n, channels: 6)
                expectLaws(layer, input, seed: n, "blocks of \(blockSize)")
                expectLaws(Residual(Sequential([LayerNorm(channels: 6), layer])), input, seed: n, "residual")
                #expect(layer(input).count == n)
            }
        }
    }

    @Test func transformersKeepTheLaws() {
        var random = Generator(seed: 250)
        let layers = (0..<2).map { i in
            TransformerLayer(
                attentionNorm: i == 0 ? LayerNorm(channels: 8) : RMSNorm(weight: random.floats(8)),
                attention: attention(&random, channels: 8, heads: 2, headSize: 4, window: 6),
                feedForwardNorm: LayerNorm(channels: 8),
                feedForward: FeedForward(
                    expand: randomLinear(&random, 8, 12, activation: .gelu),
                    contract: randomLinear(&random, 12, 8, outputScale: random.floats(8))))
        }
        for n in [0, 1, 27] { expectLaws(Sequential(layers), random.frames(n, channels: 8), seed: n, "transformer") }
    }

    @Test func lstmStepAfterFinishThrows() throws {
        let lstm = LSTM(
            weights: [LSTM.Weights(input: [1, 1, 1, 1], recurrent: [1, 1, 1, 1])], inputChannels: 1, hiddenChannels: 1)
        var state = lstm.makeState()
        _ = try lstm.finish(state: &state)
        #expect(throws: UsedAfterEnd.self) { try lstm.step(Frames(zeros: 1, channels: 1), state: &state) }
        #expect(throws: UsedAfterEnd.self) { try lstm.finish(state: &state) }
    }
}
