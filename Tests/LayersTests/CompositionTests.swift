import Layers
import Tensors
import Testing

@Suite struct CompositionTests {
    @Test func framewiseLayersKeepTheLaws() {
        var random = Generator(seed: 10)
        let input = random.frames(17, channels: 5)
        expectLaws(randomLinear(&random, 5, 3, activation: .gelu), input, seed: 1, "linear")
        expectLaws(LayerNorm(channels: 5, weight: random.floats(5), bias: random.floats(5)), input, seed: 2, "norm")
    }

    @Test func convNeXtBlocksKeepTheLaws() {
        var random = Generator(seed: 11)
        for padding in [Padding.causal, .lookahead(1), .centred] {
            for n in [0, 1, 3, 6, 7, 8, 25] {
                let block = randomConvNeXt(&random, channels: 6, hidden: 11, padding: padding)
                let input = random.frames(n, channels: 6)
                expectLaws(block, input, seed: n, "\(padding)")
                #expect(block(input).count == n)
            }
        }
    }

    @Test func sequencesOfChangingRateKeepTheLaws() {
        for seed in 0..<8 {
            var random = Generator(seed: 20 + seed)
            let layer = Sequential([
                randomConv1d(&random, inputs: 2, outputs: 4, kernel: 7, padding: .lookahead(random.int(0...6))),
                randomConvNeXt(&random, channels: 4, hidden: 8, kernel: 5, padding: .centred),
                randomConv1d(&random, inputs: 4, outputs: 6, kernel: 4, stride: 2, padding: .centred),
                LayerNorm(channels: 6),
                randomConv1d(&random, inputs: 6, outputs: 3, kernel: 6, stride: 3),
                randomLinear(&random, 3, 5),
            ])
            expectLaws(layer, random.frames(random.int(0...60), channels: 2), seed: seed)
            #expect(layer.rate == Rate(1, 6))
            #expect(layer(random.frames(37, channels: 2)).count == 7)
        }
    }

    @Test func lookaheadsAddInFramesOfTheInput() {
        var random = Generator(seed: 30)
        let layer = Sequential([
            randomConv1d(&random, inputs: 1, outputs: 1, kernel: 4, stride: 2, padding: .lookahead(1)),
            randomConv1d(&random, inputs: 1, outputs: 1, kernel: 7, padding: .lookahead(2)),
        ])
        #expect(layer.lookahead == 1 + 2 * 2)
    }

    @Test func layersOfDifferentWidthsTrap() async {
        await #expect(processExitsWith: .failure) {
            _ = Sequential([LayerNorm(channels: 2), LayerNorm(channels: 3)])
        }
    }
}
