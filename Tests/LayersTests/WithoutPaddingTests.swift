import Kernels
import Layers
import TestSupport
import Testing

@Suite struct WithoutPaddingTests {
    @Test(arguments: [(7, 1, 1), (7, 1, 9), (8, 4, 1), (3, 1, 2)])
    func aConvolutionGivesTheFramesThatTheInputDetermines(kernel: Int, stride: Int, dilation: Int) {
        var random = Generator(seed: 500 + kernel * stride * dilation)
        let span = (kernel - 1) * dilation + 1
        let padded = randomConv1d(
            &random, inputs: 3, outputs: 2, kernel: kernel, stride: stride, dilation: dilation,
            padding: .explicit(left: 2 * stride, right: stride))
        let bare = padded.withoutPadding()
        for n in [0, 1, span - 1, span, span + stride, span + 50] {
            let input = random.frames(n, channels: 3)
            expectLaws(bare, input, seed: n, "kernel \(kernel) stride \(stride) dilation \(dilation)")
            let output = bare(input)
            #expect(output.count == (n < span ? 0 : (n - span) / stride + 1))
            // Of the padded output the frames from the third on are those, as many as do not reach past the end.
            if !output.isEmpty { #expect(greatestDifference(output, padded(input).slice(2..<(2 + output.count))) < 1e-4) }
        }
    }

    @Test func aTransposedConvolutionKeepsAllThatItAdds() {
        let trimmed = ConvTranspose1d(
            weight: [1, 2, 3, 4, 5], inputChannels: 1, outputChannels: 1, kernelSize: 5, stride: 2, trimLeft: 1, trimRight: 2)
        let input = Frames(count: 2, channels: 1, values: [1, 10])
        #expect(trimmed(input).values == [2, 13, 24, 35])
        #expect(trimmed.withoutPadding()(input).values == [1, 2, 13, 24, 35, 40, 50])
        var random = Generator(seed: 520)
        for (mode, groups) in [(PaddingMode.zero, 1), (.replicate, 1), (.zero, 2)] {
            let layer = randomConvTranspose1d(
                &random, inputs: 2, outputs: 4, kernel: 10, stride: 5, groups: groups, trimLeft: 3, mode: mode)
            for n in [0, 1, 2, 9] {
                let input = random.frames(n, channels: 2)
                expectLaws(layer.withoutPadding(), input, seed: n, "\(mode) \(groups)")
                #expect(layer.withoutPadding()(input).count == (n == 0 ? 0 : (n - 1) * 5 + 10))
            }
        }
    }

    /// The sum of what is left of both branches, which stand for the same frames.
    @Test func aResidualUnitCropsItsShortcut() {
        var random = Generator(seed: 530)
        let inner = randomConv1d(&random, inputs: 3, outputs: 3, kernel: 7, dilation: 3, padding: .lookahead(5))
        let unit = Residual(
            Sequential([ActivationLayer(.elu(alpha: 1), channels: 3), inner, randomLinear(&random, 3, 3)]))
        for n in [0, 1, 18, 19, 40] {
            let input = random.frames(n, channels: 3)
            let output = unit.withoutPadding()(input)
            expectLaws(unit.withoutPadding(), input, seed: n)
            #expect(output.count == max(0, n - 18))
            if !output.isEmpty { #expect(greatestDifference(output, unit(input).slice(13..<(13 + output.count))) < 1e-4) }
        }
    }

    @Test func aDecoderKeepsTheLaws() {
        var random = Generator(seed: 540)
        let decoder = Sequential([
            randomConv1d(&random, inputs: 3, outputs: 4, kernel: 7, padding: .centred),
            randomConvTranspose1d(&random, inputs: 4, outputs: 3, kernel: 10, stride: 5, trimLeft: 3, trimRight: 3),
            Residual(randomConv1d(&random, inputs: 3, outputs: 3, kernel: 7, dilation: 9, padding: .centred)),
            randomConv1d(&random, inputs: 3, outputs: 1, kernel: 7, padding: .centred),
        ]).withoutPadding()
        for n in [0, 1, 6, 7, 17, 18, 19, 60] {
            let input = random.frames(n, channels: 3)
            expectLaws(decoder, input, seed: n)
            // The padding of each layer, at its own rate: 6 frames, then 54 and 6 samples; the kernel's end adds 5 samples.
            #expect(decoder(input).count == (n < 7 ? 0 : max(0, (n - 6) * 5 + 5 - 54 - 6)))
        }
    }
}
