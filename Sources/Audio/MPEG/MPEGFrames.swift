/// The frames of a stream of MPEG audio, one after another. Passes over tags, and counts bytes that are neither.
final class MPEGFrames {
    /// Bytes between the frames that are no tag and not zero.
    private(set) var strayBytes = 0
    /// Whether the stream ends inside a frame.
    private(set) var endsInsideFrame = false

    /// Length of frames of "free format" without padding, should the stream be of that kind.
    let freeBytes: Int?

    private let input: ByteInput
    private var previous: MPEGFrameHeader?
    /// Whether what was taken last was a frame or a tag.
    private var isInStep = true

    /// - Parameter input: as `begin` leaves it.
    init(_ input: ByteInput) {
        self.input = input
        freeBytes = MPEGFrameHeader.freeBytes(input.buffered)
    }

    /// How an input begins.
    enum Beginning {
        /// A frame and the beginning of the next one of its kind, or a frame alone.
        case frames
        /// What looks like a header, with no frame behind it.
        case header
        /// Something else.
        case other
    }

    static func begin(_ input: ByteInput) throws(AudioError) -> Beginning {
        // What is left of an ID3 tag that is none would bring libsndfile to look for MPEG audio.
        if input.buffered.starts(with: "ID3".utf8) { return .header }
        // A live source of something else is not waited for.
        guard try input.require(MPEGFrameHeader.size), input.buffered[0] == 0xFF, input.buffered[1] & 0xE0 == 0xE0, input.buffered[1] & 6 != 0 else {
            return .other
        }
        _ = try input.require(3 * (MPEGFrameHeader.longest + MPEGFrameHeader.size))
        let bytes = input.buffered
        guard let header = MPEGFrameHeader(bytes) else { return MPEGFrameHeader.freeBytes(bytes) == nil ? .header : .frames }
        guard bytes.count >= header.bytes else { return .header }
        let rest = UnsafeRawBufferPointer(rebasing: bytes[header.bytes...])
        if rest.count < MPEGFrameHeader.size || Tags.size(rest) != nil { return .frames }
        return MPEGFrameHeader(rest)?.continues(header) ?? false ? .frames : .header
    }

    /// How many bytes of something else stand in front of three frames in a row; nil when those do not come within the window.
    static func offset(in input: ByteInput) throws(AudioError) -> Int? {
        _ = try input.require(ByteInput.windowSize)
        let bytes = input.buffered
        for start in bytes.indices where bytes[start] == 0xFF {
            var offset = start
            var count = 0
            var last: MPEGFrameHeader?
            while count < 3, offset < bytes.count,
                let header = MPEGFrameHeader(UnsafeRawBufferPointer(rebasing: bytes[offset...])),
                last.map(header.continues) ?? true
            {
                last = header
                offset += header.bytes
                count += 1
            }
            if count == 3 { return start }
        }
        return nil
    }

    /// The next frame, or nil at the end.
    func next() throws(AudioError) -> (header: MPEGFrameHeader, frame: [UInt8])? {
        while try input.require(MPEGFrameHeader.size) {
            if let header = try header() {
                var frame = try input.take(header.bytes) ?? []
                if frame.isEmpty {
                    // As libmpg123 reads files: what is missing of the last frame counts as zeros.
                    endsInsideFrame = true
                    frame = Array(input.buffered)
                    input.consume(frame.count)
                    frame += [UInt8](repeating: 0, count: max(0, header.bytes - frame.count))
                }
                previous = header
                isInStep = true
                return (header, frame)
            }
            if try !skipTag() { skipStray() }
        }
        while !input.buffered.isEmpty { skipStray() }
        return nil
    }

    /// The header at which the input stands, if it can be believed.
    ///
    /// Four bytes that look like one are not rare, in pictures inside tags for instance. So behind anything but a frame of its kind a header needs a
    /// successor.
    private func header() throws(AudioError) -> MPEGFrameHeader? {
        guard let header = MPEGFrameHeader(input.buffered, freeBytes: freeBytes) else { return nil }
        if isInStep, let previous, header.continues(previous) { return header }
        _ = try input.require(header.bytes + MPEGFrameHeader.size)
        guard input.buffered.count >= header.bytes else { return nil }
        let rest = UnsafeRawBufferPointer(rebasing: input.buffered[header.bytes...])
        if isInStep && (rest.count < MPEGFrameHeader.size || Tags.size(rest) != nil) { return header }
        return MPEGFrameHeader(rest, freeBytes: freeBytes)?.continues(header) ?? false ? header : nil
    }

    private func skipTag() throws(AudioError) -> Bool {
        _ = try input.require(Tags.longestHeader)
        guard let size = Tags.size(input.buffered) else { return false }
        _ = try input.skip(size)
        isInStep = true
        return true
    }

    private func skipStray() {
        if input.buffered.first != 0 { strayBytes += 1 }
        input.consume(1)
        isInStep = false
    }
}
