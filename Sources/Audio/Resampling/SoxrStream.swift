import CSoxr
import Kernels

/// One stream of libsoxr, for one thread at a time.
///
/// `@unchecked Sendable` is sound because a resampler takes the stream out of a lock before it uses it, so that nobody else has it.
final class SoxrStream: @unchecked Sendable {
    private let handle: soxr_t
    private let channelCount: Int
    /// Room for what one call of soxr gives.
    private let room: UnsafeMutableBufferPointer<Float>
    /// Most samples per channel that one call gives.
    private let mostGiven: Int
    private let conversion: RateConversion
    /// Samples per channel taken and given so far.
    private var taken = 0
    private var given = 0

    /// Output samples of the input so far that are still to come.
    var owed: Int { conversion.outputLength(of: taken) - given }

    /// Most samples per channel that pass through soxr in one call.
    static let step = 1024

    /// - Throws: `AudioError.resampler` when there is no such stream, or no memory.
    init(_ conversion: RateConversion, channelCount: Int) throws(AudioError) {
        var io = soxr_io_spec(SOXR_FLOAT32_I, SOXR_FLOAT32_I)
        let recipe = conversion.quality == .high ? SOXR_20_BITQ : SOXR_28_BITQ
        var quality = soxr_quality_spec(UInt(recipe), UInt(SOXR_HI_PREC_CLOCK))
        var runtime = soxr_runtime_spec(1)
        var failure: soxr_error_t?
        let handle = soxr_create(
            Double(conversion.inputRate), Double(conversion.outputRate), UInt32(channelCount), &failure, &io, &quality, &runtime)
        guard let handle else { throw .resampler(reason: failure.map { String(cString: $0) } ?? "out of memory") }
        self.handle = handle
        self.channelCount = channelCount
        self.conversion = conversion
        mostGiven = conversion.outputLength(of: Self.step) + 64
        room = .allocate(capacity: mostGiven * channelCount)
    }

    /// A stream as it is after `position` samples per channel, the last of which are `history`.
    ///
    /// What comes before `history` no longer matters to the output, but its length does: soxr works in blocks, and rounding
    /// depends on where they lie. So zeros are fed in its place, as few as leave the blocks where they would be.
    /// - Throws: as `init(_:channelCount:)`.
    convenience init(_ conversion: RateConversion, replaying history: Frames, endingAt position: Int) throws(AudioError) {
        try self.init(conversion, channelCount: history.channels)
        var missing = position - history.count
        if missing > RateConversion.cheapReplay, let period = try conversion.period() { missing %= period }
        let zeros = AudioBlock(silence: Self.step, channelCount: channelCount)
        while missing > 0 {
            let count = min(missing, Self.step)
            try feed(zeros.slice(0..<count)) { _ in }
            missing -= count
        }
        try feed(AudioBlock(history)) { _ in }
    }

    deinit {
        soxr_delete(handle)
        room.deallocate()
    }

    /// All that comes out after `input`.
    /// - Parameter expected: samples per channel to set memory aside for, once any come.
    /// - Throws: `AudioError.resampler`.
    func process(_ input: AudioBlock, expecting expected: Int) throws(AudioError) -> AudioBlock {
        var values: [Float] = []
        try feed(input) { given in
            if values.isEmpty && !given.isEmpty { values.reserveCapacity(expected * channelCount) }
            values.append(contentsOf: given)
        }
        return AudioBlock(Frames(count: values.count / channelCount, channels: channelCount, values: values))
    }

    /// Feeds `input` to soxr and hands on all that comes out, interleaved.
    /// - Throws: `AudioError.resampler`.
    func feed(_ input: AudioBlock, _ output: (UnsafeBufferPointer<Float>) -> Void) throws(AudioError) {
        let failure = input.frames.withUnsafeBufferPointer { samples -> String? in
            var start = 0
            while start < input.sampleCount {
                let size = min(Self.step, input.sampleCount - start)
                var done = 0
                var count = mostGiven
                while done < size || count == mostGiven {
                    var used = 0
                    let failure = soxr_process(
                        handle, samples.baseAddress.map { $0 + (start + done) * channelCount }, size - done, &used,
                        room.baseAddress, mostGiven, &count)
                    if let failure { return String(cString: failure) }
                    done += used
                    given += count
                    output(UnsafeBufferPointer(rebasing: room[..<(count * channelCount)]))
                }
                taken += size
                start += size
            }
            return nil
        }
        if let failure { throw .resampler(reason: failure) }
    }
}
