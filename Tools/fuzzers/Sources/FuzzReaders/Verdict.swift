import Codetta
import Platform
import TokenFiles
import Tokens

/// Sound containers of every kind, made in memory of the input's first bytes, whose sections the rest of the input rearranges and edits; then
/// all checksums are mended. Strict readers, reports and conversions must give one verdict: all accept the file or all refuse it, and the
/// first flaw of a report is what a strict reader refuses the file for.
func judgeContainer(_ choice: UInt8, _ input: [UInt8]) throws {
    var feed = Feed(input)
    let document = document(choice, &feed)
    let model = document.header.entropy == .lm ? entropyModel : nil
    let sink = MemorySink()
    try document.write(to: sink, entropyModel: model)
    var file = TakenApart(sink.bytes)
    for _ in 0..<changeLimit { if let operation = feed.next() { file.mutate(operation, &feed) } }
    let bytes = file.mended(renumbering: choice.says(6), indexing: choice.says(7))

    let refusal = refusalLine { try readStrictly(bytes, model) }
    judgeReport(bytes, model, refusal)
    // The models of conversions are files; and one of two readings more is enough.
    guard model == nil, choice.says(5) else { return }
    try judgeConversion(bytes, refusal)
}

/// More changes leave little of a sound file.
private let changeLimit = 8

/// All of a file, by the strict reader.
private func readStrictly(_ bytes: [UInt8], _ model: EntropyModel?) throws {
    let reader = try ContainerReader(source: MemorySource(bytes)) { _ in model }
    while try reader.next() != nil {}
}

/// The line that `body` refuses a file with; nil if it does not.
private func refusalLine(_ body: () throws -> Void) -> String? {
    do {
        try body()
        return nil
    } catch {
        return "\(error)"
    }
}

private func judgeReport(_ bytes: [UInt8], _ model: EntropyModel?, _ refusal: String?) {
    // A report that cannot be made is a refusal.
    guard let report = try? TokenFileReport(reading: MemorySource(bytes), entropyModel: { _ in model }) else {
        return require(refusal != nil, "a strict reader accepts what cannot be reported on")
    }
    // A file may have been made to name another entropy model.
    guard report.codesChecked else { return require(refusal != nil, "a strict reader decodes without the entropy model") }
    let first = report.flaws.first?.description
    require(first == refusal, "strict reading: \(refusal ?? "sound"), report: \(first ?? "sound")")
}

/// What a conversion makes of a sound file must be sound, too.
private func judgeConversion(_ bytes: [UInt8], _ refusal: String?) throws {
    let sink = MemorySink()
    let conversion = refusalLine {
        _ = try TokenConversion(to: .codetta).convert(TokenFileReader(source: MemorySource(bytes)), to: sink)
    }
    require(conversion == refusal, "strict reading: \(refusal ?? "sound"), conversion: \(conversion ?? "sound")")
    if refusal == nil { try readStrictly(sink.bytes, nil) }
}

// MARK: Sound files

/// Few codes of few bits, since models of codes are slow under a sanitizer; two chunks or more if the input says so.
private func document(_ choice: UInt8, _ feed: inout Feed) -> EncodedAudio {
    let entropy = EntropyMode(rawValue: choice & 3) ?? .none
    let shape = feed.next() ?? 0
    let layouts: [[CodeLayout.Codebook]] = [
        [.init(size: 4)], [.init(size: 3), .init(size: 2)], [.init(size: 5, stride: 2), .init(size: 2)], [.init(size: 2)],
    ]
    let codebooks = entropy == .lm ? [CodeLayout.Codebook](repeating: .init(size: 3), count: 1 + Int(shape & 1)) : layouts[Int(shape & 3)]
    let layout = CodeLayout(codebooks: codebooks, hopLength: 8, sampleRate: 1000)
    let tracks = shape.says(2) ? 2 : 1
    let frames = Int(shape >> 3 & (entropy == .none ? 7 : 3)) * 2
    let samples = frames * 8 - (frames > 0 ? Int(feed.next() ?? 0) % 8 : 0)
    var codes = (0..<tracks).map { _ in
        Codes(streams: codebooks.map { codebook in
            (0..<frames / codebook.stride).map { _ in Int32(Int(feed.next() ?? 0) % codebook.size) }
        })
    }
    if choice.says(2), layout.superframe == 1 {
        for track in codes.indices {
            codes[track].segments = (0..<frames).filter { _ in (feed.next() ?? 0).says(0) }.map { CodeSegment(frame: $0, scale: Float($0)) }
        }
    }
    let original = OriginalAudio(sampleRate: 1000, channels: tracks, sampleCount: choice.says(3) ? samples : nil)
    let header = TokenHeader(
        codecName: "v", modelType: "v", weights: .zero, layout: layout, trackCount: tracks, original: original, entropy: entropy,
        entropyModel: entropy == .lm ? entropyModel.name : nil, framesPerChunk: choice.says(4) ? 2 : 4)
    return EncodedAudio(header: header, tracks: codes, samples: samples)
}

/// Knows two codebooks of three codes, of which the last is the likeliest: weights are zero but for the output's biases.
private let entropyModel: EntropyModel = {
    let (codebooks, size) = (2, 3)
    var tensors: [String: (shape: [Int], values: [Int])] = [:]
    func add(_ name: String, _ shape: [Int], _ value: (Int) -> Int = { _ in 0 }) {
        tensors[name] = (shape, (0..<shape.reduce(1, *)).map(value))
    }
    add("embedding", [codebooks, size, 1])
    add("embedding.shift", [codebooks])
    for (name, rows) in [
        ("recurrence.input", [3]), ("recurrence.state", [3]), ("head.state", [codebooks, 1]), ("head.last", [codebooks, 1]),
        ("head.frame", [codebooks, 1]), ("output", [codebooks, size]),
    ] {
        add(name, rows + [1])
        add(name + ".multiplier", rows)
        if !name.hasPrefix("head") { add(name + ".bias", rows) { $0 % size == 2 ? 512 : 0 } }
    }
    add("head.bias", [codebooks, 1])
    add("sigmoid", [8192])
    add("tanh", [8192])
    add("exponential", [4096]) { max((1 << 20) >> ($0 / 177), 1) }
    do {
        return try EntropyModel(digest: .zero) { name in tensors[name] ?? ([], []) }
    } catch {
        fatalError("\(error)")
    }
}()

// MARK: Surgery

/// Hands an input out byte by byte.
private struct Feed {
    private var rest: ArraySlice<UInt8>

    init(_ input: [UInt8]) { rest = input[...] }

    mutating func next() -> UInt8? { rest.popFirst() }
}

/// A container as its sections, which can be put together again with right checksums.
private struct TakenApart {
    private struct Section {
        var type: UInt16
        var frameCount: UInt16 = 0
        var sequence: UInt32 = 0
        var firstFrame: UInt64 = 0
        var payload: [UInt8]

        var bytes: [UInt8] {
            var bytes: [UInt8] = [0xC0, 0xDE, 0x77, 0xA5]
            bytes += little(type) + little(frameCount) + little(sequence) + little(firstFrame)
            bytes += little(UInt32(payload.count)) + little(CRC32C.checksum(payload))
            return bytes + little(CRC32C.checksum(bytes)) + payload
        }
    }

    private var preamble: [UInt8]
    private var sections: [Section] = []
    private var tail: [UInt8] = []
    /// Sections that a file may grow to.
    private static let sectionLimit = 24

    init(_ file: [UInt8]) {
        preamble = Array(file[..<16])
        var rest = file[16...]
        while !rest.isEmpty {
            func number(_ range: Range<Int>) -> UInt64 {
                rest.dropFirst(range.lowerBound).prefix(range.count).reversed().reduce(0) { $0 << 8 | UInt64($1) }
            }
            let length = Int(number(20..<24))
            sections.append(
                Section(
                    type: UInt16(number(4..<6)), frameCount: UInt16(number(6..<8)), sequence: UInt32(number(8..<12)),
                    firstFrame: number(12..<20), payload: Array(rest.dropFirst(32).prefix(length))))
            rest = rest.dropFirst(32 + length)
        }
    }

    /// One change, chosen by `operation`, whose section and value the input says.
    mutating func mutate(_ operation: UInt8, _ feed: inout Feed) {
        guard !sections.isEmpty else { return }
        let place = Int(feed.next() ?? 0) % sections.count
        let value = feed.next() ?? 0
        let other = Int(value) % sections.count
        switch operation % 12 {
        case 0: sections.swapAt(place, other)
        case 1: if sections.count < Self.sectionLimit { sections.insert(sections[place], at: other) }
        case 2: sections.remove(at: place)
        case 3: editPayload(place, &feed) { $0 ^= value }
        case 4: editPayload(place, &feed) { $0 &+= value }
        case 5: sections[place].payload += [UInt8](repeating: value, count: 1 + Int(operation >> 6))
        case 6: sections[place].payload.removeLast(min(Int(value % 8), sections[place].payload.count))
        case 7: editHeader(place, field: operation >> 4, value)
        case 8:
            let type = operation.says(7) ? 0x8000 | UInt16(value) : UInt16(value % 8)
            if sections.count < Self.sectionLimit { sections.insert(Section(type: type, payload: []), at: place) }
        case 9: preamble[10] = value
        case 10: moveFrames(place, by: UInt64(value % 16))
        default: tail += [value]
        }
    }

    private mutating func editPayload(_ place: Int, _ feed: inout Feed, _ change: (inout UInt8) -> Void) {
        let count = sections[place].payload.count
        guard count > 0 else { return }
        change(&sections[place].payload[Int(feed.next() ?? 0) % count])
    }

    private mutating func editHeader(_ place: Int, field: UInt8, _ value: UInt8) {
        let step = UInt64(bitPattern: Int64(Int8(bitPattern: value)))
        switch field & 3 {
        case 0: sections[place].type &+= UInt16(truncatingIfNeeded: step)
        case 1: sections[place].frameCount &+= UInt16(truncatingIfNeeded: step)
        case 2: sections[place].sequence &+= UInt32(truncatingIfNeeded: step)
        default: sections[place].firstFrame &+= step
        }
    }

    /// Makes all sections of frames from `place` on later, as if something were missing, and the end mark with them.
    private mutating func moveFrames(_ place: Int, by frames: UInt64) {
        for i in place..<sections.count {
            if [2, 5].contains(sections[i].type) { sections[i].firstFrame &+= frames }
            if sections[i].type == 4, !sections[i].payload.isEmpty { sections[i].payload[0] &+= UInt8(frames) }
        }
    }

    /// All bytes with right checksums. `renumbering` counts the sections again; `indexing` writes the index and its place in the end mark anew.
    func mended(renumbering: Bool, indexing: Bool) -> [UInt8] {
        var sections = sections
        var file = Array(preamble[..<12])
        file += little(CRC32C.checksum(file))
        var (offsets, index, segments) = ([UInt64](), UInt64(0), UInt64?.none)
        for i in sections.indices {
            let offset = UInt64(file.count)
            if renumbering { sections[i].sequence = UInt32(i) }
            if sections[i].type == 2 { offsets.append(segments ?? offset) }
            segments = sections[i].type == 5 ? offset : nil
            if indexing, sections[i].type == 3 {
                index = offset
                sections[i].payload = little(UInt32(1)) + little(UInt32(offsets.count)) + offsets.flatMap { little($0) }
            }
            if sections[i].type == 4, sections[i].payload.count == 32 {
                if indexing { sections[i].payload.replaceSubrange(16..<24, with: little(index)) }
                sections[i].payload.replaceSubrange(28..<32, with: little(CRC32C.checksum(file)))
            }
            file += sections[i].bytes
        }
        return file + tail
    }
}
