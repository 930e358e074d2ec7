import Kernels
import Layers
import Testing

@Suite struct CompositionTests {
    @Test func framewiseLayersKeepTheLaws() {
        var random = Generator(seed: 10)
        let input = random.frames(17, channels: 5)
        expectLaws(randomLinear(&random, 5, 3, activation: .gelu), input, seed: 1, "linear")
        expectLaws(LayerNorm(channels: 5, weight: random.floats(5), bias: random.floats(5)), input, seed: 2, "layer norm")
        expectLaws(RMSNorm(weight: random.floats(5)), input, seed: 3, "RMS norm")
        expectLaws(Scale(random.floats(5)), input, seed: 4, "scale")
        expectLaws(ActivationLayer.snake(alpha: random.floats(5, scale: 0.5, offset: 1)), input, seed: 5, "snake")
        expectLaws(
            FeedForward(
                expand: randomLinear(&random, 5, 9, activation: .silu), gate: randomLinear(&random, 5, 9),
                contract: randomLinear(&random, 9, 4)), input, seed: 6, "feed-forward")
    }

    @Test func residualBranchesWaitForEachOther() {
        var random = Generator(seed: 12)
        for (inner, outer) in [(Padding.centred, Padding.causal), (.causal, .centred), (.lookahead(2), .lookahead(5))] {
            let layer = Residual(
                Sequential([
                    ActivationLayer(.elu(alpha: 1), channels: 3),
                    randomConv1d(&random, inputs: 3, outputs: 4, kernel: 7, dilation: 2, padding: inner),
                    randomLinear(&random, 4, 5),
                ]),
                shortcut: randomConv1d(&random, inputs: 3, outputs: 5, kernel: 7, padding: outer))
            for n in [0, 1, 4, 30] { expectLaws(layer, random.frames(n, channels: 3), seed: n, "\(inner) \(outer)") }
        }
    }

    @Test func residualSumsItsBranches() {
        var random = Generator(seed: 13)
        let inner = randomConv1d(&random, inputs: 3, outputs: 3, kernel: 5, padding: .centred)
        let input = random.frames(12, channels: 3)
        var sum = inner(input)
        Kernels.add(input, to: &sum)
        #expect(Residual(inner)(input) == sum)
    }

    @Test func decodersKeepTheLaws() {
        for seed in 0..<8 {
            var random = Generator(seed: 40 + seed)
            let layer = Sequential([
                randomConv1d(&random, inputs: 3, outputs: 4, kernel: 7, padding: .lookahead(1), mode: .replicate),
                randomConvTranspose1d(&random, inputs: 4, outputs: 3, kernel: 6, stride: 3, trimLeft: seed % 4),
                Residual(randomConv1d(&random, inputs: 3, outputs: 3, kernel: 3, dilation: 3, padding: .centred)),
                randomConvTranspose1d(&random, inputs: 3, outputs: 2, kernel: 4, stride: 2, trimLeft: 1),
                randomConv1d(&random, inputs: 2, outputs: 1, kernel: 7, padding: .centred),
            ])
            let input = random.frames(random.int(0...20), channels: 3)
            expectLaws(layer, input, seed: seed)
            #expect(layer(input).count == 6 * input.count)
        }
    }

    /// Wide enough for every path of the vector kernels, odd enough for their tails.
    @Test func wideLayersKeepTheLaws() {
        var random = Generator(seed: 60)
        let codec = Sequential([
            randomConv1d(&random, inputs: 1, outputs: 33, kernel: 7, mode: .reflect),
            randomConv1d(&random, inputs: 33, outputs: 50, kernel: 8, stride: 4),
            randomConvNeXt(&random, channels: 50, hidden: 131, padding: .lookahead(1)),
            randomLSTM(&random, inputs: 50, hidden: 50, layers: 1, addsInput: true),
            randomConvTranspose1d(&random, inputs: 50, outputs: 17, kernel: 8, stride: 4, trimLeft: 0),
            ActivationLayer.snake(alpha: random.floats(17, scale: 0.5, offset: 1)),
            randomConv1d(&random, inputs: 17, outputs: 1, kernel: 7),
        ])
        expectLaws(codec, random.frames(160, channels: 1), seed: 1, delayed: true)
    }

    @Test func fallingAndRisingRatesKeepTheLaws() {
        var random = Generator(seed: 50)
        let layer = Sequential([
            randomConv1d(&random, inputs: 1, outputs: 4, kernel: 10, stride: 5, padding: .centred),
            randomConvNeXt(&random, channels: 4, hidden: 4, kernel: 3, padding: .lookahead(1)),
            randomConvTranspose1d(&random, inputs: 4, outputs: 1, kernel: 6, stride: 3, trimLeft: 2),
        ])
        #expect(layer.rate == Rate(3, 5))
        expectLaws(layer, random.frames(43, channels: 1), seed: 1)
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
        let autoencoder = Sequential([
            randomConv1d(&random, inputs: 1, outputs: 1, kernel: 8, stride: 4),
            randomConvTranspose1d(&random, inputs: 1, outputs: 1, kernel: 8, stride: 4, trimLeft: 0),
        ])
        #expect(autoencoder.lookahead == 3, "the first of four samples waits for the fourth")
    }

    @Test func layersOfDifferentWidthsTrap() async {
        await #expect(processExitsWith: .failure) {
            _ = Sequential([LayerNorm(channels: 2), LayerNorm(channels: 3)])
        }
    }
}
