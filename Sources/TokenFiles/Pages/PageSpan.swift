extension SampleSpan {
    /// Checks what edition 2 says of the length: the frames hold all samples, those that are skipped included, and at most the header's tail of them
    /// stands for none.
    /// - Throws: `TokenStreamError.invalidField`.
    func check(samples: Int, frames: Int, paging: Paging?, offset: Int) throws(TokenStreamError) {
        let total = samples + (paging?.skippedSamples ?? 0)
        let least = paging?.tailFrames.map { self.samples(frames: max(0, frames - $0)) } ?? 0
        guard covers(samples: total, frames: frames), total >= least else {
            throw .invalidField(
                part: "end mark", field: "sample total", found: "\(samples)", expected: "a length that \(frames) frames hold", offset: offset)
        }
    }
}
