import Kernels
import Platform
import TestSupport
import Testing

@Suite struct QuantizedMatrixTests {
    /// Odd shapes: less than a panel, several panels, a panel's rest, groups with a rest.
    private static let shapes = [(1, 1), (5, 3), (32, 16), (33, 65), (64, 128), (70, 200), (129, 64)]

    private static func group(_ bits: Int, inputs: Int) -> Int { bits == 8 ? inputs : QuantizedMatrix.groupOfFourBits }

    @Test(arguments: InstructionSet.available, [8, 4])
    func productsEqualThoseOfTheRoundedWeights(set: InstructionSet, bits: Int) {
        for (seed, (inputs, outputs)) in Self.shapes.enumerated() {
            var generator = SplitMix64(seed: UInt64(seed))
            let weight = generator.floats(inputs * outputs)
            let rounded = QuantizedWeights(rounding: weight, inputs: inputs, bits: bits, group: Self.group(bits, inputs: inputs))
            let dense = (0..<outputs).flatMap { o in (0..<inputs).map { rounded.weight(output: o, input: $0) } }
            let matrix = Execution(instructionSet: set).run { QuantizedMatrix(weight: weight, inputChannels: inputs, bits: bits) }
            #expect(matrix.outputChannels == outputs && matrix.inputChannels == inputs)
            for rows in [0, 1, 2, 3, 4, 5, 9] {
                let input = generator.frames(rows, channels: inputs)
                let residual = generator.frames(rows, channels: outputs)
                let expected = Reference.convolution(
                    input, weight: dense, bias: nil, outputChannels: outputs, kernelSize: 1, activation: .silu, residual: residual)
                let found = Execution(instructionSet: set).run { matrix(input, activation: .silu, residual: residual) }
                #expect(deviation(found, from: expected) < 1e-5, "\(inputs) to \(outputs), \(rows) rows")
            }
        }
    }

    @Test(arguments: InstructionSet.available, [8, 4])
    func aRowNeverDependsOnTheRowsBesideIt(set: InstructionSet, bits: Int) {
        var generator = SplitMix64(seed: 9)
        let (inputs, outputs) = (77, 150)
        let input = generator.frames(11, channels: inputs)
        let weight = generator.floats(inputs * outputs)
        Execution(instructionSet: set).run {
            let matrix = QuantizedMatrix(weight: weight, inputChannels: inputs, bits: bits)
            let whole = matrix(input)
            for row in 0..<input.count {
                #expect(matrix(input.slice(row..<row + 1)).bits == whole.slice(row..<row + 1).bits, "row \(row)")
            }
        }
    }

    @Test(arguments: [(8, 0.008), (4, 0.09)]) func roundingStaysWithinAStep(bits: Int, bound: Double) {
        var generator = SplitMix64(seed: 3)
        let (inputs, outputs) = (100, 20)
        let weight = generator.floats(inputs * outputs)
        let rounded = QuantizedWeights(rounding: weight, inputs: inputs, bits: bits, group: Self.group(bits, inputs: inputs))
        var worst = 0.0
        for o in 0..<outputs {
            for i in 0..<inputs { worst = max(worst, Double(abs(rounded.weight(output: o, input: i) - weight[o * inputs + i]))) }
        }
        #expect(worst < bound * 1.6 && worst > bound * 0.1, "\(worst)")
    }

    @Test func zerosAndTinyWeightsAreExactOrNone() {
        let tiny = Float.leastNonzeroMagnitude
        let rounded = QuantizedWeights(rounding: [0, 0, tiny, -tiny, 1, -1], inputs: 2, bits: 8, group: 2)
        #expect(rounded.codes.prefix(4).allSatisfy { $0 == 0 } && rounded.scales[0] == 0)
        #expect(abs(rounded.weight(output: 2, input: 0) - 1) < 0.01 && abs(rounded.weight(output: 2, input: 1) + 1) < 0.01)
    }

    @Test func fewerBitsTakeLessMemory() {
        var generator = SplitMix64(seed: 4)
        let weight = generator.floats(256 * 256)
        let bytes = [8, 4].map { QuantizedMatrix(weight: weight, inputChannels: 256, bits: $0).byteCount }
        #expect(bytes[0] == 256 * 256 + 4 * 256)
        #expect(bytes[1] == 256 * 128 + 4 * 256 * 8)
    }
}
