import Platform
import TokenFiles
import Tokens

/// Payloads for the range decoder and its adaptive model, in a container that is sound but for them: each payload is one byte of
/// length and that many bytes. A payload that decodes must be the only one for its codes.
func readEntropyCodedChunks(_ choice: UInt8, _ input: [UInt8]) throws {
    let header = header(choice)
    let payloads = payloads(input, longest: packedLength(header))
    let file = try container(header, payloads)
    if choice.says(4) {
        try readLeniently(file, frames: payloads.count * header.framesPerChunk)
        return
    }
    let reader = try ContainerReader(source: MemorySource(file))
    var decoded: [TokenChunk] = []
    // Even a file whose payloads are all sound ends too early for a strict reader.
    var failure: (any Error)?
    do {
        while decoded.count < payloads.count, let chunk = try reader.next() { decoded.append(chunk) }
    } catch {
        failure = error
    }
    try compareEncoded(header, decoded, payloads)
    if let failure { throw failure }
}

/// Chunks that do not decode are made up: no frame goes missing.
private func readLeniently(_ file: [UInt8], frames: Int) throws {
    let reader = try ContainerReader(source: MemorySource(file), mode: .lenient)
    var next = 0
    while let chunk = try reader.next() {
        require(chunk.firstFrame == next, "a lenient reader lost its place")
        next = chunk.frames.upperBound
    }
    require(next == frames, "a lenient reader lost frames")
}

/// Layouts with one and two tracks, plain and ragged, and sizes that are no powers of two.
private func header(_ choice: UInt8) -> TokenHeader {
    let layouts: [[CodeLayout.Codebook]] = [
        [.init(size: 2, stride: 1)], [.init(size: 1024, stride: 1), .init(size: 1024, stride: 1), .init(size: 1000, stride: 1)],
        [.init(size: 5, stride: 4), .init(size: 37, stride: 2), .init(size: 64, stride: 1)], [.init(size: 1 << 31, stride: 1)],
    ]
    return TokenHeader(
        codecName: "fuzz", modelType: "fuzz", weights: .zero,
        layout: CodeLayout(codebooks: layouts[Int(choice) % 4], hopLength: 320, sampleRate: 24000),
        trackCount: choice.says(2) ? 2 : 1, original: OriginalAudio(sampleRate: 24000, channels: choice.says(2) ? 2 : 1), entropy: .adaptive,
        framesPerChunk: choice % 4 == 2 || choice.says(3) ? 4 : 1)
}

/// Bytes of a chunk in entropy mode 0, the most that a payload may have.
private func packedLength(_ header: TokenHeader) -> Int {
    let bits = header.layout.codebooks.reduce(0) { bits, codebook in
        let width = Int.bitWidth - (codebook.size - 1).leadingZeroBitCount
        return bits + header.trackCount * (header.framesPerChunk / codebook.stride) * width
    }
    return (bits + 7) / 8
}

/// At most 70, so that models start afresh within reach, of 1 to `longest` bytes.
private func payloads(_ input: [UInt8], longest: Int) -> [[UInt8]] {
    var rest = input[...]
    var payloads: [[UInt8]] = []
    while let length = rest.popFirst(), payloads.count < 70 {
        let payload = rest.prefix(1 + Int(length) % longest)
        if payload.isEmpty { break }
        payloads.append(Array(payload))
        rest = rest.dropFirst(payload.count)
    }
    return payloads
}

/// Header and chunks; neither index nor end mark, which a strict reader misses only after the last chunk.
private func container(_ header: TokenHeader, _ payloads: [[UInt8]]) throws -> [UInt8] {
    let sink = MemorySink()
    _ = try ContainerWriter(header: header, sink: sink)
    var file = sink.bytes
    for (i, payload) in payloads.enumerated() {
        var section: [UInt8] = [0xC0, 0xDE, 0x77, 0xA5] + little(UInt16(2)) + little(UInt16(header.framesPerChunk))
        section += little(UInt32(i + 1)) + little(UInt64(i * header.framesPerChunk))
        section += little(UInt32(payload.count)) + little(CRC32C.checksum(payload))
        file += section + little(CRC32C.checksum(section)) + payload
    }
    return file
}

/// Chunks that decoded are encoded to the very payloads that they came from.
private func compareEncoded(_ header: TokenHeader, _ chunks: [TokenChunk], _ payloads: [[UInt8]]) throws {
    guard !chunks.isEmpty else { return }
    let sink = MemorySink()
    let writer = try ContainerWriter(header: header, sink: sink)
    for chunk in chunks { try writer.write(chunk.tracks) }
    require(
        sink.bytes == (try container(header, Array(payloads.prefix(chunks.count)))), "a payload that no encoder makes was accepted")
}
