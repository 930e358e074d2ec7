import Kernels
import Platform

/// Converts a stream of audio from one sample rate to another with libsoxr.
///
/// Output sample j stands for the instant of input sample j · from ÷ to: the filter's delay is taken out. For n input
/// samples there are exactly `outputLength(of: n)` output samples, the same whatever the blocks that the input came in.
/// In a stream the output is about 40 ms behind the input, 75 ms from 8 kHz, at `Quality.high`.
///
/// A value: a copy goes on from where it was made, to the same samples bit for bit, and does not disturb the original.
/// libsoxr cannot copy a stream, so of the copies the first to go on takes the stream over, and each of the others
/// builds one anew from the samples that still matter. That costs milliseconds once; between two rates without a simple
/// ratio it costs up to the time that the conversion has taken so far.
///
/// It can begin in the middle of a signal (`init(from:to:channelCount:quality:startingAt:)`), at the same cost.
public struct Resampler: Sendable {
    /// How closely the filter comes to the ideal one.
    public enum Quality: String, CaseIterable, Sendable {
        /// Rejects aliases to 20 bits (120 dB); the passband reaches 91 % of the lower Nyquist frequency.
        case high
        /// 28 bits (170 dB), in double precision.
        case veryHigh
    }

    /// Channels of the input and of the output.
    public let channelCount: Int
    /// Samples per channel taken so far.
    public private(set) var samplesIn = 0
    /// Samples per channel given so far.
    public private(set) var samplesOut = 0

    private let conversion: RateConversion
    /// Samples of the whole signal before the first that is taken.
    private let position: Int
    /// Output samples for instants before `position` that are still to come.
    private var early = 0
    private var end = StreamEnd("resampler")
    /// The last samples of the input, at least `conversion.memory` of them where there were so many.
    private var history: Frames
    /// The stream that has taken `samplesIn` samples; empty when another copy has gone on with it.
    private var stream = Lock<SoxrStream?>(nil)

    /// The first sample taken is sample `position` of a whole signal, for which the earlier ones count as zeros. The first given is
    /// output sample `outputLength(of: position)` of the whole; up to the end at sample n of the whole they are those before
    /// `outputLength(of: n)`. From output sample `outputLength(of: position + memory)` on they are the whole's, bit for bit; see `memory`.
    /// - Throws: `AudioError.resampler` for rates or channels outside `AudioLimits`, a position below 0, or when memory runs out.
    public init(
        from inputRate: Int, to outputRate: Int, channelCount: Int, quality: Quality = .high, startingAt position: Int = 0
    ) throws(AudioError) {
        guard AudioLimits.sampleRates.contains(inputRate), AudioLimits.sampleRates.contains(outputRate),
            AudioLimits.channelCounts.contains(channelCount), position >= 0
        else {
            throw .resampler(
                reason: "cannot convert \(channelCount) channel(s) from \(inputRate) Hz to \(outputRate) Hz from sample \(position) on")
        }
        conversion = RateConversion(from: inputRate, to: outputRate, quality: quality)
        self.channelCount = channelCount
        self.position = position
        history = Frames(channels: channelCount)
        if !conversion.isIdentity {
            let stream = try SoxrStream(conversion, replaying: history, endingAt: position)
            early = stream.owed
            hold(stream)
        }
    }

    /// Sample rate of the input in Hz.
    public var inputRate: Int { conversion.inputRate }
    /// Sample rate of the output in Hz.
    public var outputRate: Int { conversion.outputRate }

    /// ⌈`samples` · `outputRate` ÷ `inputRate`⌉, clamped to the largest integer: every output instant before the input's end.
    ///
    /// Rounding up means that going to another rate and back gives at least as many samples as there were.
    public static func outputLength(of samples: Int, from inputRate: Int, to outputRate: Int) -> Int {
        guard samples > 0, inputRate > 0, outputRate > 0 else { return 0 }
        let product = samples.multipliedFullWidth(by: outputRate)
        guard product.high < inputRate else { return .max }
        let (quotient, remainder) = inputRate.dividingFullWidth(product)
        return quotient + (remainder > 0 ? 1 : 0)
    }

    /// The number of output samples for `samples` input samples.
    public func outputLength(of samples: Int) -> Int {
        Self.outputLength(of: samples, from: inputRate, to: outputRate)
    }

    /// Input samples after which what came before no longer changes a bit: a resampler that starts so many before an instant gives, from
    /// that instant on, what one that started earlier gives. A safe bound; 0 for equal rates.
    public static func memory(from inputRate: Int, to outputRate: Int, quality: Quality = .high) -> Int {
        let conversion = RateConversion(from: inputRate, to: outputRate, quality: quality)
        return conversion.isIdentity ? 0 : conversion.memory
    }

    /// Input samples after which the output of an instant has come: that of the first n is known after n and so many more.
    /// A safe bound; 0 for equal rates.
    public static func lookahead(from inputRate: Int, to outputRate: Int, quality: Quality = .high) -> Int {
        let conversion = RateConversion(from: inputRate, to: outputRate, quality: quality)
        return conversion.isIdentity ? 0 : conversion.lookahead
    }

    /// Output known after `block`, maybe none.
    /// - Throws: `AudioError.blockChannels`; `UsedAfterEnd` after `finish()`.
    public mutating func push(_ block: AudioBlock) throws -> AudioBlock {
        try end.requireOpen()
        guard block.channelCount == channelCount else {
            throw AudioError.blockChannels(file: "resampler", expected: channelCount, found: block.channelCount)
        }
        var output = block
        if !conversion.isIdentity {
            let stream = try takeStream()
            // The output lags behind the input, so that this is the most that can come; growing would double the memory.
            output = try stream.process(block, expecting: missing(after: samplesIn + block.sampleCount))
            dropEarly(from: &output)
            hold(stream)
            remember(block.frames)
        }
        samplesIn += block.sampleCount
        samplesOut += output.sampleCount
        return output
    }

    /// The end: the remaining output, up to `outputLength(of: samplesIn)` in all where the signal was taken from its start.
    /// - Throws: `UsedAfterEnd` when called again.
    public mutating func finish() throws -> AudioBlock {
        try end.requireOpen()
        var rest = AudioBlock(channelCount: channelCount)
        if !conversion.isIdentity {
            // Silence behind the end brings out all that the last samples ring into; what is too much is cut.
            let missing = self.missing(after: samplesIn)
            let stream = try takeStream()
            let silence = AudioBlock(silence: SoxrStream.step, channelCount: channelCount)
            while rest.sampleCount < missing {
                var output = try stream.process(silence, expecting: missing)
                dropEarly(from: &output)
                rest.append(output)
            }
            rest = rest.slice(0..<missing)
        }
        history = Frames(channels: channelCount)
        samplesOut += rest.sampleCount
        try end.reach()
        return rest
    }

    /// Output samples of the first `count` samples taken that were not given yet.
    private func missing(after count: Int) -> Int {
        outputLength(of: position + count) - outputLength(of: position) - samplesOut
    }

    /// Drops what stands for instants before `position`.
    private mutating func dropEarly(from output: inout AudioBlock) {
        let count = min(early, output.sampleCount)
        output.removeFirst(count)
        early -= count
    }

    /// The stream of this value, for this value alone until it is held again.
    private func takeStream() throws(AudioError) -> SoxrStream {
        let held = stream.withLock { stream in
            defer { stream = nil }
            return stream
        }
        if let held { return held }
        return try SoxrStream(conversion, replaying: history, endingAt: position + samplesIn)
    }

    private mutating func hold(_ taken: SoxrStream) {
        // The copies share the empty place that `taken` was in: it now goes where only this value finds it.
        if !isKnownUniquelyReferenced(&stream) { stream = Lock(nil) }
        stream.withLock { $0 = taken }
    }

    private mutating func remember(_ block: Frames) {
        let needed = conversion.memory
        if block.count >= needed {
            history = block.slice((block.count - needed)..<block.count)
        } else {
            history.append(block)
            if history.count > 2 * needed { history.removeFirst(history.count - needed) }
        }
    }
}
