import Foundation
import Kernels
import Platform
import TestSupport
import Testing

@Suite struct ExecutionTests {
    @Test func aNewOneHasOneThreadAndTheProcesssInstructionSet() {
        let execution = Execution()
        #expect(execution.threadCount == 1)
        #expect(execution.instructionSet == Execution.default.instructionSet)
    }

    @Test func theInnermostIsTheCurrentOne() {
        let (outer, inner) = (Execution(threads: 2), Execution(threads: 3))
        #expect(Execution.current === Execution.default)
        outer.run {
            #expect(Execution.current === outer)
            inner.run { #expect(Execution.current === inner) }
            #expect(Execution.current === outer)
        }
        #expect(Execution.current === Execution.default)
    }

    @Test func itHoldsAcrossSuspensionsAndInChildTasks() async {
        let execution = Execution(threads: 2)
        await execution.run {
            await Task.yield()
            #expect(Execution.current === execution)
            async let child = Execution.current
            #expect(await child === execution)
            await Task { #expect(Execution.current === execution) }.value
        }
    }

    @Test func threadsOfOneChangeNoOther() {
        let (one, other) = (Execution(threads: 2), Execution(threads: 3))
        one.setThreadCount(4)
        #expect(one.threadCount == 4 && other.threadCount == 3)
    }

    @Test func itsThreadsEndWithIt() throws {
        func threads() throws -> Int { try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count }
        guard FileManager.default.fileExists(atPath: "/proc/self/task") else { return }
        let before = try threads()
        for _ in 0..<40 { _ = Execution(threads: 8).concurrentMap(16) { $0 } }
        // Other tests start threads meanwhile, but none starts 280.
        #expect(try threads() < before + 140)
    }

    /// Both calls have a thread each of their own execution, so that four pieces are under way at once and meet. With threads shared
    /// by both, one call would do its pieces one after the other.
    @Test func twoRunInParallel() {
        let meeting = Meeting(of: 4)
        let callers = (0..<2).map { _ in
            Thread {
                let met = Execution(threads: 2).concurrentMap(2) { _ in meeting.join() }
                meeting.report(met)
            }
        }
        for caller in callers { caller.start() }
        #expect(meeting.reports(2).allSatisfy { $0 == [true, true] })
    }

    @Test func aProfileCountsEveryCallOfItsOwnAlone() async {
        var generator = SplitMix64(seed: 5)
        let sizes = [24, 40, 56]
        let work = sizes.map { size in
            (
                Convolution(
                    weight: generator.floats(size * size * 3), bias: nil, inputChannels: size, outputChannels: size, kernelSize: 3),
                generator.frames(300, channels: size)
            )
        }
        // All on the threads of one execution, at the same time.
        let execution = Execution(threads: 2)
        let profiles = await withTaskGroup(of: (Int, [KernelTime]).self) { group in
            for (index, (convolution, input)) in work.enumerated() {
                group.addTask {
                    let (_, times) = execution.profile {
                        Execution.current.concurrentMap(20) { _ in convolution(input).count }
                    }
                    return (index, times)
                }
            }
            return await group.reduce(into: [Int: [KernelTime]]()) { $0[$1.0] = $1.1 }
        }
        for (index, size) in sizes.enumerated() {
            let times = profiles[index] ?? []
            #expect(times.map(\.kernel) == ["convolution"] && times.map(\.inputs) == [size] && times.map(\.calls) == [20])
            #expect(times.allSatisfy { $0.rows == 20 * 298 && $0.seconds > 0 && $0.operations == 2 * Double(3 * size * size * 20 * 298) })
        }
    }

    @Test func aProfileTellsKernelsApart() {
        var generator = SplitMix64(seed: 6)
        let input = generator.frames(9, channels: 16)
        let linear = Convolution(weight: generator.floats(16 * 8), bias: nil, inputChannels: 16, outputChannels: 8)
        let codebook = PackedCodebook(codewords: generator.floats(32 * 16), dimension: 16)
        let (sum, times) = Execution.current.profile {
            var sum = Kernels.layerNorm(input, weight: nil, bias: nil, epsilon: 1e-5)
            Kernels.add(input, to: &sum)
            Kernels.add(input, to: &sum)
            Kernels.apply(.silu, to: &sum)
            _ = (linear(sum), codebook.nearest(sum))
            return Kernels.attend(sum, keys: sum, values: sum, headSize: 8) { _ in 0..<9 }
        }
        #expect(sum.count == 9)
        let calls = Dictionary(uniqueKeysWithValues: times.map { ($0.kernel, $0.calls) })
        #expect(calls == ["layer norm": 1, "addition": 2, "activation": 1, "linear": 1, "codebook search": 1, "attention": 1])
        #expect(times.map(\.seconds) == times.map(\.seconds).sorted(by: >))
    }

    @Test func operationsAreCountedPerExecution() {
        let linear = Convolution(weight: [Float](repeating: 1, count: 6), bias: nil, inputChannels: 2, outputChannels: 3)
        let (one, other) = (Execution(), Execution())
        _ = one.run { linear(Frames(zeros: 5, channels: 2)) }
        #expect(one.operationCount == 60 && other.operationCount == 0)
    }
}

/// Where threads wait for each other, for ten seconds at most. Safe to share: the condition guards all that changes.
private final class Meeting: @unchecked Sendable {
    private let condition = NSCondition()
    private let size: Int
    private var present = 0
    private var reported: [[Bool]] = []

    init(of size: Int) { self.size = size }

    /// Whether all came.
    func join() -> Bool {
        condition.withLock {
            present += 1
            condition.broadcast()
            let end = Date(timeIntervalSinceNow: 10)
            while present < size && condition.wait(until: end) {}
            return present >= size
        }
    }

    func report(_ met: [Bool]) {
        condition.withLock {
            reported.append(met)
            condition.broadcast()
        }
    }

    /// The reports once there are `count` of them.
    func reports(_ count: Int) -> [[Bool]] {
        condition.withLock {
            while reported.count < count { condition.wait() }
            return reported
        }
    }
}
