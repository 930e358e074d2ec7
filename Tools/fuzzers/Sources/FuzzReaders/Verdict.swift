import Codetta
import Platform
import TokenFiles
import Tokens

/// Sound containers of every kind, made in memory of the input's first bytes, whose parts the rest of the input rearranges and edits; then
/// all checksums are mended. Strict readers, reports and conversions must give one verdict: all accept the file or all refuse it, and the
/// first flaw of a report is what a strict reader refuses the file for.
func judgeContainer(_ choice: UInt8, _ input: [UInt8]) throws {
    var feed = Feed(input)
    let document = document(choice, &feed)
    let model = document.header.entropy == .lm ? entropyModel : nil
    let sink = MemorySink()
    try document.write(to: sink, entropyModel: model)
    let bytes =
        document.header.paging == nil
        ? changed(SectionsTakenApart(sink.bytes), choice, &feed) : changed(BlocksTakenApart(sink.bytes), choice, &feed)

    let refusal = refusalLine { try readStrictly(bytes, model) }
    judgeReport(bytes, model, refusal)
    // The models of conversions are files; and one of two readings more is enough.
    guard model == nil, choice.says(5) else { return }
    try judgeConversion(bytes, refusal)
}

private func changed(_ file: some TakenApart, _ choice: UInt8, _ feed: inout Feed) -> [UInt8] {
    var file = file
    for _ in 0..<changeLimit { if let operation = feed.next() { file.mutate(operation, &feed) } }
    return file.mended(renumbering: choice.says(6), indexing: choice.says(7))
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
    var samples = frames * 8 - (frames > 0 ? Int(feed.next() ?? 0) % 8 : 0)
    let paging = shape.says(6) ? paging(layout, shape, choice, feed.next() ?? 0, samples: &samples) : nil
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
    var header = TokenHeader(
        codecName: "v", modelType: "v", weights: .zero, layout: layout, trackCount: tracks, original: original, entropy: entropy,
        entropyModel: entropy == .lm ? entropyModel.name : nil, framesPerChunk: choice.says(4) ? 2 : 4)
    header.paging = paging
    return EncodedAudio(header: header, tracks: codes, samples: samples)
}

/// Small pages, for a file of edition 2; some are cut out of a longer recording.
private func paging(_ layout: CodeLayout, _ shape: UInt8, _ choice: UInt8, _ cut: UInt8, samples: inout Int) -> Paging {
    let packet = layout.superframe * (choice.says(4) ? 1 : 2)
    var paging = Paging(
        PageLayout(framesPerPacket: packet, framesPerPage: packet * (shape.says(7) ? 2 : 1), pagesPerModel: 2, pagesPerEntry: 1))
    paging.skippedSamples = min(samples, Int(cut & 7))
    samples -= paging.skippedSamples
    paging.firstFrame = Int(cut >> 3 & 7) * layout.superframe
    if cut.says(6) { paging.tailFrames = 2 }
    return paging
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
        return try EntropyModel(identity: .zero, file: .zero) { name in tensors[name] ?? ([], []) }
    } catch {
        fatalError("\(error)")
    }
}()
