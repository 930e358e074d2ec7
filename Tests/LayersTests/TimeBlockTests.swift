import Kernels
import Layers
import Testing

/// Inputs so long that a sequence cuts them into blocks of its own.
@Suite struct TimeBlockTests {
    private static func autoencoder() -> Sequential {
        var random = Generator(seed: 70)
        return Sequential([
            randomConv1d(&random, inputs: 1, outputs: 24, kernel: 7, mode: .reflect),
            Residual(
                Sequential([
                    ActivationLayer(.elu(alpha: 1), channels: 24),
                    randomConv1d(&random, inputs: 24, outputs: 24, kernel: 3, dilation: 3, padding: .centred),
                ])),
            Sequential([
                randomConv1d(&random, inputs: 24, outputs: 33, kernel: 8, stride: 4),
                randomConv1d(&random, inputs: 33, outputs: 50, kernel: 10, stride: 5),
            ]),
            randomConvNeXt(&random, channels: 50, hidden: 60, padding: .lookahead(1)),
            randomLSTM(&random, inputs: 50, hidden: 50, layers: 1, addsInput: true),
            randomConvTranspose1d(&random, inputs: 50, outputs: 24, kernel: 10, stride: 5, trimLeft: 0),
            randomConvTranspose1d(&random, inputs: 24, outputs: 8, kernel: 8, stride: 4, trimLeft: 2),
            ActivationLayer.snake(alpha: random.floats(8, scale: 0.5, offset: 1)),
            randomConv1d(&random, inputs: 8, outputs: 1, kernel: 7),
        ])
    }

    /// Pieces below the length of a block pass all layers at once.
    @Test func longInputsGiveWhatShortPiecesGive() {
        var random = Generator(seed: 71)
        let layer = Self.autoencoder()
        let input = random.frames(30_011, channels: 1)
        let expected = run(layer, input, chunks: [1000])
        #expect(expected.count >= 30_000)
        for chunks in [[30_011], [7001], [4100], [12_345, 3], [1, 20_000, 5, 4999]] {
            let isSame = run(layer, input, chunks: chunks) == expected
            #expect(isSame, "pieces of \(chunks)")
        }
    }

    @Test func threadsChangeNothing() {
        var random = Generator(seed: 72)
        let layer = Self.autoencoder()
        let input = random.frames(30_011, channels: 1)
        let expected = run(layer, input, chunks: [1000])
        for threads in [2, 3, 5] {
            Execution(threads: threads).run {
                for _ in 0..<5 {
                    #expect(layer(input) == expected, "\(threads) threads")
                    #expect(run(layer, input, chunks: [12_345]) == expected, "\(threads) threads, pieces")
                }
            }
        }
    }

    @Test func aStepGivesAllThatIsKnown() throws {
        var random = Generator(seed: 73)
        let layer = Self.autoencoder()
        var state = layer.makeState()
        let input = random.frames(20_003, channels: 1)
        #expect(try layer.step(input, state: &state).count == layer.known(after: 20_003))
    }

    @Test func sequencesWithinASequenceCountAsTheirLayers() {
        var random = Generator(seed: 74)
        let layers = (0..<4).map { _ in randomConv1d(&random, inputs: 3, outputs: 3, kernel: 5, padding: .centred) }
        let nested = Sequential([layers[0], Sequential([layers[1], Sequential([layers[2]])]), layers[3]])
        let input = random.frames(50, channels: 3)
        #expect(nested(input) == Sequential(layers)(input))
        #expect(nested.lookahead == Sequential(layers).lookahead)
    }

    /// Rates that fall, rise, or do both in any order; wide channels, so that blocks differ in length by up to 64.
    @Test func anyCourseOfRatesGivesWhatTheLayersGiveOneByOne() {
        let executions = (1...3).map { Execution(threads: $0) }
        for seed in 0..<12 {
            var random = Generator(seed: 100 + seed)
            var layers: [any StreamingLayer] = []
            var channels = 4
            for _ in 0..<random.int(3...7) {
                let (next, stride) = (random.int(1...2) == 1 ? random.int(40...90) : random.int(3...9), random.int(2...6))
                switch random.int(0...3) {
                case 0:
                    layers.append(randomConv1d(&random, inputs: channels, outputs: next, kernel: 2 * stride, stride: stride))
                case 1:
                    layers.append(
                        randomConvTranspose1d(&random, inputs: channels, outputs: next, kernel: 2 * stride, stride: stride, trimLeft: 0))
                case 2:
                    layers.append(randomConv1d(&random, inputs: channels, outputs: next, kernel: 7, dilation: stride, padding: .centred))
                default: layers.append(randomConv1d(&random, inputs: channels, outputs: next, kernel: 3))
                }
                channels = next
            }
            let input = random.frames(random.int(3_000...9_000), channels: 4)
            let expected = layers.reduce(input) { frames, layer in AnyLayer(layer)(frames) }
            for execution in executions {
                let isSame = execution.run { Sequential(layers)(input) } == expected
                let rates = layers.map { "\($0.rate.numerator)/\($0.rate.denominator)" }
                #expect(isSame, "stack \(seed) of \(rates), \(execution.threadCount) threads")
            }
        }
    }
}
