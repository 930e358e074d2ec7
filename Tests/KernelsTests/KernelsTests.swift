import Kernels
import Platform
import TestSupport
import Testing

@Suite struct KernelsTests {
    @Test(arguments: InstructionSet.available)
    func layerNormMatchesTheReference(_ set: InstructionSet) {
        var generator = SplitMix64(seed: 1)
        for channels in [1, 2, 7, 8, 16, 31, 33, 100, 768, 1025] {
            let input = generator.frames(5, channels: channels, in: -3...4)
            let weight = Bool.random(using: &generator) ? generator.floats(channels) : nil
            let bias = Bool.random(using: &generator) ? generator.floats(channels) : nil
            let result = Execution(instructionSet: set).run {
                Kernels.layerNorm(input, weight: weight, bias: bias, epsilon: 1e-5)
            }
            let expected = Reference.layerNorm(input, weight: weight, bias: bias, epsilon: 1e-5)
            #expect(deviation(result, from: expected) < 2e-6, "\(channels) channels")
        }
    }

    @Test(arguments: InstructionSet.available)
    func layerNormKeepsSmallDifferencesOnALargeMean(_ set: InstructionSet) {
        var generator = SplitMix64(seed: 2)
        var input = generator.frames(4, channels: 515)
        for t in 0..<4 { for c in 0..<515 { input[t, c] += 3000 } }
        let result = Execution(instructionSet: set).run {
            Kernels.layerNorm(input, weight: nil, bias: nil, epsilon: 1e-6)
        }
        #expect(deviation(result, from: Reference.layerNorm(input, weight: nil, bias: nil, epsilon: 1e-6)) < 5e-6)
    }

    @Test(arguments: InstructionSet.available)
    func layerNormGivesARowTheSameBitsInAnyCall(_ set: InstructionSet) {
        var generator = SplitMix64(seed: 3)
        for channels in [5, 48, 129] {
            let input = generator.frames(9, channels: channels)
            let weight = generator.floats(channels)
            Execution(instructionSet: set).run {
                let whole = Kernels.layerNorm(input, weight: weight, bias: weight, epsilon: 1e-5)
                for t in 0..<9 {
                    let row = Kernels.layerNorm(input.slice(t..<t + 1), weight: weight, bias: weight, epsilon: 1e-5)
                    #expect(row.bits == whole.slice(t..<t + 1).bits)
                }
            }
        }
    }

    @Test(arguments: InstructionSet.available)
    func addScalesEachChannel(_ set: InstructionSet) {
        var generator = SplitMix64(seed: 4)
        for channels in [1, 3, 8, 21, 64, 100] {
            let (x, y) = (generator.frames(7, channels: channels), generator.frames(7, channels: channels))
            let scale = generator.floats(channels)
            var (plain, scaled, single) = (x, x, x.slice(3..<4))
            Execution(instructionSet: set).run {
                Kernels.add(y, to: &plain)
                Kernels.add(y, scale: scale, to: &scaled)
                Kernels.add(y.slice(3..<4), scale: scale, to: &single)
            }
            for t in 0..<7 {
                for c in 0..<channels {
                    #expect(plain[t, c] == x[t, c] + y[t, c])
                    #expect(abs(scaled[t, c] - (x[t, c] + scale[c] * y[t, c])) < 1e-6)
                }
            }
            #expect(single.bits == scaled.slice(3..<4).bits)
        }
    }

    @Test(arguments: InstructionSet.available)
    func acceptNoFrames(_ set: InstructionSet) {
        Execution(instructionSet: set).run {
            var none = Frames(channels: 3)
            Kernels.apply(.snake(alpha: [1, 2, 3]), to: &none)
            Kernels.add(Frames(channels: 3), scale: [1, 2, 3], to: &none)
            #expect(Kernels.layerNorm(none, weight: nil, bias: nil, epsilon: 1e-5).isEmpty)
            #expect(none.isEmpty)
        }
    }
}

@Suite struct InstructionSetTests {
    @Test(arguments: InstructionSet.available)
    func everySetHasAPeakRate(_ set: InstructionSet) {
        #expect(Execution(instructionSet: set).run { Execution.current.instructionSet.measurePeakRate() } > 1e6)
    }

    @Test func portableIsAlwaysThere() {
        #expect(InstructionSet.available.first == .portable)
        #expect(InstructionSet.best.isAvailable)
        #expect(Execution.current.instructionSet.isAvailable)
    }

    @Test func choiceEndsWithItsScope() {
        let before = Execution.current.instructionSet
        let inside = Execution(instructionSet: .portable).run { Execution.current.instructionSet }
        #expect(inside == .portable)
        #expect(Execution.current.instructionSet == before)
    }

    @Test func anUnavailableSetChangesNothing() {
        for set in InstructionSet.allCases where !set.isAvailable {
            let inside = Execution(instructionSet: set).run { Execution.current.instructionSet }
            #expect(inside == Execution.current.instructionSet)
        }
    }
}
