/// Where samples are encoded to.
protocol SampleSink: AnyObject {
    /// Takes `count` interleaved samples of each channel.
    func write(_ samples: UnsafePointer<Float>, count: Int) throws(AudioError)
    /// Completes the output after `samples` samples a channel, and returns what is worth telling.
    func finish(samples: Int) throws(AudioError) -> [AudioWarning]
}

/// Writes WAV, RF64, AU and raw PCM in one pass, the same to a pipe as to a file.
final class PCMSink: SampleSink {
    private let target: OutputTarget
    private let container: ContainerFormat
    private let coding: PCMCoding
    private let sampleRate: Int
    private let channelCount: Int
    private let totalSamples: Int?
    private var encoded: [UInt8] = []

    init(
        target: OutputTarget, container: ContainerFormat, coding: PCMCoding, sampleRate: Int, channelCount: Int,
        totalSamples: Int?
    ) throws(AudioError) {
        let bytes = totalSamples.map { $0.multipliedReportingOverflow(by: coding.bytesPerSample * channelCount) }
        if let bytes, bytes.overflow {
            throw .unsupportedOutput(file: target.name, reason: "\(totalSamples ?? 0) samples do not fit in any file")
        }
        self.target = target
        let needsLongSizes = container == .wav && (bytes?.partialValue ?? 0) > WaveHeader.longestData
        self.container = needsLongSizes ? .rf64 : container
        self.coding = coding
        self.sampleRate = sampleRate
        self.channelCount = channelCount
        self.totalSamples = totalSamples
        try target.append(header(samples: totalSamples).header)
    }

    private func header(samples: Int?) -> (header: [UInt8], padding: Int) {
        switch container {
        case .wav, .rf64:
            return WaveHeader.make(
                coding, sampleRate: sampleRate, channelCount: channelCount, samples: samples, isRF64: container == .rf64)
        case .au:
            return (SunHeader.make(coding, sampleRate: sampleRate, channelCount: channelCount, samples: samples), 0)
        default:
            return ([], 0)
        }
    }

    func write(_ samples: UnsafePointer<Float>, count: Int) throws(AudioError) {
        let values = count * channelCount
        let bytes = values * coding.bytesPerSample
        if encoded.count < bytes { encoded = [UInt8](repeating: 0, count: bytes) }
        try encoded.withUnsafeMutableBufferPointer { [coding, target] buffer throws(AudioError) in
            guard let start = buffer.baseAddress else { return }
            coding.encode(samples, into: start, count: values)
            try target.append(start, count: bytes)
        }
    }

    func finish(samples: Int) throws(AudioError) -> [AudioWarning] {
        var warnings: [AudioWarning] = []
        var known = totalSamples
        if known == nil && target.canRewrite {
            let isTooLong = container == .wav && samples * coding.bytesPerSample * channelCount > WaveHeader.longestData
            if isTooLong { warnings.append(.unsizedHeader) } else { known = samples }
        }
        let final = header(samples: known)
        if totalSamples == nil && known != nil { try target.rewriteBeginning(final.header) }
        if final.padding > 0 { try target.append([UInt8](repeating: 0, count: final.padding)) }
        return warnings
    }
}

/// Writes what libsndfile encodes: into the unfinished file itself, or into a nameless one that is copied out at the end.
final class LibrarySink: SampleSink {
    private let target: OutputTarget
    private let bytes: SeekableBytes
    private let isCopy: Bool
    private let file: SoundFile
    private let container: ContainerFormat
    private let channelCount: Int
    /// Bits of integer samples; nil for those that take floats.
    private let bits: Int?
    private var integers: [Int32] = []

    init(
        target: OutputTarget, container: ContainerFormat, sampleFormat: SampleFormat, sampleRate: Int, channelCount: Int
    ) throws(AudioError) {
        self.target = target
        self.container = container
        self.channelCount = channelCount
        if let own = target.seekableBytes {
            bytes = own
            isCopy = false
        } else {
            do {
                bytes = SeekableBytes(ownedDescriptor: try SystemCalls.makeAnonymousFile())
            } catch {
                throw .io(file: target.name, operation: "making a temporary file", reason: error.reason)
            }
            isCopy = true
        }
        bits = sampleFormat.clamps ? (sampleFormat.precision == 14 ? 16 : sampleFormat.precision) : nil
        file = try SoundFile.create(
            bytes, name: target.name, container: container, sampleFormat: sampleFormat, sampleRate: sampleRate,
            channelCount: channelCount)
    }

    func write(_ samples: UnsafePointer<Float>, count: Int) throws(AudioError) {
        let isWritten: Bool
        if let bits {
            // Quantized here, as libsndfile scales by one step less than it reads with.
            let values = count * channelCount
            if integers.count < values { integers = [Int32](repeating: 0, count: values) }
            for i in 0..<values { integers[i] = quantized(samples[i], bits: bits) << Int32(32 - bits) }
            isWritten = integers.withUnsafeBufferPointer { buffer in
                buffer.baseAddress.map { file.write($0, count: count) } ?? true
            }
        } else {
            isWritten = file.write(samples, count: count)
        }
        if !isWritten || file.systemFailure != nil { throw failure() }
    }

    func finish(samples: Int) throws(AudioError) -> [AudioWarning] {
        guard file.close() else { throw failure() }
        do {
            if container == .ogg { try OggPages.renumber(bytes) }
            if isCopy { try copyOut() }
        } catch let error as SystemError {
            throw target.failure(error)
        } catch let error as AudioError {
            throw error
        } catch {
            throw .io(file: target.name, operation: "writing", reason: "\(error)")
        }
        return []
    }

    private func copyOut() throws {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        var offset = 0
        while offset < bytes.size {
            let got = try buffer.withUnsafeMutableBufferPointer { [bytes, target] buffer in
                guard let start = buffer.baseAddress else { return 0 }
                let got = try bytes.read(start, count: min(buffer.count, bytes.size - offset), at: offset)
                try target.append(start, count: got)
                return got
            }
            if got == 0 { throw SystemError.endedEarly }
            offset += got
        }
    }

    private func failure() -> AudioError {
        if let failure = file.systemFailure { return target.failure(failure) }
        return .io(file: target.name, operation: "encoding", reason: "libsndfile took fewer samples than it was given")
    }
}
