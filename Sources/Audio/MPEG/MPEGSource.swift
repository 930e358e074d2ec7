import Kernels

/// MPEG audio of layers I to III, decoded by libmpg123 as it arrives, up to its very end.
///
/// No length in its headers is believed: what the decoder yields is what there is. The encoder's delay and padding are taken off where a
/// tag states them, the padding only when the stream ends where the tag says.
final class MPEGSource: SampleSource {
    let format: AudioFormat
    let sampleRate: Int
    let channelCount: Int
    let totalSamples: Int? = nil
    let estimatedSamples: Int?
    private(set) var warnings: [AudioWarning] = []
    var isLive: Bool { input.isStream }

    private let input: ByteInput
    private let frames: MPEGFrames
    private let decoder: MPEGDecoder
    private let converter: PartConverter
    private let info: MPEGInfoFrame?
    private let isLenient: Bool
    /// Where the stream begins in the input.
    private let start: Int
    /// Bytes of the stream by its container.
    private let stated: Int?
    /// Frame that was looked at but not decoded.
    private var first: [UInt8]?
    private var leading: Int
    private var ready: AudioBlock
    private var framesDecoded = 0
    private var badFrames = 0
    private var reason: String?
    private var isAtEnd = false

    /// Reads up to the first frame of audio.
    /// - Parameter bytes: length of the stream, where a container around it states one.
    /// - Throws: `AudioError.headerOnly`, `.notAudio`, `.truncated`, `.io`.
    init(_ input: ByteInput, bytes: Int? = nil, isLenient: Bool) throws(AudioError) {
        self.input = input
        self.isLenient = isLenient
        start = input.position
        stated = bytes
        input.stopRecording()
        if let bytes { input.end(after: bytes) }
        frames = MPEGFrames(input)
        decoder = try MPEGDecoder(name: input.name, freeBytes: frames.freeBytes)
        guard let beginning = try frames.next() else { throw .headerOnly(file: input.name) }
        var header = beginning.header
        info = MPEGInfoFrame(beginning.frame, header)
        if info == nil {
            first = beginning.frame
        } else if let next = try frames.next() {
            header = next.header
            first = next.frame
        }
        sampleRate = header.sampleRate
        channelCount = header.channelCount
        leading = info?.leading ?? 0
        format = AudioFormat(
            container: .mp3, sampleFormat: header.layer == 3 ? .mp3 : nil,
            description: header.layer == 3 ? "MP3" : "MPEG audio, layer \(header.layer == 2 ? "II" : "I")")
        converter = PartConverter(sampleRate: sampleRate, channelCount: channelCount, name: input.name)
        ready = AudioBlock(channelCount: channelCount)
        if let count = info?.frames, count > 0 {
            estimatedSamples = max(0, count * header.samples - (info?.leading ?? 0) - (info?.trailing ?? 0))
        } else {
            estimatedSamples = input.size.map { [start] in ($0 - start) / header.bytes * header.samples }
        }
    }

    func read(into samples: UnsafeMutablePointer<Float>, count: Int) throws(AudioError) -> Int {
        // What may be padding is kept back until it is known whether the stream ends there.
        let kept = info?.trailing ?? 0
        while ready.sampleCount - kept < (isLive ? 1 : count) && !isAtEnd { try decodeFrame() }
        let given = min(count, max(0, ready.sampleCount - (isAtEnd ? 0 : kept)))
        ready.takeFirst(given, into: samples)
        return given
    }

    private func decodeFrame() throws(AudioError) {
        let next = if let first { first } else { try frames.next()?.frame }
        guard let frame = next else { return try finish() }
        first = nil
        framesDecoded += 1
        var values: [Float] = []
        if let complaint = decoder.decode(frame, { values.append(contentsOf: $0) }) {
            badFrames += 1
            reason = reason ?? complaint
        }
        guard !values.isEmpty, decoder.channelCount > 0 else { return }
        if let rest = try converter.begin(sampleRate: decoder.sampleRate, channelCount: decoder.channelCount) { ready.append(rest) }
        let count = values.count / decoder.channelCount
        append(try converter.convert(AudioBlock(Frames(count: count, channels: decoder.channelCount, values: values))))
    }

    private func append(_ block: AudioBlock) {
        let skipped = min(leading, block.sampleCount)
        leading -= skipped
        ready.append(skipped == 0 ? block : block.slice(skipped..<block.sampleCount))
    }

    private func finish() throws(AudioError) {
        isAtEnd = true
        if let rest = try converter.finish() { ready.append(rest) }
        if let info, info.frames == framesDecoded {
            let kept = max(0, ready.sampleCount - info.trailing)
            ready = ready.takeFirst(kept)
        }
        try checkLength()
        if frames.strayBytes > 0 { warnings.append(.damaged(reason: "passed over \(frames.strayBytes) byte(s) that are no MPEG audio")) }
        if badFrames > 0 { warnings.append(.damaged(reason: "\(badFrames) frame(s) of MPEG audio could not be decoded: \(reason ?? "")")) }
    }

    /// A container's length is a promise. Two independent numbers of one tag that both say that more was there mean a file that was cut; one alone means
    /// nothing.
    private func checkLength() throws(AudioError) {
        let found = input.position - start
        var announced = stated
        let whole = frames.endsInsideFrame ? framesDecoded - 1 : framesDecoded
        if let bytes = info?.bytes, let count = info?.frames, count > whole { announced = announced ?? bytes }
        if let announced, announced > found {
            guard isLenient else { throw .truncated(file: input.name, expected: announced, found: found, unit: "bytes") }
            warnings.append(.truncated(expected: announced, found: found, unit: "bytes"))
        } else if frames.endsInsideFrame {
            warnings.append(.damaged(reason: "the last frame is incomplete"))
        }
    }
}
