import CKernels

extension Kernels {
    /// Threads that one call may be shared over, 1 at the start: `pipeline`, `concurrently`, and where that pays a convolution
    /// or codebook search. Results do not depend on it, to the bit. For the whole process.
    public static var threadCount: Int { ck_threads() }

    /// Sets `threadCount`, from 1 to 64; the system may give fewer.
    public static func setThreadCount(_ count: Int) { _ = ck_set_threads(max(1, count)) }

    /// A piece of work that passes some stages of a `pipeline` in order, on one thread.
    public struct Task: Sendable {
        /// What the task passes.
        public var stages: Range<Int>
        /// Its place among the tasks of these stages, from 0: each stage takes them in this order, one at a time.
        public var index: Int
        /// Tasks that must have passed the stage before the first one; 0 where it needs nothing of them.
        public var needed: Int

        public init(stages: Range<Int>, index: Int, needed: Int = 0) {
            (self.stages, self.index, self.needed) = (stages, index, needed)
        }
    }

    /// Calls `body` for every stage of every task, several tasks at a time where there are threads.
    ///
    /// A stage takes its tasks in order, one at a time: it may keep a state from one to the next. Calls within `body` work alone.
    /// - Parameters:
    ///   - tasks: begun in this order, each needing only such as come before; on average worth more than waking a thread, some 50 µs.
    ///   - body: runs with the caller's `instructionSet`.
    public static func pipeline(_ tasks: [Task], _ body: @Sendable (_ task: Int, _ stage: Int) -> Void) {
        let list = tasks.map {
            ck_task(first_stage: $0.stages.lowerBound, end_stage: $0.stages.upperBound, index: $0.index, needed: $0.needed)
        }
        let stages = tasks.reduce(0) { max($0, $1.stages.upperBound) }
        withoutActuallyEscaping(body) { body in
            let call = StageCall(instructionSet: instructionSet, body: body)
            withUnsafePointer(to: call) { call in
                list.withUnsafeBufferPointer { list in
                    ck_pipeline(
                        list.baseAddress, list.count, stages,
                        { context, task, stage in
                            let call = context.assumingMemoryBound(to: StageCall.self)
                            Kernels.withInstructionSet(call.pointee.instructionSet) { call.pointee.body(task, stage) }
                        }, UnsafeMutableRawPointer(mutating: call))
                }
            }
        }
    }

    /// `body` of every index below `count`, computed in any order, several at a time where there are threads.
    /// - Parameter body: runs with the caller's `instructionSet`.
    public static func concurrentMap<T: Sendable>(_ count: Int, _ body: @Sendable (_ index: Int) -> T) -> [T] {
        [T](unsafeUninitializedCapacity: count) { results, filled in
            guard let start = results.baseAddress else { return }
            let slots = Slots(start: start)
            withoutActuallyEscaping(body) { body in
                let call = PieceCall(instructionSet: instructionSet) { slots.fill($0, with: body($0)) }
                withUnsafePointer(to: call) { call in
                    ck_concurrently(
                        count,
                        { context, index in
                            let call = context.assumingMemoryBound(to: PieceCall.self)
                            Kernels.withInstructionSet(call.pointee.instructionSet) { call.pointee.body(index) }
                        }, UnsafeMutableRawPointer(mutating: call))
                }
            }
            filled = count
        }
    }
}

/// Room for results. Safe to share: each index is filled once, by one thread, before the call that made the room returns.
private struct Slots<T>: @unchecked Sendable {
    let start: UnsafeMutablePointer<T>

    func fill(_ index: Int, with value: T) { (start + index).initialize(to: value) }
}

/// What a thread of `pipeline` needs to know.
private struct StageCall: Sendable {
    let instructionSet: InstructionSet
    let body: @Sendable (Int, Int) -> Void
}

/// What a thread of `concurrentMap` needs to know.
private struct PieceCall: Sendable {
    let instructionSet: InstructionSet
    let body: @Sendable (Int) -> Void
}
