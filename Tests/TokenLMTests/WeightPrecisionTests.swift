import Checkpoints
import Kernels
import Testing
import TokenLM
import Tokens

/// Weights of 8 and 4 bits, and sequences longer than the context.
@Suite struct WeightPrecisionTests {
    private func model(_ precision: WeightPrecision) throws -> TokenLanguageModel {
        try TokenLanguageModel(folder: ModelFolder(path: fixture("tiny-lm")), precision: precision)
    }

    private let codes = randomCodes(frames: 60, sizes: [12, 16, 8], strides: [2, 1, 1], seed: 5)

    @Test func fewerBitsAreSmallerAndNearlyAsGood() throws {
        let models = try WeightPrecision.allCases.map(model)
        // Of matrices this small much is filler of the packed panels.
        #expect(models[1].weightBytes < models[0].weightBytes)
        #expect(models[2].weightBytes < models[1].weightBytes)
        #expect(models.allSatisfy { $0.parameterCount == models[0].parameterCount })
        let bits = try models.map { try $0.score(codes).bitsPerCode }
        #expect(bits[1] != bits[0] && abs(bits[1] - bits[0]) < 0.02, "\(bits)")
        #expect(bits[2] != bits[1] && abs(bits[2] - bits[0]) < 0.3, "\(bits)")
    }

    @Test(arguments: [WeightPrecision.int8, .int4])
    func sequencesOfABatchAndPiecesGiveTheSameStates(precision: WeightPrecision) throws {
        let model = try model(precision)
        let grid = try model.pattern.schedule(frames: 60).interleave(codes)
        let other = Array(grid[..<21])
        var batch = try model.start([Condition(), Condition(classIndex: 1)])
        let together = try model.advance([grid, other], state: &batch)
        var alone = try model.start([Condition()])
        var found = Frames(channels: together.channels)
        for first in stride(from: 0, to: grid.count, by: 3) {
            found.append(try model.advance([Array(grid[first..<first + 3])], state: &alone))
        }
        #expect(together.slice(0..<found.count) == found)
        var second = try model.start([Condition(classIndex: 1)])
        #expect(try model.advance([other], state: &second) == together.slice(found.count..<together.count))
    }

    @Test func greedyRowsOfABatchEqualSingleSequences() throws {
        let model = try model(.int8)
        let prompts = [3, 8, 0].map { randomCodes(frames: $0, sizes: [12, 16, 8], strides: [2, 1, 1], seed: UInt64($0)) }
        var options = SamplingOptions()
        options.temperature = 0
        var batch = try TokenGeneration(model: model, frames: 40, prompts: prompts, options: options, seed: 1)
        while try batch.advance() {}
        for (row, prompt) in prompts.enumerated() {
            var single = try TokenGeneration(model: model, frames: 40, prompts: [prompt], options: options, seed: 1)
            while try single.advance() {}
            #expect(batch.takeComplete(row) == single.takeComplete(0), "row \(row)")
        }
    }

    @Test func beyondTheContextOldStepsAreForgottenAndMemoryIsBounded() throws {
        let model = try model(.float)
        let context = model.config.context
        var generation = try TokenGeneration(model: model, frames: 600, prompts: [Codes(codebooks: 3)], seed: 2)
        var most = 0
        while try generation.advance() { most = max(most, generation.stateBytes) }
        // Per layer and step: keys and values of two heads of eight Float32. See CachedAttention: twice the context and the rollback.
        let step = 2 * 2 * 2 * 8 * 4
        #expect(most <= 2 * (context + 64) * step && most > context * step)
        // What the last steps see is what a fresh run over the steps in reach sees: layer 2 reaches back twice the context.
        let codes = generation.takeComplete(0)
        let grid = try model.pattern.schedule(frames: 600).interleave(codes)
        let tail = Array(grid.suffix(3 * 4 * context))
        var (whole, late) = (try model.start([Condition()]), try model.start([Condition()]))
        let expected = try model.advance([grid], state: &whole)
        let found = try model.advance([tail], state: &late)
        let difference = zip(expected.slice(expected.count - 5..<expected.count).values, found.slice(found.count - 5..<found.count).values)
            .reduce(0) { max($0, abs($1.0 - $1.1)) }
        #expect(difference < 1e-3, "rotary positions are relative, so that only their rounding differs: \(difference)")
    }

    @Test func draftsAreCounted() throws {
        var options = SamplingOptions()
        options.temperature = 0
        let prompt = Codes(streams: [[3, 3, 3], [5, 5, 5, 5, 5, 5], [2, 2, 2, 2, 2, 2]])
        var generation = try TokenGeneration(
            model: model(.float), frames: 100, prompts: [prompt], options: options, drafting: .futureHeads(length: 2), seed: 1)
        while try generation.advance() {}
        #expect(generation.drafted > 0 && (0...generation.drafted).contains(generation.accepted))
        // Each pass decides one step and those whose drafts were kept or replaced.
        let decided = generation.schedule.stepCount - 6
        #expect(generation.passes + generation.accepted <= decided + 1 && generation.passes + generation.drafted >= decided - 1)
    }
}
