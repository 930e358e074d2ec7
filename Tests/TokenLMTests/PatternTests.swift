import Foundation
import Testing
import TokenLM
import Tokens

private struct Layout: CustomTestStringConvertible {
    let kind: CodebookPattern.Kind
    let strides: [Int]
    var testDescription: String { "\(kind) \(strides)" }
}

private let kinds: [CodebookPattern.Kind] = [.flatten, .parallel, .delay, .stackAndDelay, .coarseFirst(codebooks: 1)]
private let layouts = kinds.flatMap { kind in
    [[1], [1, 1, 1, 1], [4, 2, 1], [2, 3], [3, 1, 3]].map { Layout(kind: kind, strides: $0) }
}

@Suite struct PatternTests {
    @Test(arguments: layouts) private func invertUndoesInterleave(_ layout: Layout) throws {
        let pattern = try CodebookPattern(layout.kind, strides: layout.strides)
        for frames in [0, 1, 2, 7, 12, 25] {
            let schedule = try pattern.schedule(frames: frames)
            let codes = randomCodes(frames: frames, sizes: layout.strides.map { _ in 1000 }, strides: layout.strides, seed: 3)
            let grid = try schedule.interleave(codes)
            #expect(grid.count == schedule.stepCount * layout.strides.count)
            let inverse = try schedule.invert(grid)
            #expect(inverse.codes == codes)
            #expect(inverse.isKnown.joined().allSatisfy { $0 })
            #expect(grid.filter { $0 != PatternSchedule.absent }.count == codes.streams.reduce(0) { $0 + $1.count })
        }
    }

    @Test(arguments: layouts) private func everyPrefixOfStepsKnowsWhatItSays(_ layout: Layout) throws {
        let pattern = try CodebookPattern(layout.kind, strides: layout.strides)
        let schedule = try pattern.schedule(frames: 23)
        let codes = randomCodes(frames: 23, sizes: layout.strides.map { _ in 1000 }, strides: layout.strides, seed: 4)
        let grid = try schedule.interleave(codes)
        for steps in 0...schedule.stepCount {
            let part = Array(grid[..<(steps * layout.strides.count)])
            let (found, isKnown) = try schedule.invert(part)
            for (k, stream) in found.streams.enumerated() {
                for (t, code) in stream.enumerated() {
                    #expect(code == (isKnown[k][t] ? codes.streams[k][t] : PatternSchedule.absent))
                }
            }
            let complete = schedule.completeFrames(afterSteps: steps)
            let isComplete = (0..<23).map { frame in layout.strides.indices.allSatisfy { isKnown[$0][frame / layout.strides[$0]] } }
            #expect(complete == isComplete.firstIndex(of: false) ?? 23)
            let taken = schedule.codes(of: 0..<complete, in: part)
            #expect(taken.streams.enumerated().allSatisfy { $1[...] == codes.streams[$0].prefix($1.count) })
        }
        #expect(schedule.completeFrames(afterSteps: schedule.stepCount) == 23)
    }

    @Test func schedulesEqualTheTrainersOwn() throws {
        struct Entry: Decodable {
            let pattern: String
            let strides: [Int]
            let frames: Int
            let coarse: Int
            let times: [Int]
        }
        let entries = try JSONDecoder().decode([Entry].self, from: Data(contentsOf: URL(fileURLWithPath: fixture("schedules.json"))))
        #expect(entries.count == 30)
        for entry in entries {
            let kind: [String: CodebookPattern.Kind] = [
                "flatten": .flatten, "parallel": .parallel, "delay": .delay, "stack-and-delay": .stackAndDelay,
                "coarse-first": .coarseFirst(codebooks: entry.coarse),
            ]
            let pattern = try CodebookPattern(#require(kind[entry.pattern]), strides: entry.strides)
            let schedule = try pattern.schedule(frames: entry.frames)
            let times = (0..<schedule.stepCount).flatMap { step in
                entry.strides.indices.map { schedule.time(step: step, codebook: $0) ?? -1 }
            }
            #expect(times == entry.times, "\(entry.pattern) \(entry.strides)")
        }
    }

    @Test func flatteningSnacGivesItsUsualOrder() throws {
        let schedule = try CodebookPattern(.flatten, strides: [4, 2, 1]).schedule(frames: 4)
        let order = (0..<schedule.stepCount).map { step in (0..<3).first { schedule.time(step: step, codebook: $0) != nil } }
        #expect(order == [0, 1, 2, 2, 1, 2, 2])
    }

    @Test func delayCompletesAFrameOnceItsLastCodebookHasCome() throws {
        let schedule = try CodebookPattern(.delay, strides: [1, 1, 1, 1]).schedule(frames: 10)
        #expect(schedule.stepCount == 13)
        #expect((0...13).map(schedule.completeFrames) == [0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    }

    @Test func stackAndDelayKeepsOpenFramesApart() throws {
        let schedule = try CodebookPattern(.stackAndDelay, strides: [1, 1, 1, 1]).schedule(frames: 32)
        for step in 0..<schedule.stepCount {
            let open = (0..<4).compactMap { schedule.time(step: step, codebook: $0) }.sorted()
            #expect(zip(open, open.dropFirst()).allSatisfy { $1 - $0 > 1 }, "step \(step): \(open)")
        }
    }

    @Test func impossiblePatternsAndLengthsAreRefused() throws {
        #expect(throws: TokenLMError.self) { try CodebookPattern(.delay, strides: []) }
        #expect(throws: TokenLMError.self) { try CodebookPattern(.delay, strides: [1, 0]) }
        #expect(throws: TokenLMError.self) { try CodebookPattern(.coarseFirst(codebooks: 3), strides: [1, 1]) }
        let pattern = try CodebookPattern(.delay, strides: [2, 1])
        #expect(throws: TokenLMError.self) { try pattern.schedule(frames: -1) }
        #expect(throws: TokenLMError.self) { try pattern.schedule(frames: Int.max) }
        #expect(throws: TokenLMError.self) { try pattern.frameCount(of: Codes(streams: [[1], [1, 2, 3]])) }
        #expect(throws: TokenLMError.self) { try pattern.frameCount(of: Codes(streams: [[1]])) }
        #expect(try pattern.frameCount(of: Codes(streams: [[1, 2], [1, 2, 3]])) == 3)
        let schedule = try pattern.schedule(frames: 2)
        #expect(throws: TokenLMError.self) { try schedule.invert([1, 2, 3]) }
        #expect(throws: TokenLMError.self) { try schedule.invert([Int32](repeating: 0, count: 100)) }
    }
}
