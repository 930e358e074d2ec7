import Audio
import CCodetta
import Codetta
import Kernels
import Platform

/// Samples in memory of a caller, in whatever layout.
struct AudioArray: @unchecked Sendable {
    // The caller keeps the memory, and off it, until the call returns.
    private let base: UnsafeMutableRawPointer?
    private let isInt16: Bool
    private let sampleStride: Int
    private let channelStride: Int
    private let name: String
    let channels: Int
    let samples: Int

    private static let mostSamples = 1 << 48

    /// - Throws: `ArgumentError` for what cannot be an array.
    init(_ audio: UnsafePointer<codetta_audio>?, _ name: String) throws {
        guard let audio = audio?.pointee else { throw ArgumentError(name, "is NULL") }
        guard audio.type == CODETTA_FLOAT32 || audio.type == CODETTA_INT16 else {
            throw ArgumentError(name, "there is no sample type \(audio.type.rawValue)")
        }
        guard AudioLimits.channelCounts.contains(Int(audio.channels)) else {
            throw ArgumentError(name, "has \(audio.channels) channels, expected \(AudioLimits.channelCounts.lowerBound) to \(AudioLimits.channelCounts.upperBound)")
        }
        guard let samples = Int(exactly: audio.samples), (0...Self.mostSamples).contains(samples) else {
            throw ArgumentError(name, "has \(audio.samples) samples")
        }
        guard audio.data != nil || samples == 0 else { throw ArgumentError(name, "its data is NULL") }
        (base, isInt16, self.name) = (audio.data, audio.type == CODETTA_INT16, name)
        (channels, self.samples) = (Int(audio.channels), samples)
        (sampleStride, channelStride) = (Int(clamping: audio.sample_stride), Int(clamping: audio.channel_stride))
        let time = sampleStride.magnitude.multipliedReportingOverflow(by: UInt(max(samples, 1) - 1))
        let width = channelStride.magnitude.multipliedReportingOverflow(by: UInt(channels - 1))
        let extent = time.partialValue.addingReportingOverflow(width.partialValue)
        guard !time.overflow, !width.overflow, !extent.overflow, extent.partialValue < UInt(Int.max / 8) else {
            throw ArgumentError(name, "its strides reach beyond all memory")
        }
    }

    /// The samples in `range` as the codec takes them.
    /// - Throws: `SampleError` for a sample that is no number.
    func block(_ range: Range<Int>) throws -> AudioBlock {
        guard let base, !range.isEmpty else { return AudioBlock(channelCount: channels) }
        let frames = Frames(count: range.count, channels: channels) { values in
            guard let target = values.baseAddress else { return }
            if isInt16 {
                gather(base, Int16.self, range, target) { Float($0) / 32768 }
            } else if isContiguous {
                let start = base + range.lowerBound * channels * MemoryLayout<Float>.size
                UnsafeMutableRawPointer(target).copyMemory(from: start, byteCount: values.count * MemoryLayout<Float>.size)
            } else {
                gather(base, UInt32.self, range, target) { Float(bitPattern: $0) }
            }
        }
        if !isInt16, let index = frames.withUnsafeBufferPointer(Self.firstNonFinite) {
            throw SampleError(array: name, sample: range.lowerBound + index / channels, channel: index % channels)
        }
        return AudioBlock(frames)
    }

    /// - Throws: `SampleError` if a sample is no number; `Cancelled`.
    func requireFinite(unless cancel: CancelFlag) throws {
        if !isInt16 { try forEachBlock { _ in try cancel.check() } }
    }

    /// All samples.
    /// - Throws: as `block(_:)`; `SizeError` for more than the memory budget.
    func wholeBlock() throws -> AudioBlock {
        _ = try CheckedSize.elements([samples, channels])
        return try block(0..<samples)
    }

    /// Hands out the samples in blocks of at most `count` per channel.
    func forEachBlock(upTo count: Int = StepSize.samples, _ body: (AudioBlock) throws -> Void) throws {
        for start in stride(from: 0, to: samples, by: max(1, count)) { try body(try block(start..<min(samples, start + count))) }
    }

    /// Stores a block of as many channels from sample `start` on; what does not fit is left out.
    func store(_ block: AudioBlock, at start: Int) {
        let count = min(block.sampleCount, samples - start)
        guard let base, count > 0, block.channelCount == channels else { return }
        block.frames.withUnsafeBufferPointer { values in
            guard let source = values.baseAddress else { return }
            if isInt16 {
                scatter(source, base, Int16.self, start..<start + count) { Int16(truncatingIfNeeded: quantized($0, bits: 16)) }
            } else if isContiguous {
                (base + start * channels * MemoryLayout<Float>.size).copyMemory(from: source, byteCount: count * channels * MemoryLayout<Float>.size)
            } else {
                scatter(source, base, UInt32.self, start..<start + count) { $0.bitPattern }
            }
        }
    }

    /// Whether the array lies as a block does.
    private var isContiguous: Bool { sampleStride == channels && (channelStride == 1 || channels == 1) }

    private func gather<Stored: BitwiseCopyable>(
        _ base: UnsafeMutableRawPointer, _ type: Stored.Type, _ range: Range<Int>, _ target: UnsafeMutablePointer<Float>,
        _ value: (Stored) -> Float
    ) {
        let size = MemoryLayout<Stored>.size
        for channel in 0..<channels {
            var (source, place) = (base + (channel * channelStride + range.lowerBound * sampleStride) * size, channel)
            for _ in range {
                target[place] = value(source.loadUnaligned(as: Stored.self))
                source += sampleStride * size
                place += channels
            }
        }
    }

    private func scatter<Stored: BitwiseCopyable>(
        _ source: UnsafePointer<Float>, _ base: UnsafeMutableRawPointer, _ type: Stored.Type, _ range: Range<Int>,
        _ stored: (Float) -> Stored
    ) {
        let size = MemoryLayout<Stored>.size
        for channel in 0..<channels {
            var (target, place) = (base + (channel * channelStride + range.lowerBound * sampleStride) * size, channel)
            for _ in range {
                target.storeBytes(of: stored(source[place]), as: Stored.self)
                target += sampleStride * size
                place += channels
            }
        }
    }

    private static func firstNonFinite(_ values: UnsafeBufferPointer<Float>) -> Int? {
        var isFinite = true
        for value in values { isFinite = isFinite && value.magnitude <= .greatestFiniteMagnitude }
        return isFinite ? nil : values.firstIndex { !$0.isFinite }
    }
}

/// A sample that is no number.
struct SampleError: CodettaError {
    let array: String
    let sample: Int
    let channel: Int

    var kind: FailureKind { .badData }
    var description: String { "\(array): sample \(sample) of channel \(channel + 1) is NaN or infinite" }
}
