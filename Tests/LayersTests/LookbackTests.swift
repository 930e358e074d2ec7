import Kernels
import Layers
import Platform
import TestSupport
import Testing

/// Expects that a fresh state that gets `input` from a multiple of the alignment on gives what one that gets all of it gives, from the
/// output of `lookback` frames later on.
private func expectForgetting<L: StreamingLayer>(
    _ layer: L, _ input: Frames, _ label: String, sourceLocation: SourceLocation = #_sourceLocation
) throws {
    let lookback = try #require(layer.lookback, "\(label)", sourceLocation: sourceLocation)
    let (whole, rate) = (layer(input), layer.rate)
    for start in stride(from: 0, to: input.count - lookback, by: layer.alignment) {
        let skipped = start * rate.numerator / rate.denominator
        let first = dividingUp((start + lookback) * rate.numerator, by: rate.denominator)
        let rest = layer(input.slice(start..<input.count))
        guard first < whole.count else { continue }
        #expect(
            rest.count + skipped == whole.count
                && rest.slice((first - skipped)..<rest.count) == whole.slice(first..<whole.count),
            "\(label): from frame \(start) on", sourceLocation: sourceLocation)
    }
}

@Suite struct LookbackTests {
    @Test func convolutionsForget() throws {
        for seed in 0..<60 {
            var random = Generator(seed: 700 + seed)
            // Wide enough for minimal filtering every other time.
            let width = random.int(0...1) == 0 ? 3 : 32
            let (stride, dilation) = random.int(0...1) == 0 ? (1, random.int(1...3)) : (random.int(1...4), 1)
            let kernel = stride > 1 ? stride * random.int(1...3) : [1, 2, 3, 5, 7][random.int(0...4)]
            let span = (kernel - 1) * dilation + 1
            let padding: Padding = [
                .causal, .centred, .lookahead(random.int(0...(span - stride))),
                .explicit(left: random.int(0...(span + 3)), right: random.int(0...(span + 3))),
            ][random.int(0...3)]
            let mode: PaddingMode = [.zero, .reflect, .replicate][random.int(0...2)]
            let layer = randomConv1d(
                &random, inputs: width, outputs: width, kernel: kernel, stride: stride, dilation: dilation, padding: padding,
                mode: mode)
            let label = "\(width) channels, kernel \(kernel), stride \(stride), dilation \(dilation), \(padding) \(mode)"
            try expectForgetting(layer, random.frames(4 * span + 30, channels: width), label)
            try expectForgetting(layer.withoutPadding(), random.frames(4 * span + 30, channels: width), "\(label), bare")
        }
    }

    @Test func transposedConvolutionsForget() throws {
        for seed in 0..<40 {
            var random = Generator(seed: 800 + seed)
            let (width, stride) = (random.int(0...1) == 0 ? 3 : 32, random.int(1...5))
            let kernel = random.int(0...1) == 0 ? 2 * stride : random.int(stride...(4 * stride))
            let left = random.int(0...(kernel - stride))
            let layer = randomConvTranspose1d(
                &random, inputs: width, outputs: width, kernel: kernel, stride: stride, trimLeft: left,
                mode: random.int(0...1) == 0 ? .zero : .replicate)
            let label = "\(width) channels, kernel \(kernel), stride \(stride), \(left) trimmed"
            try expectForgetting(layer, random.frames(30, channels: width), label)
            try expectForgetting(layer.withoutPadding(), random.frames(30, channels: width), "\(label), bare")
        }
    }

    @Test func sequencesForget() throws {
        for seed in 0..<24 {
            var random = Generator(seed: 900 + seed)
            let width = seed % 2 == 0 ? 4 : 32
            let (first, second) = (random.int(2...5), random.int(2...3))
            func unit(dilation: Int) -> Residual {
                Residual(
                    Sequential([
                        ActivationLayer(.elu(alpha: 1), channels: width),
                        randomConv1d(&random, inputs: width, outputs: width, kernel: 7, dilation: dilation, padding: .centred),
                        randomLinear(&random, width, width),
                    ]))
            }
            let up = [
                randomConvTranspose1d(
                    &random, inputs: width, outputs: width, kernel: 2 * first, stride: first, trimLeft: random.int(0...first)),
                unit(dilation: 1), unit(dilation: 3), unit(dilation: 9),
            ] as [any StreamingLayer]
            let down = [
                randomConv1d(
                    &random, inputs: width, outputs: width, kernel: 2 * second, stride: second, padding: .centred,
                    mode: [.zero, .reflect, .replicate][random.int(0...2)]),
                randomConvNeXt(&random, channels: width, hidden: 9, kernel: 5, padding: .lookahead(random.int(0...4))),
            ] as [any StreamingLayer]
            let layer = Sequential(seed % 3 == 0 ? up : seed % 3 == 1 ? down : up + down)
            try expectForgetting(layer, random.frames(180, channels: width), "sequence \(seed)")
        }
    }

    /// As the activations of BigCodec: up and down again, with repeated edges.
    @Test func filteredActivationsForget() throws {
        var random = Generator(seed: 950)
        let layer = Sequential([
            randomConvTranspose1d(
                &random, inputs: 3, outputs: 3, kernel: 12, stride: 2, groups: 3, trimLeft: 5, trimRight: 5, mode: .replicate),
            ActivationLayer.snake(alpha: random.floats(3, scale: 0.5, offset: 1)),
            randomConv1d(
                &random, inputs: 3, outputs: 3, kernel: 12, stride: 2, groups: 3, padding: .explicit(left: 5, right: 6),
                mode: .replicate),
        ])
        #expect(layer.rate == .one && layer.alignment == 1)
        try expectForgetting(layer, random.frames(60, channels: 3), "filtered activation")
    }

    /// The values by hand: no more than is needed.
    @Test func theLookbackIsTheLeast() {
        var random = Generator(seed: 1000)
        func conv(_ kernel: Int, stride: Int = 1, dilation: Int = 1, _ padding: Padding = .causal, _ mode: PaddingMode = .zero) -> Conv1d {
            randomConv1d(
                &random, inputs: 2, outputs: 2, kernel: kernel, stride: stride, dilation: dilation, padding: padding, mode: mode)
        }
        func transposed(_ kernel: Int, stride: Int, trimLeft: Int = 0) -> ConvTranspose1d {
            randomConvTranspose1d(&random, inputs: 2, outputs: 2, kernel: kernel, stride: stride, trimLeft: trimLeft)
        }
        #expect(conv(7).lookback == 6 && conv(7, dilation: 3, .centred).lookback == 9 && conv(8, stride: 4).lookback == 4)
        #expect(conv(7, .lookahead(6)).lookback == 0)
        #expect(conv(7, .lookahead(6), .reflect).lookback == 6, "the end is mirrored")
        #expect(transposed(8, stride: 4).lookback == 1 && transposed(9, stride: 4).lookback == 2)
        #expect(transposed(8, stride: 4, trimLeft: 4).lookback == 0 && transposed(8, stride: 4, trimLeft: 2).lookback == 1)
        #expect(Sequential([conv(3), conv(5)]).lookback == 6)
        // Of four frames the first sees one frame before, and its neighbours four.
        #expect(Sequential([transposed(8, stride: 4), conv(5)]).lookback == 2)
        // What one frame between the layers stands for begins up to three frames before.
        #expect(Sequential([conv(8, stride: 4), transposed(4, stride: 4)]).lookback == 7)
        #expect(Residual(conv(7), shortcut: conv(9)).lookback == 8)
        #expect(LayerNorm(channels: 2).lookback == 0)
    }

    @Test func whatHasNoBoundSaysSo() {
        var random = Generator(seed: 1001)
        let lstm = randomLSTM(&random, inputs: 2, hidden: 2, layers: 1, addsInput: false)
        let linear = randomLinear(&random, 2, 2)
        let attention = Attention(query: linear, key: linear, value: linear, output: linear, heads: 1, window: 3)
        #expect(lstm.lookback == nil && attention.lookback == nil)
        #expect(GroupNorm(groups: 1, weight: [1, 1], bias: [0, 0]).lookback == nil)
        #expect(Sequential([linear, Residual(lstm)]).lookback == nil)
    }

    /// Neighbours that are computed together: at a start that divides a pair the bits are others, or the alignment says too much.
    @Test func theAlignmentIsTheLeast() throws {
        var random = Generator(seed: 1002)
        let wide = randomConv1d(&random, inputs: 32, outputs: 32, kernel: 7, dilation: 3)
        let input = random.frames(200, channels: 32)
        let whole = wide(input)
        let starts = (1...12).filter { start in
            let rest = wide(input.slice(start..<200))
            return rest.slice(18..<rest.count) == whole.slice((start + 18)..<200)
        }
        #expect(starts == [6, 12] && wide.alignment == 6)
        let narrow = randomConv1d(&random, inputs: 3, outputs: 3, kernel: 7, dilation: 3)
        #expect(narrow.alignment == 1)
        let strided = randomConv1d(&random, inputs: 3, outputs: 32, kernel: 4, stride: 4)
        let doubled = randomConvTranspose1d(&random, inputs: 32, outputs: 32, kernel: 8, stride: 4, trimLeft: 0)
        #expect(strided.alignment == 4 && doubled.alignment == 2)
        #expect(Sequential([strided, wide]).alignment == 24 && Sequential([doubled, wide]).alignment == 6)
    }
}
