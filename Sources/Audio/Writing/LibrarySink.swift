import Platform

/// Writes what libsndfile encodes, into a private target.
final class LibrarySink: SampleSink {
    private let target: OutputTarget
    private let bytes: SeekableBytes
    private let file: SoundFile
    private let settings: (container: ContainerFormat, sampleFormat: SampleFormat, sampleRate: Int, channelCount: Int)
    /// Bits of integer samples; nil for those that take floats.
    private let bits: Int?
    /// Samples that do not fill a chunk yet: encoders decide by what they see at once, so they always see as much.
    private var pending: [Float] = []
    private var integers: [Int32] = []
    /// Small, as libsndfile's Vorbis encoder takes stack in proportion.
    private static let chunk = 4096

    init(
        target: OutputTarget, container: ContainerFormat, sampleFormat: SampleFormat, sampleRate: Int, channelCount: Int
    ) throws(AudioError) {
        self.target = target
        settings = (container, sampleFormat, sampleRate, channelCount)
        bytes = target.seekableBytes
        bits = sampleFormat.clamps ? (sampleFormat.precision == 14 ? 16 : sampleFormat.precision) : nil
        integers = [Int32](repeating: 0, count: Self.chunk * channelCount)
        file = try SoundFile.create(
            bytes, name: target.name, container: container, sampleFormat: sampleFormat, sampleRate: sampleRate,
            channelCount: channelCount)
    }

    func write(_ samples: UnsafePointer<Float>, count: Int) throws(AudioError) {
        pending.append(contentsOf: UnsafeBufferPointer(start: samples, count: count * settings.channelCount))
        let chunkValues = Self.chunk * settings.channelCount
        var start = 0
        while pending.count - start >= chunkValues {
            try encode(start..<start + chunkValues)
            start += chunkValues
        }
        pending.removeFirst(start)
    }

    /// Hands interleaved values of `pending` to libsndfile.
    private func encode(_ range: Range<Int>) throws(AudioError) {
        let count = range.count / settings.channelCount
        let isWritten: Bool
        if let bits {
            // Quantized here, as libsndfile scales by one step less than it reads with.
            for (i, sample) in pending[range].enumerated() {
                integers[i] = quantized(sample, bits: bits) << Int32(32 - bits)
            }
            isWritten = integers.withUnsafeBufferPointer { [file] values in
                values.baseAddress.map { file.write($0, count: count) } ?? true
            }
        } else {
            isWritten = pending.withUnsafeBufferPointer { [file] values in
                values.baseAddress.map { file.write($0 + range.lowerBound, count: count) } ?? true
            }
        }
        if !isWritten || file.systemFailure != nil { throw failure() }
    }

    func finish(samples: Int) throws(AudioError) -> [AudioWarning] {
        if !pending.isEmpty { try encode(pending.indices) }
        guard file.close() else { throw failure() }
        do throws(Errno) {
            if settings.container == .ogg { try OggPages.renumber(bytes) }
        } catch {
            throw target.failure(error)
        }
        if samples == 0 { try finishEmpty() }
        return []
    }

    /// libsndfile leaves no FLAC at all when there was no sample, and an Opus that it does not read itself.
    private func finishEmpty() throws(AudioError) {
        switch settings.sampleFormat {
        case .opus:
            throw .unsupportedOutput(file: target.name, reason: "Opus cannot hold a stream without samples")
        case _ where settings.container == .flac && bytes.size == 0:
            try target.append(
                FLACHeader.empty(
                    sampleRate: settings.sampleRate, channelCount: settings.channelCount, bits: bits ?? 16))
        default: break
        }
    }

    private func failure() -> AudioError {
        if let failure = file.systemFailure { return target.failure(failure) }
        return .io(file: target.name, operation: "encoding", reason: "libsndfile took fewer samples than it was given")
    }
}
