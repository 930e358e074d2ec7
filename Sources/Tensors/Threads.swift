import CKernels

extension Kernels {
    /// Threads that one call may be shared over, 1 at the start: `pipeline`, `concurrently`, and where that pays a convolution
    /// or codebook search. Results do not depend on it, to the bit. For the whole process.
    public static var threadCount: Int { ck_threads() }

    /// Sets `threadCount`, from 1 to 64; the system may give fewer.
    public static func setThreadCount(_ count: Int) { _ = ck_set_threads(max(1, count)) }

    /// Calls `body` for every stage of every item, several items at a time where there are threads.
    ///
    /// An item passes its stages in order, on one thread, and a stage takes the items in order, one at a time: a stage may keep
    /// a state from one item to the next. Calls within `body` work alone.
    /// - Parameters:
    ///   - items: each worth more than waking a thread, some 50 µs.
    ///   - body: runs with the caller's `instructionSet`.
    public static func pipeline(items: Int, stages: Int, _ body: @Sendable (_ item: Int, _ stage: Int) -> Void) {
        withoutActuallyEscaping(body) { body in
            var call = StageCall(instructionSet: instructionSet, body: body)
            ck_pipeline(
                items, stages,
                { context, item, stage in
                    let call = context.assumingMemoryBound(to: StageCall.self)
                    Kernels.withInstructionSet(call.pointee.instructionSet) { call.pointee.body(item, stage) }
                }, &call)
        }
    }

    /// `body` of every index below `count`, computed in any order, several at a time where there are threads.
    /// - Parameter body: runs with the caller's `instructionSet`.
    public static func concurrentMap<T: Sendable>(_ count: Int, _ body: @Sendable (_ index: Int) -> T) -> [T] {
        [T](unsafeUninitializedCapacity: count) { results, filled in
            guard let start = results.baseAddress else { return }
            let slots = Slots(start: start)
            withoutActuallyEscaping(body) { body in
                var call = PieceCall(instructionSet: instructionSet) { slots.fill($0, with: body($0)) }
                ck_concurrently(
                    count,
                    { context, index in
                        let call = context.assumingMemoryBound(to: PieceCall.self)
                        Kernels.withInstructionSet(call.pointee.instructionSet) { call.pointee.body(index) }
                    }, &call)
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
