import CKernels

extension Kernels {
    /// Floating-point operations a second that one core does at most with the current `instructionSet`, measured now:
    /// multiply-adds on registers alone, the best of many short runs, some 30 ms in all. A multiply-add counts as two.
    public static func measurePeakRate() -> Double {
        let set = instructionSet
        let steps = 100_000
        let operations = 2 * Double(ck_multiply_adds_per_step(set.code) * steps)
        var best = 0.0
        var sink: Float = 0
        for _ in 0..<80 {
            let time = ContinuousClock().measure { sink += ck_multiply_add_peak(set.code, steps) }
            best = max(best, operations / (time / .seconds(1)))
        }
        // The sums converge to a number above 0; asking keeps the runs from being optimised away.
        return sink > 0 ? best : 0
    }

    /// Floating-point operations that convolutions and codebook searches have done in this process so far, by their shapes:
    /// the difference around a piece of work is what it took, if nothing else runs. A multiply-add counts as two.
    public static var operationCount: Double { 2 * Double(ck_multiply_adds()) }
}
