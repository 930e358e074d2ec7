import CSoxr
import Kernels
import Platform

/// Converts a stream of audio from one sample rate to another with libsoxr.
///
/// Output sample j stands for the instant of input sample j · from ÷ to: the filter's delay is taken out. For n input
/// samples there are exactly `outputLength(of: n)` output samples, the same whatever the blocks that the input came in.
/// In a stream the output is about 40 ms behind the input, 75 ms from 8 kHz, at `Quality.high`.
///
/// Not thread-safe; one task at a time may use a resampler.
public final class Resampler {
    public enum Quality: String, CaseIterable, Sendable {
        /// Rejects aliases to 20 bits (120 dB); the passband reaches 91 % of the lower Nyquist frequency.
        case high
        /// 28 bits (170 dB), in double precision.
        case veryHigh
    }

    public let channelCount: Int
    /// Hz.
    public let inputRate: Int
    /// Hz.
    public let outputRate: Int
    /// Samples a channel taken and given so far.
    public private(set) var samplesIn = 0
    public private(set) var samplesOut = 0

    /// Nil when the rates are equal and samples pass unchanged.
    private let engine: soxr_t?
    private var end = StreamEnd("resampler")
    /// Most samples a channel that pass through soxr in one call.
    private static let step = 1024

    /// - Throws: `AudioError.resampler` for rates or channels outside `AudioLimits`, or when memory runs out.
    public init(from inputRate: Int, to outputRate: Int, channelCount: Int, quality: Quality = .high) throws(AudioError) {
        guard AudioLimits.sampleRates.contains(inputRate), AudioLimits.sampleRates.contains(outputRate),
            AudioLimits.channelCounts.contains(channelCount)
        else {
            throw .resampler(reason: "cannot convert \(channelCount) channel(s) from \(inputRate) Hz to \(outputRate) Hz")
        }
        self.inputRate = inputRate
        self.outputRate = outputRate
        self.channelCount = channelCount
        guard inputRate != outputRate else { engine = nil; return }
        var io = soxr_io_spec(SOXR_FLOAT32_I, SOXR_FLOAT32_I)
        var recipe = soxr_quality_spec(UInt(quality == .high ? SOXR_20_BITQ : SOXR_28_BITQ), UInt(SOXR_HI_PREC_CLOCK))
        var runtime = soxr_runtime_spec(1)
        var failure: soxr_error_t?
        engine = soxr_create(Double(inputRate), Double(outputRate), UInt32(channelCount), &failure, &io, &recipe, &runtime)
        if engine == nil { throw .resampler(reason: failure.map { String(cString: $0) } ?? "out of memory") }
    }

    deinit {
        if let engine { soxr_delete(engine) }
    }

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

    /// Output known after `block`, maybe none.
    /// - Throws: `AudioError.blockChannels`; `UsedAfterEnd` after `finish()`.
    public func process(_ block: AudioBlock) throws -> AudioBlock {
        try end.requireOpen()
        guard block.channelCount == channelCount else {
            throw AudioError.blockChannels(file: "resampler", expected: channelCount, found: block.channelCount)
        }
        samplesIn += block.sampleCount
        guard engine != nil else {
            samplesOut += block.sampleCount
            return block
        }
        let output = try run(block)
        samplesOut += output.sampleCount
        return output
    }

    /// The end: the remaining output, up to `outputLength(of: samplesIn)` in all.
    /// - Throws: `UsedAfterEnd` when called again.
    public func finish() throws -> AudioBlock {
        try end.reach()
        guard engine != nil else { return AudioBlock(channelCount: channelCount) }
        // Silence behind the end brings out all that the last samples ring into; what is too much is cut.
        let missing = outputLength(of: samplesIn) - samplesOut
        var rest = AudioBlock(channelCount: channelCount)
        let silence = AudioBlock(
            channels: Array(repeating: [Float](repeating: 0, count: Self.step), count: channelCount))
        while rest.sampleCount < missing { rest.append(try run(silence)) }
        samplesOut += missing
        return rest.slice(0..<missing)
    }

    /// Feeds `input` to soxr and collects all that comes out.
    private func run(_ input: AudioBlock) throws(AudioError) -> AudioBlock {
        var output = AudioBlock(channelCount: channelCount)
        let room = outputLength(of: Self.step) + 64
        var given = [Float](repeating: 0, count: room * channelCount)
        var start = 0
        while start < input.sampleCount {
            let fed = interleaved(input, start..<min(input.sampleCount, start + Self.step))
            let size = fed.count / channelCount
            var taken = 0
            var count = room
            while taken < size || count == room {
                let used: Int
                (used, count) = try exchange(fed, from: taken, into: &given, room: room)
                taken += used
                output.append(deinterleaved(given, count: count))
            }
            start += size
        }
        return output
    }

    private func interleaved(_ block: AudioBlock, _ range: Range<Int>) -> [Float] {
        var samples = [Float](repeating: 0, count: range.count * channelCount)
        for (c, channel) in block.channels.enumerated() {
            for i in 0..<range.count { samples[i * channelCount + c] = channel[range.lowerBound + i] }
        }
        return samples
    }

    /// One call of soxr: how many samples it took and how many it gave.
    private func exchange(
        _ fed: [Float], from start: Int, into given: inout [Float], room: Int
    ) throws(AudioError) -> (taken: Int, given: Int) {
        var taken = 0
        var count = 0
        let failure = fed.withUnsafeBufferPointer { input in
            given.withUnsafeMutableBufferPointer { output in
                soxr_process(
                    engine, input.baseAddress.map { $0 + start * channelCount }, fed.count / channelCount - start, &taken,
                    output.baseAddress, room, &count)
            }
        }
        if let failure { throw .resampler(reason: String(cString: failure)) }
        return (taken, count)
    }

    private func deinterleaved(_ samples: [Float], count: Int) -> AudioBlock {
        AudioBlock(
            channels: (0..<channelCount).map { c in (0..<count).map { samples[$0 * channelCount + c] } })
    }
}
