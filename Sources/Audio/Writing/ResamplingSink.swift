import Kernels

/// Converts samples to the rate of the sink behind it.
final class ResamplingSink: SampleSink {
    private let sink: any SampleSink
    private let format: SampleFormat
    private var resampler: Resampler

    init(_ sink: any SampleSink, from rate: Int, to storedRate: Int, channelCount: Int, format: SampleFormat) throws(AudioError) {
        self.sink = sink
        self.format = format
        resampler = try Resampler(from: rate, to: storedRate, channelCount: channelCount)
    }

    func write(_ samples: UnsafePointer<Float>, count: Int) throws(AudioError) {
        let values = Array(UnsafeBufferPointer(start: samples, count: count * resampler.channelCount))
        try pass { try $0.push(AudioBlock(Frames(count: count, channels: $0.channelCount, values: values))) }
    }

    func finish(samples: Int) throws(AudioError) -> [AudioWarning] {
        try pass { try $0.finish() }
        let warning = AudioWarning.resampled(from: resampler.inputRate, to: resampler.outputRate, format: format)
        return [warning] + (try sink.finish(samples: resampler.samplesOut))
    }

    /// Hands on what `convert` gives. A writer uses its sink no more after the end, so the resampler throws errors of this module alone.
    private func pass(_ convert: (inout Resampler) throws -> AudioBlock) throws(AudioError) {
        let block: AudioBlock
        do {
            block = try convert(&resampler)
        } catch {
            throw error as? AudioError ?? .resampler(reason: "\(error)")
        }
        try block.frames.withUnsafeBufferPointer { values throws(AudioError) in
            if let start = values.baseAddress, block.sampleCount > 0 { try sink.write(start, count: block.sampleCount) }
        }
    }
}
