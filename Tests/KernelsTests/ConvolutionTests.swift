import Kernels
import Platform
import TestSupport
import Testing

/// A random convolution and its weights, for the oracle.
private struct Case {
    let inputChannels, outputChannels, kernelSize, stride, dilation, groups: Int
    let weight: [Float]
    let bias: [Float]?

    init(_ i: Int, _ o: Int, kernel: Int = 1, stride: Int = 1, dilation: Int = 1, groups: Int = 1, seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        (inputChannels, outputChannels, kernelSize) = (i, o, kernel)
        (self.stride, self.dilation, self.groups) = (stride, dilation, groups)
        let reduction = i / groups * kernel
        let bound = 1 / Float(reduction).squareRoot()
        weight = generator.floats(o * reduction, in: -bound...bound)
        bias = Bool.random(using: &generator) ? generator.floats(o) : nil
    }

    var span: Int { (kernelSize - 1) * dilation + 1 }

    func packed() -> Convolution {
        Convolution(
            weight: weight, bias: bias, inputChannels: inputChannels, outputChannels: outputChannels,
            kernelSize: kernelSize, stride: stride, dilation: dilation, groups: groups)
    }

    func reference(_ input: Frames, _ activation: Activation, _ residual: Frames?) -> Frames {
        Reference.convolution(
            input, weight: weight, bias: bias, outputChannels: outputChannels, kernelSize: kernelSize,
            stride: stride, dilation: dilation, groups: groups, activation: activation, residual: residual)
    }

    /// Input of exactly `count` output frames, give or take what the stride leaves over.
    func input(for count: Int, using generator: inout SplitMix64) -> Frames {
        let frames = count == 0 ? span - 1 : (count - 1) * stride + span + Int.random(in: 0..<stride, using: &generator)
        return generator.frames(frames, channels: inputChannels)
    }

    /// Odd shapes that between them take the matrix, minimal, depthwise and dot kernels, with and without tails.
    static func random(_ seed: UInt64) -> Case {
        var generator = SplitMix64(seed: seed)
        let groups = generator.pick([1, 1, 1, 2, 3])
        return Case(
            generator.pick([1, 2, 3, 5, 8, 16, 17, 33, 48, 100]) * groups,
            generator.pick([1, 2, 3, 7, 8, 12, 16, 31, 32, 33, 65, 130]) * groups,
            kernel: generator.pick([1, 1, 2, 3, 7]), stride: generator.pick([1, 1, 2, 5]),
            dilation: generator.pick([1, 1, 3, 9]), groups: groups, seed: seed)
    }

    static let named: [Case] = [
        Case(1, 1, kernel: 7, seed: 1), Case(1, 32, kernel: 7, seed: 2), Case(33, 1, kernel: 7, seed: 3),
        Case(37, 37, kernel: 7, dilation: 3, groups: 37, seed: 4), Case(16, 16, kernel: 3, stride: 2, groups: 16, seed: 5),
        Case(6, 12, kernel: 3, groups: 6, seed: 6), Case(512, 24, kernel: 3, seed: 7), Case(512, 5, seed: 8),
        Case(128, 40, kernel: 8, stride: 4, seed: 9), Case(430, 70, seed: 10), Case(5, 3, kernel: 5, dilation: 2, seed: 11),
        Case(64, 2, kernel: 1, groups: 2, seed: 12), Case(1, 9, kernel: 16, stride: 512, seed: 13),
        Case(40, 70, kernel: 7, dilation: 9, seed: 14), Case(96, 96, kernel: 7, seed: 15), Case(64, 33, kernel: 3, dilation: 3, seed: 16),
        Case(500, 64, kernel: 2, seed: 17), Case(37, 130, kernel: 10, stride: 5, seed: 18),
    ]
}

@Suite struct ConvolutionTests {
    @Test(arguments: InstructionSet.available)
    func matchesTheReferenceOnOddShapes(_ set: InstructionSet) {
        for (index, shape) in (Case.named + (100..<160).map { Case.random($0) }).enumerated() {
            var generator = SplitMix64(seed: 7000 + UInt64(index))
            let input = shape.input(for: generator.pick([0, 1, 2, 3, 5, 13, 20, 31]), using: &generator)
            let activation = generator.pick(allActivations(channels: shape.outputChannels, using: &generator))
            let convolution = Execution(instructionSet: set).run { shape.packed() }
            let count = convolution.outputCount(for: input.count)
            let residual =
                Bool.random(using: &generator) ? generator.frames(count, channels: shape.outputChannels) : nil
            let expected = shape.reference(input, activation, residual)
            #expect(deviation(convolution(input, activation: activation, residual: residual), from: expected) < 1e-5)
        }
    }

    @Test(arguments: InstructionSet.available)
    func appliesEveryActivationBeforeTheResidual(_ set: InstructionSet) {
        for shape in [Case(24, 37, kernel: 3, seed: 21), Case(37, 37, kernel: 3, groups: 37, seed: 22), Case(70, 2, seed: 23)] {
            var generator = SplitMix64(seed: 20)
            let convolution = Execution(instructionSet: set).run { shape.packed() }
            let input = shape.input(for: 17, using: &generator)
            let residual = generator.frames(17, channels: shape.outputChannels)
            for activation in allActivations(channels: shape.outputChannels, using: &generator) {
                let result = convolution(input, activation: activation, residual: residual)
                #expect(deviation(result, from: shape.reference(input, activation, residual)) < 1e-5, "\(activation)")
            }
        }
    }

    @Test(arguments: InstructionSet.available)
    func givesAFrameTheSameBitsInAnyCall(_ set: InstructionSet) {
        for (index, shape) in (Case.named + (200..<240).map { Case.random($0) }).enumerated() {
            var generator = SplitMix64(seed: 8000 + UInt64(index))
            let convolution = Execution(instructionSet: set).run { shape.packed() }
            let total = generator.pick([7, 40, 113, 250])
            let input = shape.input(for: total, using: &generator)
            let activation = generator.pick(allActivations(channels: shape.outputChannels, using: &generator))
            let residual = generator.frames(total, channels: shape.outputChannels)
            let whole = convolution(input, activation: activation, residual: residual).bits
            var start = 0
            while start < total {
                let end = min(total, start + generator.pick([1, 1, 2, 3, 4, 5, 6, 7, 11, 12, 13, 25, 60]))
                let first = start * shape.stride - convolution.context(at: start)
                let window = input.slice(first..<(end - 1) * shape.stride + shape.span)
                let part = convolution(window, at: start, activation: activation, residual: residual.slice(start..<end)).bits
                let same = whole[start * shape.outputChannels..<end * shape.outputChannels].elementsEqual(part)
                #expect(same, "frames \(start)..<\(end) of shape \(index)")
                start = end
            }
        }
    }

    @Test(arguments: InstructionSet.available)
    func givesAFrameTheSameBitsAcrossCacheBlocks(_ set: InstructionSet) {
        let shapes = [
            Case(1024, 20, seed: 31), Case(512, 40, kernel: 2, stride: 2, seed: 32), Case(700, 33, kernel: 3, dilation: 2, seed: 33),
            Case(1024, 40, kernel: 7, dilation: 3, seed: 34),
        ]
        for shape in shapes {
            var generator = SplitMix64(seed: 30)
            let convolution = Execution(instructionSet: set).run { shape.packed() }
            let input = shape.input(for: 260, using: &generator)
            let whole = convolution(input, activation: .silu).bits
            for row in [0, 1, 95, 96, 97, 130, 131, 259] {
                let window = input.slice(row * shape.stride - convolution.context(at: row)..<row * shape.stride + shape.span)
                let alone = convolution(window, at: row, activation: .silu).bits
                #expect(whole[row * shape.outputChannels..<(row + 1) * shape.outputChannels].elementsEqual(alone))
            }
        }
    }

    @Test(arguments: InstructionSet.available)
    func keepsANotANumberInItsOwnFrames(_ set: InstructionSet) {
        let shape = Case(19, 35, kernel: 3, seed: 41)
        var generator = SplitMix64(seed: 40)
        var input = shape.input(for: 30, using: &generator)
        let convolution = Execution(instructionSet: set).run { shape.packed() }
        let clean = convolution(input)
        input[10, 4] = .nan
        let result = convolution(input)
        for t in 0..<30 {
            let values = (0..<35).map { result[t, $0] }
            if (8...10).contains(t) {
                #expect(values.filter { $0.isNaN }.count == 35)
            } else {
                #expect(values == (0..<35).map { clean[t, $0] })
            }
        }
    }

    @Test func keepsTheInstructionSetItWasPackedFor() {
        let shape = Case(20, 40, kernel: 3, seed: 51)
        var generator = SplitMix64(seed: 50)
        let input = shape.input(for: 9, using: &generator)
        let portable = Execution(instructionSet: .portable).run { shape.packed() }
        let inside = Execution(instructionSet: .portable).run { portable(input) }
        #expect(portable(input).bits == inside.bits)
    }

    @Test func givesNoFramesForLessThanASpan() {
        let shape = Case(3, 5, kernel: 4, dilation: 2, seed: 61)
        let convolution = shape.packed()
        #expect(convolution.span == 7)
        #expect(convolution(Frames(zeros: 6, channels: 3)) == Frames(channels: 5))
        #expect(convolution(Frames(zeros: 7, channels: 3)).count == 1)
    }
}
