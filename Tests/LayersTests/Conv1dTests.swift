import Kernels
import Layers
import Platform
import Testing

@Suite struct Conv1dTests {
    @Test(arguments: 0..<24) func anyChunkingGivesTheWholeSignalsOutput(seed: Int) {
        var random = Generator(seed: seed)
        let groups = random.int(1...3)
        let (inputs, outputs) = (groups * random.int(1...3), groups * random.int(1...3))
        let (kernel, dilation) = (random.int(1...6), random.int(1...3))
        let span = (kernel - 1) * dilation + 1
        let stride = random.int(1...span)
        let paddings: [Padding] = [
            .causal, .centred, .lookahead(random.int(0...(span - stride))),
            .explicit(left: random.int(0...5), right: random.int(0...5)),
        ]
        for padding in paddings {
            for mode in [PaddingMode.zero, .reflect, .replicate] {
                let layer = randomConv1d(
                    &random, inputs: inputs, outputs: outputs, kernel: kernel, stride: stride, dilation: dilation,
                    groups: groups, padding: padding, mode: mode)
                let input = random.frames(random.int(0...30), channels: inputs)
                expectLaws(
                    layer, input, seed: seed, delayed: mode == .reflect,
                    "kernel \(kernel) stride \(stride) dilation \(dilation) \(padding) \(mode)")
            }
        }
    }

    @Test func roundedPaddingGivesOneOutputFrameForEachBegunStride() {
        var random = Generator(seed: 1)
        for (kernel, stride, dilation) in [(1, 1, 1), (7, 1, 1), (3, 1, 4), (4, 2, 1), (10, 5, 1), (16, 8, 1), (3, 2, 2)] {
            for padding in [Padding.causal, .centred, .lookahead(1)] {
                if padding == .lookahead(1), (kernel - 1) * dilation + 1 == stride || kernel == 1 { continue }
                for mode in [PaddingMode.zero, .reflect, .replicate] {
                    let layer = randomConv1d(
                        &random, inputs: 2, outputs: 1, kernel: kernel, stride: stride, dilation: dilation,
                        padding: padding, mode: mode)
                    for n in 0..<20 {
                        let output = layer(random.frames(n, channels: 2))
                        #expect(output.count == (n + stride - 1) / stride, "\(n) frames, \(kernel)/\(stride) \(padding) \(mode)")
                    }
                }
            }
        }
    }

    @Test func explicitPaddingCountsAsPyTorchDoes() {
        var random = Generator(seed: 2)
        for (kernel, stride, left, right) in [(7, 1, 3, 3), (4, 2, 1, 1), (7, 1, 0, 0), (5, 3, 6, 0), (3, 1, 0, 4)] {
            let layer = randomConv1d(
                &random, inputs: 1, outputs: 2, kernel: kernel, stride: stride,
                padding: .explicit(left: left, right: right))
            for n in 0..<16 {
                let windows = n + left + right - kernel
                let expected = n == 0 || windows < 0 ? 0 : windows / stride + 1
                #expect(layer(random.frames(n, channels: 1)).count == expected)
            }
        }
    }

    @Test func lookaheadIsWhatTheRightPaddingHolds() {
        var random = Generator(seed: 3)
        func lookahead(_ kernel: Int, _ stride: Int, _ padding: Padding) -> Int {
            randomConv1d(&random, inputs: 1, outputs: 1, kernel: kernel, stride: stride, padding: padding).lookahead
        }
        #expect(lookahead(7, 1, .causal) == 0)
        #expect(lookahead(7, 1, .lookahead(1)) == 1)
        #expect(lookahead(7, 1, .centred) == 3)
        #expect(lookahead(4, 2, .centred) == 1)
        #expect(lookahead(7, 1, .explicit(left: 3, right: 3)) == 3)
        #expect(lookahead(3, 1, .explicit(left: 6, right: 0)) == 0)
    }

    @Test func lookaheadShiftsTheCausalOutput() throws {
        var random = Generator(seed: 4)
        let weight = random.floats(2 * 7)
        func layer(_ padding: Padding) -> Conv1d {
            Conv1d(weight: weight, inputChannels: 1, outputChannels: 2, kernelSize: 7, padding: padding)
        }
        let input = random.frames(20, channels: 1)
        let (causal, ahead) = (layer(.causal)(input), layer(.lookahead(1))(input))
        #expect(ahead.slice(0..<19) == causal.slice(1..<20))
        var state = layer(.lookahead(1)).makeState()
        #expect(try layer(.lookahead(1)).step(input.slice(0..<6), state: &state).count == 5)
    }

    @Test func reflectedPaddingMirrorsWithoutRepeatingTheEdge() {
        // A kernel of one tap at the far left or right shows the padding itself.
        func shown(_ count: Int, pad: Int) -> [Float] {
            let layer = Conv1d(
                weight: [1], inputChannels: 1, outputChannels: 1, kernelSize: 1,
                padding: .explicit(left: pad, right: pad), paddingMode: .reflect)
            return layer(Frames(count: count, channels: 1, values: (1...count).map(Float.init))).values
        }
        #expect(shown(4, pad: 2) == [3, 2, 1, 2, 3, 4, 3, 2])
        #expect(shown(2, pad: 3) == [0, 0, 2, 1, 2, 0, 0, 0])
        #expect(shown(1, pad: 2) == [0, 0, 1, 0, 0])
    }

    @Test func stepAfterFinishThrows() throws {
        var random = Generator(seed: 5)
        let layer = randomConv1d(&random, inputs: 1, outputs: 1, kernel: 3)
        var state = layer.makeState()
        _ = try layer.finish(state: &state)
        #expect(throws: UsedAfterEnd.self) { try layer.step(Frames(zeros: 1, channels: 1), state: &state) }
        #expect(throws: UsedAfterEnd.self) { try layer.finish(state: &state) }
    }
}
