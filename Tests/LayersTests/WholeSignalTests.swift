import Kernels
import Layers
import Testing

@Suite struct WholeSignalTests {
    @Test(arguments: [[1], [3, 1, 5], [100]]) func nothingComesOutBeforeTheEnd(chunks: [Int]) throws {
        var random = Generator(seed: 400)
        let norm = GroupNorm(groups: 2, weight: random.floats(6), bias: random.floats(6))
        let input = random.frames(17, channels: 6)
        var state = norm.makeState()
        #expect(try norm.step(input, state: &state).isEmpty && norm.known(after: 17) == 0)
        #expect(try norm.finish(state: &state) == norm.apply(input))
        #expect(run(norm, input, chunks: chunks) == norm.apply(input))
        #expect(run(norm, Frames(channels: 6), chunks: chunks).isEmpty)
    }

    @Test func aGroupsValuesGetMeanZeroAndVarianceOne() {
        var random = Generator(seed: 401)
        let norm = GroupNorm(groups: 3, weight: [Float](repeating: 2, count: 6), bias: [Float](repeating: 1, count: 6), epsilon: 0)
        let output = norm.apply(random.frames(50, channels: 6))
        for group in 0..<3 {
            let values = (0..<50).flatMap { t in (0..<2).map { Double(output[t, 2 * group + $0]) } }
            let mean = values.reduce(0, +) / 100
            let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 100
            #expect(abs(mean - 1) < 1e-5 && abs(variance - 4) < 1e-4)
        }
    }
}
