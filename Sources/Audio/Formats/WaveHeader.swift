import Kernels

/// What a header parser found.
enum HeaderResult {
    case pcm(PCMLayout)
    /// MPEG audio, which begins where the input now stands; its bytes, nil for up to the end.
    case mpeg(bytes: Int?)
    /// An encoding of this container that libsndfile decodes.
    case library
}

/// WAV and RF64 headers: RIFF (Microsoft, 1991), WAVEFORMATEXTENSIBLE, and EBU Tech 3306.
///
/// They are parsed here because a WAV may come through a pipe with an unknown length, and because libsndfile
/// reads a cut file without a word.
enum WaveHeader {
    /// Whether `bytes`, the first twelve of an input, begin a little-endian WAV or RF64 file.
    static func matches(_ bytes: [UInt8]) -> Bool {
        let magic = bytes.prefix(4)
        return bytes.count >= 12 && bytes[8..<12].elementsEqual("WAVE".utf8)
            && (magic.elementsEqual("RIFF".utf8) || magic.elementsEqual("RF64".utf8) || magic.elementsEqual("BW64".utf8))
    }

    /// Reads from the first byte up to the first sample.
    /// - Throws: `AudioError.headerOnly`, `.malformed`, `.channelCount`, `.sampleRate`.
    static func parse(_ input: ByteInput) throws(AudioError) -> HeaderResult {
        guard let magic = try input.take(12) else { throw .headerOnly(file: input.name) }
        let isRF64 = !magic.prefix(4).elementsEqual("RIFF".utf8)
        var riffSize = Int(littleEndian32(magic, at: 4))
        var longDataSize: UInt64?
        var encoding: Encoding?
        var channelMask = 0
        while true {
            let offset = input.position
            guard let chunk = try input.take(8) else { throw .headerOnly(file: input.name) }
            let size = Int(littleEndian32(chunk, at: 4))
            switch String(decoding: chunk.prefix(4), as: UTF8.self) {
            case "ds64" where isRF64:
                let body = try takeBody(input, size: size, atLeast: 16, chunk: "ds64", offset: offset)
                riffSize = Int(clamping: littleEndian64(body, at: 0))
                longDataSize = littleEndian64(body, at: 8)
            case "fmt ":
                let body = try takeBody(input, size: size, atLeast: 16, chunk: "fmt", offset: offset)
                encoding = try parseFormat(body, file: input.name, offset: offset)
                // The speakers of WAVEFORMATEXTENSIBLE.
                if body.count >= 40, Int(littleEndian16(body, at: 0)) == Tag.extensible { channelMask = Int(littleEndian32(body, at: 20)) }
                if encoding?.coding == nil && encoding?.isMPEG == false { return .library }
            case "data" where encoding?.isMPEG == true:
                return .mpeg(bytes: dataSize(size, long: longDataSize, riffSize: riffSize, input: input))
            case "data":
                guard let encoding, let coding = encoding.coding else {
                    throw .malformed(file: input.name, offset: offset, reason: "WAV data before its format")
                }
                var layout = PCMLayout(
                    container: isRF64 ? .rf64 : .wav, coding: coding, sampleRate: encoding.sampleRate,
                    channelCount: encoding.channelCount)
                layout.speakers = Speaker.speakers(mask: channelMask, channelCount: encoding.channelCount)
                layout.dataBytes = dataSize(size, long: longDataSize, riffSize: riffSize, input: input)
                if let bytes = layout.dataBytes, !isPlaceholder(riffSize) {
                    layout.trailingBytes = max(0, (riffSize + 8) - (input.position + bytes))
                }
                return .pcm(layout)
            default:
                _ = try input.skip(size + size % 2)
            }
        }
    }

    /// Sizes that programs write when they cannot know the length: 0, all ones less some header, and 2 GiB
    /// more or less some header or rounding (SoX takes off up to 16 MiB).
    static func isPlaceholder(_ size: Int) -> Bool {
        size == 0 || size >= 0xFFFF_F000 || (0x7F00_0000...0x8000_1000).contains(size)
    }

    /// Bytes of samples, or nil for "up to the end".
    private static func dataSize(_ size: Int, long: UInt64?, riffSize: Int, input: ByteInput) -> Int? {
        if size == 0 {
            // A file that says itself that more chunks follow an empty one is believed; else its header was never completed.
            let isComplete = !isPlaceholder(riffSize) && riffSize + 8 > input.position
            return isComplete ? 0 : nil
        }
        if size == 0xFFFF_FFFF, let long {
            // 64-bit sizes are known ones, except for those that no disk holds.
            return long == 0 || long > 1 << 60 ? nil : Int(long)
        }
        guard isPlaceholder(size) else { return size }
        guard let total = input.size, total - input.position >= size else { return nil }
        return size
    }

    private static func takeBody(
        _ input: ByteInput, size: Int, atLeast minimum: Int, chunk: String, offset: Int
    ) throws(AudioError) -> [UInt8] {
        guard size >= minimum, size < ByteInput.windowSize else {
            throw .malformed(file: input.name, offset: offset, reason: "WAV \(chunk) chunk of \(size) bytes")
        }
        guard let body = try input.take(size + size % 2) else { throw .headerOnly(file: input.name) }
        return body
    }

    private struct Encoding {
        var sampleRate: Int
        var channelCount: Int
        /// Nil for what libsndfile decodes.
        var coding: PCMCoding?
        var isMPEG = false
    }

    private static func parseFormat(_ body: [UInt8], file: String, offset: Int) throws(AudioError) -> Encoding {
        var tag = Int(littleEndian16(body, at: 0))
        let channels = Int(littleEndian16(body, at: 2))
        let rate = Int(littleEndian32(body, at: 4))
        let frameBytes = Int(littleEndian16(body, at: 12))
        let bits = Int(littleEndian16(body, at: 14))
        try AudioLimits.check(sampleRate: rate, channelCount: channels, file: file)
        if tag == Tag.extensible, body.count >= 40 { tag = Int(littleEndian16(body, at: 24)) }
        guard [Tag.pcm, Tag.float, Tag.alaw, Tag.mulaw].contains(tag) else {
            let isMPEG = tag == Tag.mpeg || tag == Tag.mpegLayer3
            return Encoding(sampleRate: rate, channelCount: channels, coding: nil, isMPEG: isMPEG)
        }
        // The bits of a sample decide, whatever the size of a frame says: all readers agree on that, but for what follows.
        let width = (bits + 7) / 8
        let format: SampleFormat?
        switch (tag, width) {
        case (Tag.pcm, 1): format = .pcmU8
        case (Tag.pcm, 2): format = .pcm16
        case (Tag.pcm, 3):
            // Three bytes in four, or floats by another name (Cool Edit): some readers take them for the one, some for the other.
            format = frameBytes == 4 * channels ? nil : .pcm24
        case (Tag.pcm, 4): format = .pcm32
        case (Tag.float, 4) where bits == 32: format = .float
        case (Tag.float, 8) where bits == 64: format = .double
        case (Tag.alaw, _): format = .alaw
        case (Tag.mulaw, _): format = .mulaw
        default: format = nil
        }
        guard let format else {
            throw .malformed(
                file: file, offset: offset,
                reason: "WAV format \(tag) with \(bits) bits and \(frameBytes) bytes for \(channels) channel(s)")
        }
        return Encoding(sampleRate: rate, channelCount: channels, coding: PCMCoding(format))
    }

    /// Values of wFormatTag.
    private enum Tag {
        static let pcm = 1
        static let float = 3
        static let alaw = 6
        static let mulaw = 7
        static let mpeg = 0x50
        static let mpegLayer3 = 0x55
        static let extensible = 0xFFFE
    }

    /// The header for samples of `coding`, and zero or one byte to put behind them.
    ///
    /// The header's length does not depend on `samples`, so that it can be written again when the length is known.
    /// - Parameter samples: samples per channel; nil writes all ones for "up to the end".
    static func make(
        _ coding: PCMCoding, sampleRate: Int, channelCount: Int, samples: Int?, isRF64: Bool
    ) -> (header: [UInt8], padding: Int) {
        let frameBytes = coding.bytesPerSample * channelCount
        let isInteger = [.pcmU8, .pcm16, .pcm24, .pcm32].contains(coding.format)
        var format = ByteWriter()
        let tag = tag(coding.format)
        // Beyond stereo, readers expect the extensible form; without a speaker mask the channels are just numbered.
        let isExtensible = channelCount > 2
        format.put16(isExtensible ? Tag.extensible : tag)
        format.put16(channelCount)
        format.put32(sampleRate)
        format.put32(sampleRate * frameBytes)
        format.put16(frameBytes)
        format.put16(8 * coding.bytesPerSample)
        if isExtensible {
            format.put16(22)
            format.put16(8 * coding.bytesPerSample)
            format.put32(0)
            format.put16(tag)
            format.bytes += [0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x80, 0x00, 0x00, 0xAA, 0x00, 0x38, 0x9B, 0x71]
        } else if !isInteger {
            format.put16(0)
        }
        let factBytes = isInteger ? 0 : 12
        let dataBytes = samples.map { $0 * frameBytes }
        let padding = (dataBytes ?? 0) % 2
        let riffBytes = dataBytes.map { 4 + (isRF64 ? 36 : 0) + 8 + format.bytes.count + factBytes + 8 + $0 + padding }
        var header = ByteWriter()
        header.putID(isRF64 ? "RF64" : "RIFF")
        header.put32(isRF64 ? 0xFFFF_FFFF : riffBytes ?? 0xFFFF_FFFF)
        header.putID("WAVE")
        if isRF64 {
            header.putID("ds64")
            header.put32(28)
            header.put64(riffBytes)
            header.put64(dataBytes)
            header.put64(samples)
            header.put32(0)
        }
        header.putID("fmt ")
        header.put32(format.bytes.count)
        header.bytes += format.bytes
        if !isInteger {
            header.putID("fact")
            header.put32(4)
            header.put32(min(samples ?? 0xFFFF_FFFF, 0xFFFF_FFFF))
        }
        header.putID("data")
        header.put32(isRF64 ? 0xFFFF_FFFF : dataBytes ?? 0xFFFF_FFFF)
        return (header.bytes, padding)
    }

    private static func tag(_ format: SampleFormat) -> Int {
        switch format {
        case .float, .double: return Tag.float
        case .alaw: return Tag.alaw
        case .mulaw: return Tag.mulaw
        default: return Tag.pcm
        }
    }

    /// Most bytes of samples that 32-bit sizes can describe beside any header that `make` writes.
    static let longestData = 0xFFFF_E000
}

/// Little-endian fields, appended in order.
private struct ByteWriter {
    var bytes: [UInt8] = []

    mutating func putID(_ id: String) { bytes += id.utf8 }
    mutating func put16(_ value: Int) { put(UInt64(value), bytes: 2) }
    mutating func put32(_ value: Int) { put(UInt64(value), bytes: 4) }
    /// Nil is all ones: unknown.
    mutating func put64(_ value: Int?) { put(value.map { UInt64($0) } ?? .max, bytes: 8) }

    private mutating func put(_ value: UInt64, bytes count: Int) {
        for i in 0..<count { bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * i))) }
    }
}
