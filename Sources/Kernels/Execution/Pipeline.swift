import CKernels
import Platform

extension Execution {
    /// A piece of work that passes some stages of a `pipeline` in order, on one thread.
    package struct PipelineTask: Sendable {
        /// The stages that the task passes.
        package var stages: Range<Int>
        /// Its place among the tasks of these stages, from 0: each stage takes them in this order, one at a time.
        package var index: Int
        /// How many tasks must have passed the stage before `stages`, counted from the first; 0 where it needs none of them.
        package var needed: Int

        package init(stages: Range<Int>, index: Int, needed: Int = 0) {
            (self.stages, self.index, self.needed) = (stages, index, needed)
        }
    }

    /// Calls `body` for every stage of every task, several tasks at a time where there are threads.
    ///
    /// A stage takes its tasks in order, one at a time: it may keep a state from one to the next. Calls within `body` work alone.
    /// - Parameters:
    ///   - tasks: begun in this order. Each may need only tasks before it. On average a task must be worth more than
    ///     waking a thread, about 50 µs.
    ///   - body: runs with this execution as the current one.
    package func pipeline(_ tasks: [PipelineTask], _ body: @Sendable (_ task: Int, _ stage: Int) -> Void) {
        let list = tasks.map {
            ck_task(first_stage: $0.stages.lowerBound, end_stage: $0.stages.upperBound, index: $0.index, needed: $0.needed)
        }
        let stages = tasks.reduce(0) { max($0, $1.stages.upperBound) }
        withoutActuallyEscaping(body) { body in
            let call = StageCall(execution: self, body: body)
            withUnsafePointer(to: call) { call in
                list.withUnsafeBufferPointer { list in
                    ck_pipeline(
                        pool.pointer, list.baseAddress, list.count, stages,
                        { context, task, stage in
                            let call = context.assumingMemoryBound(to: StageCall.self)
                            call.pointee.execution.run { call.pointee.body(task, stage) }
                        }, UnsafeMutableRawPointer(mutating: call))
                }
            }
        }
    }

    /// Returns `body` of every index below `count`, computed in any order, several at a time where there are threads.
    /// - Parameter body: runs with this execution as the current one.
    package func concurrentMap<T: Sendable>(_ count: Int, _ body: @Sendable (_ index: Int) -> T) -> [T] {
        [T](uninitialized: count) { results in
            guard let start = results.baseAddress else { return }
            let slots = Slots(start: start)
            withoutActuallyEscaping(body) { body in
                let call = PieceCall(execution: self) { slots.fill($0, with: body($0)) }
                withUnsafePointer(to: call) { call in
                    ck_concurrently(
                        pool.pointer, count,
                        { context, index in
                            let call = context.assumingMemoryBound(to: PieceCall.self)
                            call.pointee.execution.run { call.pointee.body(index) }
                        }, UnsafeMutableRawPointer(mutating: call))
                }
            }
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
    let execution: Execution
    let body: @Sendable (Int, Int) -> Void
}

/// What a thread of `concurrentMap` needs to know.
private struct PieceCall: Sendable {
    let execution: Execution
    let body: @Sendable (Int) -> Void
}
