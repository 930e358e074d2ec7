import CMPG123

/// libmpg123, fed frame by frame and silent on the standard error.
final class MPEGDecoder {
    private let handle: OpaquePointer
    private var buffer = [Float](repeating: 0, count: 2 * 1152)
    /// Hz of what was decoded last.
    private(set) var sampleRate = 0
    private(set) var channelCount = 0

    /// - Parameter freeBytes: see `MPEGFrames.freeBytes`.
    /// - Throws: `AudioError.notAudio` when the library cannot be started.
    init(name: String, freeBytes: Int?) throws(AudioError) {
        mpg123_init()
        var status: Int32 = 0
        guard let handle = mpg123_new(nil, &status) else {
            throw .notAudio(file: name, reason: "libmpg123 cannot be started: \(String(cString: mpg123_plain_strerror(status)))")
        }
        self.handle = handle
        // Delay and padding are the caller's, who knows where the stream ends. Frames come whole, so that none needs a look ahead.
        let flags = MPG123_QUIET.rawValue | MPG123_FORCE_FLOAT.rawValue | MPG123_IGNORE_INFOFRAME.rawValue
            | MPG123_SKIP_ID3V2.rawValue | MPG123_NO_READAHEAD.rawValue
        guard mpg123_param(handle, MPG123_FLAGS, CLong(flags), 0) == MPG123_OK.rawValue,
            mpg123_param(handle, MPG123_RVA, CLong(MPG123_RVA_OFF.rawValue), 0) == MPG123_OK.rawValue,
            mpg123_param(handle, MPG123_RESYNC_LIMIT, -1, 0) == MPG123_OK.rawValue,
            // The library counts without the header.
            mpg123_param(handle, MPG123_FREEFORMAT_SIZE, freeBytes.map { CLong($0 - MPEGFrameHeader.size) } ?? -1, 0) == MPG123_OK.rawValue,
            mpg123_open_feed(handle) == MPG123_OK.rawValue
        else {
            let reason = String(cString: mpg123_strerror(handle))
            mpg123_delete(handle)
            throw .notAudio(file: name, reason: "libmpg123 cannot be started: \(reason)")
        }
    }

    deinit { mpg123_delete(handle) }

    /// Calls `body` with the interleaved samples that `frame` completes, at `sampleRate` and on `channelCount` channels.
    /// - Returns: what was wrong with the frame, or nil.
    func decode(_ frame: [UInt8], _ body: (UnsafeBufferPointer<Float>) -> Void) -> String? {
        if Self.hasForbiddenAllocation(frame) { return "illegal bit allocation" }
        let frame = Self.boundingStereo(frame)
        guard mpg123_feed(handle, frame, frame.count) == MPG123_OK.rawValue else { return String(cString: mpg123_strerror(handle)) }
        while true {
            var done = 0
            let status = buffer.withUnsafeMutableBufferPointer {
                ck_mpg123_read(handle, $0.baseAddress, $0.count * MemoryLayout<Float>.stride, &done)
            }
            if done > 0 {
                let count = done / MemoryLayout<Float>.stride
                buffer.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[..<count])) }
            }
            switch status {
            case MPG123_OK.rawValue: continue
            case MPG123_NEED_MORE.rawValue: return nil
            case MPG123_NEW_FORMAT.rawValue:
                var rate = CLong(0)
                var channels = Int32(0)
                var encoding = Int32(0)
                guard mpg123_getformat(handle, &rate, &channels, &encoding) == MPG123_OK.rawValue,
                    encoding == Int32(MPG123_ENC_FLOAT_32.rawValue), channels > 0
                else { return "libmpg123 gives no floating point" }
                (sampleRate, channelCount) = (Int(rate), Int(channels))
            default: return String(cString: mpg123_strerror(handle))
            }
        }
    }

    /// A frame of layer II whose joint stereo begins above its last subband begins there. The library reads it so as well, but writes a line on
    /// the standard error each time, whatever it was told.
    private static func boundingStereo(_ frame: [UInt8]) -> [UInt8] {
        guard frame.count >= MPEGFrameHeader.size, frame[1] & 0x1E == 0x1C, frame[3] >> 6 == 1, 1...6 ~= frame[2] >> 4 else { return frame }
        // Bounds are 4, 8, 12 and 16 subbands; at these bitrates of MPEG 1 there are 12 at 32 kHz, else 8 (ISO/IEC 11172-3 annex B.2).
        let last: UInt8 = frame[2] >> 2 & 3 == 2 ? 2 : 1
        guard frame[3] >> 4 & 3 > last else { return frame }
        var bounded = frame
        bounded[3] = frame[3] & 0xCF | last << 4
        return bounded
    }

    /// A frame of layer I with an allocation of 15, which is forbidden (ISO/IEC 11172-3 §2.4.2.5). The library drops it, and writes two lines on the standard
    /// error whatever it was told.
    private static func hasForbiddenAllocation(_ frame: [UInt8]) -> Bool {
        guard frame.count >= MPEGFrameHeader.size, frame[1] & 0x06 == 0x06 else { return false }
        let start = MPEGFrameHeader.size + (frame[1] & 1 == 0 ? 2 : 0)
        let bound: Int
        switch frame[3] >> 6 {
        case 3: bound = 0
        case 1: bound = 4 * Int(frame[3] >> 4 & 3) + 4
        default: bound = 32
        }
        // Four bits for each subband, for each channel below the bound.
        let allocations = 32 + bound
        return (0..<allocations).contains { i in
            let offset = start + i / 2
            return offset < frame.count && (i % 2 == 0 ? frame[offset] >> 4 : frame[offset] & 15) == 15
        }
    }
}
