import Testing
import TokenLM
import Tokens

@Suite struct MaskedGenerationTests {
    private let model: TokenLanguageModel
    init() throws { model = try tinyModel("tiny-masked") }

    @Test(arguments: [1, 2, 3, 16]) func everyCodeIsFilledIn(steps: Int) throws {
        let codes = try model.fill(Codes(codebooks: 2), frames: 31, steps: steps, seed: 1)
        #expect(codes.streams.map(\.count) == [16, 31])
        #expect(zip(codes.streams, [12, 16]).allSatisfy { stream, size in stream.allSatisfy { (0..<Int32(size)).contains($0) } })
        #expect(try model.fill(Codes(codebooks: 2), frames: 31, steps: steps, seed: 1) == codes)
        #expect(try model.fill(Codes(codebooks: 2), frames: 31, steps: steps, seed: 2) != codes)
    }

    @Test func whatIsKnownStays() throws {
        let coarse = Codes(streams: [Array(0..<12), [7, 7]])
        let codes = try model.fill(coarse, frames: 24, steps: 4, condition: Condition(classIndex: 2), seed: 5)
        #expect(codes.streams[0] == coarse.streams[0])
        #expect(codes.streams[1].starts(with: [7, 7]))
        let whole = Codes(streams: [[1], [2, 3]])
        #expect(try model.fill(whole, frames: 2, seed: 1) == whole)
        #expect(try model.fill(Codes(codebooks: 2), frames: 0, seed: 1).isEmpty)
    }

    @Test func windowsGoOnWhereThePromptEndsAndKeepWhatIsKnown() throws {
        // The tiny model's context is shorter than this: several windows.
        let prompt = Codes(streams: [Array(repeating: 3, count: 40), [1, 2, 3, 4]])
        func codes(_ prompts: [Codes], frames: Int, seed: UInt64 = 1) throws -> (codes: [Codes], windows: Int) {
            var filling = try WindowedFilling(model: model, frames: frames, prompts: prompts, steps: 3, seed: seed)
            var taken = prompts.map { _ in Codes(codebooks: 2) }
            var windows = 0
            while try filling.advance() {
                windows += 1
                for row in prompts.indices {
                    let new = filling.takeComplete(row)
                    for k in new.streams.indices { taken[row].streams[k] += new.streams[k] }
                }
            }
            #expect(filling.isFinished && filling.passes == 3 * windows * prompts.count)
            return (taken, windows)
        }
        let frames = 4 * model.config.context + 3
        let (both, windows) = try codes([prompt, Codes(codebooks: 2)], frames: frames)
        #expect(windows > 3)
        for row in both {
            #expect(row.streams.map(\.count) == [(frames + 1) / 2, frames])
            #expect(zip(row.streams, [12, 16]).allSatisfy { stream, size in stream.allSatisfy { (0..<Int32(size)).contains($0) } })
        }
        #expect(both[0].streams[0].starts(with: prompt.streams[0]) && both[0].streams[1].starts(with: [1, 2, 3, 4]))
        #expect(try codes([prompt], frames: frames).codes[0] == both[0], "what stands beside a sequence does not matter")
        #expect(try codes([prompt], frames: frames, seed: 2).codes[0] != both[0])
        #expect(try codes([Codes(codebooks: 2)], frames: 7).codes[0] == model.fill(Codes(codebooks: 2), frames: 7, steps: 3, seed: 1))
        #expect(try codes([], frames: 7).windows == 0)
        #expect(throws: TokenLMError.self) { try WindowedFilling(model: model, frames: 4, prompts: [prompt], seed: 1) }
        #expect(throws: TokenLMError.self) { try WindowedFilling(model: tinyModel(), frames: 4, prompts: [], seed: 1) }
    }

    @Test func onePassFollowsTheModelsDistribution() throws {
        let known = Codes(streams: [[3], []])
        let logits = try model.maskedLogits([[3], [PatternSchedule.absent]], frames: 1)[1].values
        let p = SamplingOptions().distribution(logits, history: [Int32]())
        var counts = [Int](repeating: 0, count: 16)
        for seed in 0..<2000 { counts[Int(try model.fill(known, frames: 1, steps: 2, seed: UInt64(seed)).streams[1][0])] += 1 }
        let (statistic, freedom) = chiSquare(counts, p)
        #expect(statistic < chiSquareBound(freedom))
    }

    @Test func guidanceChangesTheCodes() throws {
        func codes(_ guidance: Double, _ condition: Condition) throws -> Codes {
            var options = SamplingOptions()
            (options.temperature, options.guidance) = (0, guidance)
            return try model.fill(
                Codes(codebooks: 2), frames: 20, condition: condition, options: options, choiceTemperature: 0, seed: 1)
        }
        let condition = Condition(classIndex: 1, text: "ba")
        #expect(try codes(0, condition) == codes(1, Condition()))
        #expect(try codes(4, condition) != codes(1, condition))
    }

    @Test func senselessRequestsAreRefused() throws {
        let none = Codes(codebooks: 2)
        #expect(throws: TokenLMError.self) { try model.fill(none, frames: 4, steps: 0, seed: 1) }
        #expect(throws: TokenLMError.self) { try model.fill(none, frames: 4, steps: 17, seed: 1) }
        #expect(throws: TokenLMError.self) { try model.fill(none, frames: -4, seed: 1) }
        #expect(throws: TokenLMError.self) { try model.fill(none, frames: 4, choiceTemperature: .nan, seed: 1) }
        #expect(throws: TokenLMError.self) { try model.fill(Codes(codebooks: 1), frames: 4, seed: 1) }
        #expect(throws: TokenLMError.self) { try model.fill(Codes(streams: [[99], []]), frames: 4, seed: 1) }
        #expect(throws: TokenLMError.self) { try tinyModel().fill(Codes(codebooks: 3), frames: 4, seed: 1) }
    }
}
