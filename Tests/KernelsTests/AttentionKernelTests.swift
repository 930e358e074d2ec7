import Kernels
import Platform
import TestSupport
import Testing

@Suite struct AttentionKernelTests {
    @Test(arguments: InstructionSet.available)
    func matchesTheReference(_ set: InstructionSet) {
        var generator = SplitMix64(seed: 1)
        for _ in 0..<30 {
            let headSize = Int.random(in: 1...70, using: &generator)
            let keyHeads = Int.random(in: 1...3, using: &generator)
            let heads = keyHeads * Int.random(in: 1...3, using: &generator)
            let (time, past) = (Int.random(in: 0...6, using: &generator), Int.random(in: 0...40, using: &generator))
            let queries = generator.frames(time, channels: heads * headSize)
            let keys = generator.frames(time + past, channels: keyHeads * headSize)
            let values = generator.frames(time + past, channels: keyHeads * headSize)
            let range = { (t: Int) in t..<(t + past + 1) }
            let result = Execution(instructionSet: set).run {
                Kernels.attend(queries, keys: keys, values: values, headSize: headSize, range: range)
            }
            let expected = Reference.attend(queries, keys: keys, values: values, headSize: headSize, range: range)
            #expect(deviation(result, from: expected) < 2e-6, "\(heads) heads of \(headSize), \(past) before")
        }
    }

    @Test(arguments: InstructionSet.available)
    func givesAQueryTheSameBitsInAnyCall(_ set: InstructionSet) {
        var generator = SplitMix64(seed: 2)
        for headSize in [3, 8, 64, 71] {
            let (queries, keys) = (generator.frames(20, channels: headSize), generator.frames(20, channels: headSize))
            Execution(instructionSet: set).run {
                let whole = Kernels.attend(queries, keys: keys, values: keys, headSize: headSize) { max(0, $0 - 11)..<($0 + 1) }
                for t in 0..<20 {
                    let seen = keys.slice(max(0, t - 11)..<(t + 1))
                    let single = Kernels.attend(
                        queries.slice(t..<(t + 1)), keys: seen, values: seen, headSize: headSize) { _ in 0..<seen.count }
                    #expect(single.bits == whole.slice(t..<(t + 1)).bits)
                }
            }
        }
    }

    @Test(arguments: InstructionSet.available)
    func staysFiniteForScoresThatOverflowTheExponential(_ set: InstructionSet) {
        let (queries, keys) = (Frames(count: 1, channels: 1, values: [1000]), Frames(count: 2, channels: 1, values: [1, -1]))
        let result = Execution(instructionSet: set).run {
            Kernels.attend(queries, keys: keys, values: keys, headSize: 1) { _ in 0..<2 }
        }
        #expect(result.values == [1])
    }
}
