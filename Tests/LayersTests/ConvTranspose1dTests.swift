import Kernels
import Layers
import Testing

@Suite struct ConvTranspose1dTests {
    @Test(arguments: 0..<24) func anyChunkingGivesTheWholeSignalsOutput(seed: Int) {
        var random = Generator(seed: 100 + seed)
        let groups = random.int(1...3)
        let (inputs, outputs) = (groups * random.int(1...3), groups * random.int(1...3))
        let stride = random.int(1...5)
        let kernel = stride + random.int(0...8)
        let trimLeft = random.int(0...(kernel - stride))
        let trimRight = random.int(0...min(kernel - stride, kernel - 1 - trimLeft))
        let layer = randomConvTranspose1d(
            &random, inputs: inputs, outputs: outputs, kernel: kernel, stride: stride, groups: groups,
            trimLeft: trimLeft, trimRight: trimRight, mode: seed % 3 == 0 ? .replicate : .zero)
        for n in [0, 1, 2, random.int(3...20)] {
            let input = random.frames(n, channels: inputs)
            expectLaws(layer, input, seed: seed, "kernel \(kernel) stride \(stride) groups \(groups)")
            #expect(layer(input).count == (n == 0 ? 0 : n * stride + kernel - stride - trimLeft - trimRight))
        }
    }

    @Test func untrimmedOutputIsTheSumOfShiftedKernels() {
        let layer = ConvTranspose1d(
            weight: [1, 2, 3, 4, 5], inputChannels: 1, outputChannels: 1, kernelSize: 5, stride: 2, trimRight: 0)
        let output = layer(Frames(count: 2, channels: 1, values: [1, 10]))
        #expect(output.values == [1, 2, 13, 24, 35, 40, 50])
    }

    @Test func causalTrimNeverWaits() throws {
        var random = Generator(seed: 130)
        let layer = randomConvTranspose1d(&random, inputs: 1, outputs: 1, kernel: 8, stride: 4, trimLeft: 0)
        #expect(layer.lookahead == 0)
        var state = layer.makeState()
        #expect(try layer.step(random.frames(1, channels: 1), state: &state).count == 4)
        #expect(try layer.finish(state: &state).isEmpty)
    }

    @Test func symmetricTrimWaitsForTheNextFrame() throws {
        var random = Generator(seed: 131)
        let layer = randomConvTranspose1d(&random, inputs: 1, outputs: 1, kernel: 8, stride: 4, trimLeft: 2)
        #expect(layer.lookahead == 1)
        var state = layer.makeState()
        #expect(try layer.step(random.frames(1, channels: 1), state: &state).count == 2)
        #expect(try layer.finish(state: &state).count == 2)
    }
}
