/// Where samples are encoded to.
protocol SampleSink: AnyObject {
    /// Takes `count` interleaved samples of each channel.
    func write(_ samples: UnsafePointer<Float>, count: Int) throws(AudioError)
    /// Completes the output after `samples` samples per channel, and returns what is worth telling.
    func finish(samples: Int) throws(AudioError) -> [AudioWarning]
}

/// Writes WAV, RF64, AU, CAF, AIFF and raw PCM in one pass, the same to a pipe as to a file.
///
/// AIFF has no mark for an unknown length: it needs `totalSamples` or a target that can be rewritten.
///
/// The header goes out together with the first samples: readers that look at a pipe's first bytes to find the format, as sox does, cannot go
/// back beyond what one read gave them.
final class PCMSink: SampleSink {
    private let target: OutputTarget
    private let container: ContainerFormat
    private let coding: PCMCoding
    private let sampleRate: Int
    private let channelCount: Int
    private let totalSamples: Int?
    private var encoded: [UInt8] = []
    /// The header and the samples behind it, until they are enough for the first write; nil from then on.
    private var beginning: [UInt8]?
    /// Bytes of the first write: one page, which a pipe takes as a whole.
    private static let firstWrite = 4096

    init(
        target: OutputTarget, container: ContainerFormat, coding: PCMCoding, sampleRate: Int, channelCount: Int,
        totalSamples: Int?
    ) throws(AudioError) {
        let bytes = totalSamples.map { $0.multipliedReportingOverflow(by: coding.bytesPerSample * channelCount) }
        if let bytes, bytes.overflow || bytes.partialValue > 1 << 62 {
            throw .unsupportedOutput(file: target.name, reason: "\(totalSamples ?? 0) samples do not fit in any file")
        }
        self.target = target
        if Self.isAIFF(container), (bytes?.partialValue ?? 0) > AIFFHeader.longestData { throw Self.tooLongForAIFF(target) }
        let needsLongSizes = container == .wav && (bytes?.partialValue ?? 0) > WaveHeader.longestData
        self.container = needsLongSizes ? .rf64 : container
        self.coding = coding
        self.sampleRate = sampleRate
        self.channelCount = channelCount
        self.totalSamples = totalSamples
        let header = header(samples: totalSamples).header
        beginning = header.isEmpty ? nil : header
    }

    private static func isAIFF(_ container: ContainerFormat) -> Bool { container == .aiff || container == .aifc }

    private func header(samples: Int?) -> (header: [UInt8], padding: Int) {
        switch container {
        case .wav, .rf64:
            return WaveHeader.make(
                coding, sampleRate: sampleRate, channelCount: channelCount, samples: samples, isRF64: container == .rf64)
        case .au:
            return (SunHeader.make(coding, sampleRate: sampleRate, channelCount: channelCount, samples: samples), 0)
        case .aiff, .aifc:
            return AIFFHeader.make(
                coding, sampleRate: sampleRate, channelCount: channelCount, samples: samples ?? 0, isAIFFC: container == .aifc)
        case .caf:
            return (CAFHeader.make(coding, sampleRate: sampleRate, channelCount: channelCount, samples: samples), 0)
        default:
            return ([], 0)
        }
    }

    private static func tooLongForAIFF(_ target: OutputTarget) -> AudioError {
        .unsupportedOutput(file: target.name, reason: "over 4 GiB of samples do not fit in AIFF; CAF or W64 hold them")
    }

    func write(_ samples: UnsafePointer<Float>, count: Int) throws(AudioError) {
        let values = count * channelCount
        let bytes = values * coding.bytesPerSample
        if encoded.count < bytes { encoded = [UInt8](repeating: 0, count: bytes) }
        try encoded.withUnsafeMutableBufferPointer { [coding, target] buffer throws(AudioError) in
            guard let start = buffer.baseAddress else { return }
            coding.encode(samples, into: start, count: values)
            if beginning == nil {
                try target.append(start, count: bytes)
            } else {
                beginning?.append(contentsOf: UnsafeBufferPointer(start: start, count: bytes))
                if beginning?.count ?? 0 >= Self.firstWrite { try sendBeginning() }
            }
        }
    }

    private func sendBeginning() throws(AudioError) {
        if let beginning { try target.append(beginning) }
        beginning = nil
    }

    func finish(samples: Int) throws(AudioError) -> [AudioWarning] {
        try sendBeginning()
        var warnings: [AudioWarning] = []
        var known = totalSamples
        if known == nil && target.canRewrite {
            let bytes = samples * coding.bytesPerSample * channelCount
            if Self.isAIFF(container), bytes > AIFFHeader.longestData { throw Self.tooLongForAIFF(target) }
            let isTooLong = container == .wav && bytes > WaveHeader.longestData
            if isTooLong { warnings.append(.unsizedHeader) } else { known = samples }
        }
        let final = header(samples: known)
        if totalSamples == nil && known != nil { try target.rewriteBeginning(final.header) }
        if final.padding > 0 { try target.append([UInt8](repeating: 0, count: final.padding)) }
        return warnings
    }
}
