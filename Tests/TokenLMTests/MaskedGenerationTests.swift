import Testing
import TokenLM
import TokenStream

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
