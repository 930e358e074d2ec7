import Foundation
import Testing
import TokenLM
import Tokens

@Suite struct GenerationTests {
    private let model: TokenLanguageModel
    init() throws { model = try tinyModel() }

    private let none = Codes(codebooks: 3)

    private func run(_ generation: TokenGeneration) throws -> [Codes] { try runAll(generation, rows: 1) }

    private func runAll(_ generation: TokenGeneration, rows: Int) throws -> [Codes] {
        var generation = generation
        while try generation.advance() {}
        return (0..<rows).map { generation.takeComplete($0) }
    }

    private func prompt(_ frames: Int, seed: UInt64 = 9) -> Codes {
        randomCodes(frames: frames, sizes: [12, 16, 8], strides: [2, 1, 1], seed: seed)
    }

    @Test func theSameSeedGivesTheSameCodes() throws {
        func codes(seed: UInt64) throws -> [Codes] { try run(TokenGeneration(model: model, frames: 30, prompts: [none], seed: seed)) }
        let first = try codes(seed: 1)
        #expect(try codes(seed: 1) == first)
        #expect(try codes(seed: 2) != first)
        #expect(first[0].streams.map(\.count) == [15, 30, 30])
        #expect(zip(first[0].streams, [12, 16, 8]).allSatisfy { stream, size in stream.allSatisfy { (0..<Int32(size)).contains($0) } })
    }

    @Test func thePromptStays() throws {
        let prompt = prompt(12)
        let codes = try run(TokenGeneration(model: model, frames: 40, prompts: [prompt], seed: 1))[0]
        for k in 0..<3 { #expect(codes.streams[k].starts(with: prompt.streams[k])) }
        let whole = self.prompt(40)
        var nothingToDo = try TokenGeneration(model: model, frames: 40, prompts: [whole], seed: 1)
        while try nothingToDo.advance() {}
        #expect(nothingToDo.takeComplete(0) == whole)
        #expect(nothingToDo.passes == 0)
    }

    @Test func aLongPromptGoesThroughInBlocks() throws {
        let prompt = prompt(400)
        var options = SamplingOptions()
        options.temperature = 0
        let codes = try run(TokenGeneration(model: model, frames: 404, prompts: [prompt], options: options, seed: 1))[0]
        // Greedy codes are those that a single pass over the same codes finds likeliest.
        let grid = try model.pattern.schedule(frames: 404).interleave(codes)
        var state = try model.start([Condition()])
        let hidden = try model.advance([Array(([-1, -1, -1] + grid).dropLast(3))], state: &state)
        let logits = model.logits(hidden, codebook: 1).values
        for frame in 400..<404 {
            let row = Array(logits[((frame + 1) * 16)..<((frame + 2) * 16)])
            #expect(row.firstIndex(of: row.max()!) == Int(codes.streams[1][frame]))
        }
    }

    @Test func batchRowsEqualSingleSequences() throws {
        let prompts = [prompt(6), prompt(3, seed: 2)]
        let conditions = [Condition(classIndex: 0), Condition(text: "ab")]
        let both = try runAll(
            TokenGeneration(model: model, frames: 20, prompts: prompts, conditions: conditions, seed: 4), rows: 2)
        let alone = try run(TokenGeneration(model: model, frames: 20, prompts: [prompts[0]], conditions: [conditions[0]], seed: 4))
        #expect(both[0] == alone[0])
        #expect(both[1].streams[0].starts(with: prompts[1].streams[0]))
    }

    @Test func piecesTakenEarlyMakeTheWhole() throws {
        var generation = try TokenGeneration(model: model, frames: 25, prompts: [prompt(4)], seed: 3)
        var pieces = Codes(codebooks: 3)
        var frames: [Int] = []
        while try generation.advance() {
            pieces.append(generation.takeComplete(0))
            frames.append(generation.completeFrames)
        }
        #expect(pieces == (try run(TokenGeneration(model: model, frames: 25, prompts: [prompt(4)], seed: 3)))[0])
        #expect(frames.first! < 8 && frames.last! == 25 && frames == frames.sorted())
    }

    @Test func guidanceOneIsNoneAndMoreChangesTheCodes() throws {
        func codes(_ guidance: Double, _ condition: Condition) throws -> Codes {
            var options = SamplingOptions()
            (options.temperature, options.guidance) = (0, guidance)
            return try run(
                TokenGeneration(model: model, frames: 30, prompts: [prompt(2)], conditions: [condition], options: options, seed: 1))[0]
        }
        let condition = Condition(classIndex: 2, text: "ab ")
        #expect(try codes(0, condition) == codes(1, Condition()))
        #expect(try codes(3, condition) != codes(1, condition))
    }

    @Test func firstCodesFollowTheModelsDistribution() throws {
        var state = try model.start([Condition()])
        let hidden = try model.advance([[-1, -1, -1]], state: &state)
        let p = SamplingOptions().distribution(model.logits(hidden, codebook: 0).values, history: [Int32]())
        var counts = [Int](repeating: 0, count: 12)
        let generation = try TokenGeneration(model: model, frames: 1, prompts: Array(repeating: none, count: 3000), seed: 11)
        for codes in try runAll(generation, rows: 3000) { counts[Int(codes.streams[0][0])] += 1 }
        let (statistic, freedom) = chiSquare(counts, p)
        #expect(statistic < chiSquareBound(freedom))
    }

    @Test(arguments: [Drafting.repetition(order: 1, length: 3), .futureHeads(length: 2)])
    func draftsKeepTheDistribution(drafting: Drafting) throws {
        // A prompt of one step over and over makes the repetition draft fire, and be wrong now and then.
        let prompt = Codes(streams: [[3, 3, 3], [5, 5, 5, 5, 5, 5], [2, 2, 2, 2, 2, 2]])
        var options = SamplingOptions()
        options.temperature = 0.6
        var (plain, drafted) = (Histogram(), Histogram())
        var (passes, drafts) = (0, 0)
        for seed in 0..<4000 {
            var a = try TokenGeneration(model: model, frames: 10, prompts: [prompt], options: options, seed: UInt64(seed))
            while try a.advance() {}
            plain.add(a.takeComplete(0))
            passes += a.passes
            var b = try TokenGeneration(
                model: model, frames: 10, prompts: [prompt], options: options, drafting: drafting, seed: UInt64(seed + 1_000_000))
            while try b.advance() {}
            drafted.add(b.takeComplete(0))
            drafts += b.passes
        }
        #expect(drafts < passes, "no draft was accepted")
        for (cell, counts) in plain.cells {
            let (statistic, freedom) = chiSquare(counts, and: drafted.cells[cell] ?? [])
            #expect(statistic < chiSquareBound(freedom), "\(cell): \(statistic) with \(freedom) degrees of freedom")
        }
    }

    @Test(arguments: [Drafting.repetition(order: 1, length: 4), .futureHeads(length: 2)])
    func greedyDraftsGiveTheGreedyCodes(drafting: Drafting) throws {
        var options = SamplingOptions()
        options.temperature = 0
        let plain = try run(TokenGeneration(model: model, frames: 200, prompts: [prompt(5)], options: options, seed: 1))
        var fast = try TokenGeneration(model: model, frames: 200, prompts: [prompt(5)], options: options, drafting: drafting, seed: 1)
        while try fast.advance() {}
        #expect([fast.takeComplete(0)] == plain)
        #expect(fast.passes <= fast.schedule.stepCount)
    }

    @Test func senselessRequestsAreRefused() throws {
        func make(
            frames: Int = 10, prompts: [Codes]? = nil, conditions: [Condition]? = nil, drafting: Drafting? = nil,
            change: (inout SamplingOptions) -> Void = { _ in }
        ) throws {
            var options = SamplingOptions()
            change(&options)
            _ = try TokenGeneration(
                model: model, frames: frames, prompts: prompts ?? [none], conditions: conditions, options: options,
                drafting: drafting, seed: 1)
        }
        #expect(throws: Never.self) { try make() }
        #expect(throws: TokenLMError.self) { try make(frames: -1) }
        #expect(throws: TokenLMError.self) { try make(frames: Int.max) }
        #expect(throws: TokenLMError.self) { try make { $0.topK = 9 } }
        #expect(throws: TokenLMError.self) { try make { $0.temperature = .nan } }
        #expect(throws: TokenLMError.self) { try make(prompts: [Codes(codebooks: 2)]) }
        #expect(throws: TokenLMError.self) { try make(prompts: [Codes(streams: [[12], [], []])]) }
        #expect(throws: TokenLMError.self) { try make(prompts: [prompt(11)]) }
        #expect(throws: TokenLMError.self) { try make(conditions: []) }
        #expect(throws: TokenLMError.self) { try make(drafting: .futureHeads(length: 3)) }
        #expect(throws: TokenLMError.self) { try make(drafting: .repetition(order: 0, length: 1)) }
        #expect(throws: TokenLMError.self) { try make(prompts: [none, none], drafting: .repetition(order: 1, length: 1)) }
        #expect(throws: TokenLMError.self) {
            try TokenGeneration(model: tinyModel("tiny-masked"), frames: 1, prompts: [Codes(codebooks: 2)], seed: 1)
        }
    }
}

/// Counts of single codes and of pairs of neighbours after the prompt.
private struct Histogram {
    var cells: [String: [Int]] = [:]

    mutating func add(_ codes: Codes) {
        for time in 6..<10 { count("code \(time)", Int(codes.streams[1][time]), of: 16) }
        count("third codebook", Int(codes.streams[2][8]), of: 8)
        count("pair in time", Int(codes.streams[1][7] % 6 * 6 + codes.streams[1][8] % 6), of: 36)
        count("pair of codebooks", Int(codes.streams[0][4] % 6 * 8 + codes.streams[2][9]), of: 48)
    }

    private mutating func count(_ name: String, _ value: Int, of size: Int) {
        cells[name, default: [Int](repeating: 0, count: size)][value] += 1
    }
}
