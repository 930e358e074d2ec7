import Platform

#if canImport(Glibc)
    import CMalloc
#endif

/// What this process takes.
enum ProcessMemory {
    /// Runs `body`, which loads weights, so that tensors on their way into a model leave no holes behind.
    ///
    /// The system's allocator learns from every large block that is freed to place the next of its size in the heap, between
    /// blocks that stay. Here each gets pages of its own, which go back when it is freed. After `body` only blocks above what
    /// the allocator would have learned at most do, for activations come and go all the time.
    static func loadingWeights<R>(_ body: () throws -> R) rethrows -> R {
        #if canImport(Glibc)
            mallopt(M_MMAP_THRESHOLD, 1 << 20)
            defer {
                mallopt(M_MMAP_THRESHOLD, 32 << 20)
                mallopt(M_TRIM_THRESHOLD, 64 << 20)
            }
        #endif
        return try body()
    }

    /// The most bytes that were resident so far.
    static var peakBytes: Int {
        var usage = rusage()
        #if canImport(Darwin)
            getrusage(RUSAGE_SELF, &usage)
            return Int(usage.ru_maxrss)
        #elseif canImport(Musl)
            getrusage(RUSAGE_SELF, &usage)
            return Int(usage.ru_maxrss) * 1024
        #else
            getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
            return Int(usage.ru_maxrss) * 1024
        #endif
    }
}
