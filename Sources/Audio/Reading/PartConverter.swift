import Kernels

/// Brings the parts of a recording that was joined from several to the rate and channels of the first.
final class PartConverter {
    let sampleRate: Int
    let channelCount: Int
    private let name: String
    private var resampler: Resampler?
    private var rate: Int
    private var channels: Int

    init(sampleRate: Int, channelCount: Int, name: String) {
        self.sampleRate = sampleRate
        self.channelCount = channelCount
        self.name = name
        rate = sampleRate
        channels = channelCount
    }

    /// A part of this layout begins. Returns the last samples of the part before, if it was resampled.
    /// - Throws: `AudioError.notAudio` for channels that cannot be mixed to those of the first part; `.resampler`.
    func begin(sampleRate rate: Int, channelCount channels: Int) throws(AudioError) -> AudioBlock? {
        if rate == self.rate && channels == self.channels { return nil }
        let rest = try finish()
        guard channels == channelCount || channels == 1 || channelCount == 1 else {
            throw .notAudio(file: name, reason: "it is joined from parts with \(channelCount) and \(channels) channels")
        }
        (self.rate, self.channels) = (rate, channels)
        if rate != sampleRate { resampler = try Resampler(from: rate, to: sampleRate, channelCount: channelCount) }
        return rest
    }

    /// Samples of the part that began last, as the first would have them.
    func convert(_ block: AudioBlock) throws(AudioError) -> AudioBlock {
        var block = block
        if channels != channelCount { block = channelCount == 1 ? block.mean() : block.spread(to: channelCount) }
        guard resampler != nil else { return block }
        return try resampled { resampler in try resampler.push(block) }
    }

    /// The part that began last ends. Returns its last samples, if it was resampled.
    func finish() throws(AudioError) -> AudioBlock? {
        guard resampler != nil else { return nil }
        defer {
            resampler = nil
            (rate, channels) = (sampleRate, channelCount)
        }
        return try resampled { resampler in try resampler.finish() }
    }

    private func resampled(_ body: (inout Resampler) throws -> AudioBlock) throws(AudioError) -> AudioBlock {
        guard var current = resampler else { return AudioBlock(channelCount: channelCount) }
        // One owner at a time: a second one would make the resampler build its stream anew.
        resampler = nil
        defer { resampler = current }
        do {
            return try body(&current)
        } catch {
            throw error as? AudioError ?? .resampler(reason: "\(error)")
        }
    }

    /// Samples of the recording that `samples` of a part at `rate` become.
    func length(of samples: Int, at rate: Int) -> Int {
        Resampler.outputLength(of: samples, from: rate, to: sampleRate)
    }
}

extension AudioBlock {
    /// Moves the first `count` samples of every channel to `samples`, interleaved.
    mutating func takeFirst(_ count: Int, into samples: UnsafeMutablePointer<Float>) {
        guard count > 0 else { return }
        takeFirst(count).frames.withUnsafeBufferPointer { values in
            guard let base = values.baseAddress else { return }
            samples.update(from: base, count: values.count)
        }
    }
}
