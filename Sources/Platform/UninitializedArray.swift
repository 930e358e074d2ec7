extension Array {
    /// An array of `count` elements, all of which `fill` initialises: what `init(unsafeUninitializedCapacity:initializingWith:)` gives.
    ///
    /// That writes a count of 0 into the one empty array that all threads share, which a thread sanitizer reports. So `fill` is not called for no
    /// elements here.
    package init<Failure: Error>(
        uninitialized count: Int, _ fill: (UnsafeMutableBufferPointer<Element>) throws(Failure) -> Void
    ) throws(Failure) {
        guard count > 0 else {
            self = []
            return
        }
        try self.init(unsafeUninitializedCapacity: count) { (buffer, filled) throws(Failure) in
            try fill(UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
            filled = count
        }
    }
}
