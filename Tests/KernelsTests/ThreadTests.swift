import Foundation
import Kernels
import Platform
import TestSupport
import Testing

@Suite struct ThreadTests {
    private static let counts = [2, 3, 4]

    private func withThreads<R>(_ count: Int, _ body: () throws -> R) rethrows -> R {
        try Execution(threads: count).run(body)
    }

    private static func convolution(
        _ inputs: Int, _ outputs: Int, kernel: Int, stride: Int = 1, groups: Int = 1, using generator: inout SplitMix64
    ) -> Convolution {
        Convolution(
            weight: generator.floats(outputs * (inputs / groups) * kernel), bias: generator.floats(outputs),
            inputChannels: inputs, outputChannels: outputs, kernelSize: kernel, stride: stride, groups: groups)
    }

    @Test(arguments: InstructionSet.available)
    func convolutionsDoNotDependOnTheNumberOfThreads(_ set: InstructionSet) {
        var generator = SplitMix64(seed: 1)
        // Enough work to be shared; the second has weights that no cache keeps for every share.
        let cases = Execution(instructionSet: set).run {
            [
                (Self.convolution(96, 96, kernel: 7, using: &generator), 901),
                (Self.convolution(512, 300, kernel: 3, stride: 2, using: &generator), 173),
                (Self.convolution(64, 128, kernel: 5, groups: 4, using: &generator), 1999),
                (Self.convolution(256, 1, kernel: 16, using: &generator), 3001),
            ]
        }
        for (convolution, count) in cases {
            let input = generator.frames((count - 1) * convolution.stride + convolution.span, channels: convolution.inputChannels)
            let residual = generator.frames(count, channels: convolution.outputChannels)
            let alpha = (0..<convolution.outputChannels).map { _ in Float.random(in: 0.5...1.5, using: &generator) }
            let alone = withThreads(1) { convolution(input, activation: .snake(alpha: alpha), residual: residual).bits }
            for threads in Self.counts {
                let shared = withThreads(threads) {
                    convolution(input, activation: .snake(alpha: alpha), residual: residual).bits
                }
                #expect(shared == alone, "\(threads) threads")
            }
        }
    }

    @Test func codebookSearchesDoNotDependOnTheNumberOfThreads() {
        var generator = SplitMix64(seed: 2)
        let codebook = PackedCodebook(codewords: generator.floats(1024 * 64), dimension: 64)
        let input = generator.frames(777, channels: 64)
        let alone = withThreads(1) { codebook.nearest(input) }
        for threads in Self.counts {
            #expect(withThreads(threads) { codebook.nearest(input) } == alone)
        }
    }

    @Test func callsThatMeetDoNotDisturbEachOther() async {
        var generator = SplitMix64(seed: 3)
        let convolution = Self.convolution(128, 128, kernel: 3, using: &generator)
        let inputs = (0..<6).map { _ in generator.frames(600, channels: 128) }
        let alone = withThreads(1) { inputs.map { convolution($0).bits } }
        await Execution(threads: 4).run {
            await withTaskGroup(of: Bool.self) { group in
                for (input, expected) in zip(inputs, alone) {
                    group.addTask { (0..<20).allSatisfy { _ in convolution(input).bits == expected } }
                }
                for await isSame in group { #expect(isSame) }
            }
        }
    }

    /// What the stages of a pipeline keep, and the items that pass them. Safe to share as long as the pipeline keeps its order,
    /// which is what is tested.
    private final class Passage: @unchecked Sendable {
        // Raw memory: threads change different values of it at the same time, which the elements of one array do not allow.
        private let items, stages: UnsafeMutableBufferPointer<UInt64>

        init(items: Int, stages: Int) {
            self.items = .allocate(capacity: items)
            self.stages = .allocate(capacity: stages)
            _ = self.items.initialize(from: 0..<UInt64(items))
            self.stages.initialize(repeating: 1)
        }

        deinit {
            items.deallocate()
            stages.deallocate()
        }

        var values: [[UInt64]] { [Array(items), Array(stages)] }

        /// Depends on every item that passed the stage before and every stage that the item passed before, in order.
        func take(_ item: Int, _ stage: Int) {
            // Of uneven length, so that threads run into each other.
            for _ in 0..<(item * stage * 37 % 4000) { items[item] = items[item] &* 6_364_136_223_846_793_005 &+ 1 }
            stages[stage] = stages[stage] &* 31 &+ items[item]
            items[item] = items[item] &* 17 &+ stages[stage]
        }
    }

    /// The stages that tasks have passed, in the order of time. Safe to share: the lock guards the list.
    private final class Log: @unchecked Sendable {
        private let lock = NSLock()
        private var list: [(stage: Int, index: Int)] = []

        var entries: [(stage: Int, index: Int)] { lock.withLock { list } }

        func add(stage: Int, index: Int) { lock.withLock { list.append((stage, index)) } }
    }

    @Test func everyStageTakesTheItemsInOrder() {
        let (items, stages) = (60, 7)
        let expected = Passage(items: items, stages: stages)
        for item in 0..<items { for stage in 0..<stages { expected.take(item, stage) } }
        for threads in 1...4 {
            let passage = Passage(items: items, stages: stages)
            let tasks = (0..<items).map { Execution.PipelineTask(stages: 0..<stages, index: $0) }
            withThreads(threads) { Execution.current.pipeline(tasks) { passage.take($0, $1) } }
            #expect(passage.values == expected.values, "\(threads) threads")
        }
    }

    /// Stages 0 and 1 take eight short tasks, stages 2 and 3 two that need four of them each, the last stage eight again.
    @Test func tasksWaitForThoseThatTheyNeed() {
        let (short, long) = (8, 2)
        let gathered: [Execution.PipelineTask] = (0..<long).flatMap { (i: Int) -> [Execution.PipelineTask] in
            let first: [Execution.PipelineTask] = (0..<4).map { Execution.PipelineTask(stages: 0..<2, index: 4 * i + $0) }
            return first + [Execution.PipelineTask(stages: 2..<4, index: i, needed: 4 * i + 4)]
        }
        let cut: [Execution.PipelineTask] = (0..<short).map { Execution.PipelineTask(stages: 4..<5, index: $0, needed: $0 / 4 + 1) }
        let tasks = gathered + cut
        for threads in 1...4 {
            let log = Log()
            withThreads(threads) {
                Execution.current.pipeline(tasks) { task, stage in log.add(stage: stage, index: tasks[task].index) }
            }
            for stage in 0..<5 {
                #expect(log.entries.filter { $0.stage == stage }.map(\.index) == Array(0..<([2, 3].contains(stage) ? long : short)))
            }
            for (place, entry) in log.entries.enumerated() where entry.stage == 2 || entry.stage == 4 {
                let needed = entry.stage == 2 ? 4 * entry.index + 4 : entry.index / 4 + 1
                #expect(log.entries[..<place].count { $0.stage == entry.stage - 1 } >= needed, "\(threads) threads")
            }
        }
    }

    @Test func piecesKeepTheirPlaces() {
        for threads in 1...4 {
            let results = withThreads(threads) { Execution.current.concurrentMap(100) { Array(repeating: $0, count: $0) } }
            #expect(results == (0..<100).map { Array(repeating: $0, count: $0) })
        }
        #expect(Execution.current.concurrentMap(0) { $0 } == [])
    }

    @Test func threadsRunOnTheCallersInstructionSet() {
        let execution = Execution(threads: 3, instructionSet: .portable)
        let sets = execution.concurrentMap(50) { _ in Execution.current.instructionSet }
        #expect(sets.allSatisfy { $0 == .portable })
    }

    @Test func callsWithinAPipelineWorkAlone() {
        var generator = SplitMix64(seed: 4)
        let convolution = Self.convolution(96, 96, kernel: 7, using: &generator)
        let input = generator.frames(900, channels: 96)
        let alone = convolution(input).bits
        let shared = withThreads(3) {
            Execution.current.concurrentMap(6) { _ in Execution.current.concurrentMap(2) { _ in convolution(input).bits } }
        }
        #expect(shared.joined().allSatisfy { $0 == alone })
    }

    @Test func theCountStaysInItsBounds() {
        withThreads(0) { #expect(Execution.current.threadCount == 1) }
        withThreads(1000) { #expect((1...64).contains(Execution.current.threadCount)) }
    }
}
