// What the container costs, and what one second out of the middle costs, as Docs/container.md shows it:
//
//     swift run -c release TokenFileBenchmark PLACES FILE...
//
// writes the codes of all FILEs, which codetta-24k made, anew in every edition, preset and entropy mode, and prints a table of sizes in Markdown. With
// PLACES above 0 it then reads one second at so many random places of the first file, and prints bytes, reads and time of one.
import Codetta
import Foundation
import Platform

/// One way to write a token file.
struct Form {
    let name: String
    /// Nil for edition 1.
    let preset: PageLayout.Preset?
    let entropy: EntropyMode

    static let all = [EntropyMode.none, .adaptive, .lm].flatMap { entropy in
        [Form(name: "1", preset: nil, entropy: entropy)]
            + PageLayout.Preset.allCases.map { Form(name: "2, \($0.rawValue)", preset: $0, entropy: entropy) }
    }
}

/// A file in memory that counts what is read of it, as from a disk whose reads are of 4 KiB and more.
final class CountingSource: ByteSource {
    private let source: MemorySource
    let seekableLength: Int?
    private(set) var bytes = 0
    private(set) var reads = 0

    init(_ content: [UInt8]) { (source, seekableLength) = (MemorySource(content), content.count) }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let count = source.read(into: buffer)
        bytes += count
        reads += 1
        return count
    }

    func seek(to offset: Int) throws { try source.seek(to: offset) }
}

struct Written {
    var bytes: [UInt8]
    /// Bytes of the codes alone.
    var payload: Int
}

func write(_ document: EncodedAudio, _ form: Form, _ model: Model) throws -> Written {
    var header = document.header
    (header.entropy, header.entropyModel, header.paging) = (form.entropy, nil, nil)
    header.weights = try model.weights
    header.framesPerChunk = TokenHeader.defaultFramesPerChunk(header.layout, trackCount: header.trackCount)
    let entropyModel = try model.entropyModel(for: form.entropy)
    if form.entropy == .lm { header.entropyModel = entropyModel?.name }
    if let preset = form.preset {
        header.page(by: preset)
        header.paging?.context = document.header.paging?.context
        header.paging?.tailFrames = document.header.paging?.tailFrames
    }
    let sink = MemorySink()
    let writer = try ContainerWriter(header: header, sink: sink, entropyModel: entropyModel)
    try writer.write(document.tracks)
    try writer.finish(samples: document.samples)
    return Written(bytes: sink.bytes, payload: writer.payloadByteCount)
}

func number(_ value: Double, _ decimals: Int) -> String { String(format: "%.\(decimals)f", value) }

func main(places: Int, files: [String]) throws {
    let model = try Model.load("codetta-24k")
    let documents = try files.map { try EncodedAudio(contentsOf: URL(fileURLWithPath: $0)) }
    let seconds = documents.reduce(0) { $0 + $1.duration }
    let frames = documents.reduce(0) { $0 + $1.header.layout.frames(of: $1.tracks) }
    print("\(documents.count) file(s), \(number(seconds, 1)) s, \(frames) frames\n")
    print("| entropy | edition | bytes | kb/s | around the codes | a file | per 100 frames | of the codes |\n|---|---|---|---|---|---|---|---|")
    for form in Form.all {
        let written = try documents.map { try write($0, form, model) }
        let (bytes, payload) = (written.reduce(0) { $0 + $1.bytes.count }, written.reduce(0) { $0 + $1.payload })
        let around = Double(bytes - payload)
        print(
            "| \(form.entropy.name) | \(form.name) | \(bytes) | \(number(Double(bytes) * 8 / seconds / 1000, 3)) | \(bytes - payload) "
                + "| \(number(around / Double(files.count), 0)) | \(number(around * 100 / Double(frames), 1)) | \(number(around * 100 / Double(payload), 1)) % |")
    }
    guard places > 0 else { return }
    print("\nOne second at \(places) random places of the first:\n")
    print("| entropy | edition | bytes read | at most | reads | milliseconds | at most |\n|---|---|---|---|---|---|---|")
    let document = documents[0]
    let context = model.description.decodingContext
    for form in Form.all {
        let content = try write(document, form, model).bytes
        var random = SplitMix64(seed: 1)
        var (bytes, reads, times) = ([Int](), 0, [Double]())
        for _ in 0..<places {
            let start = Double.random(in: 0..<max(1, document.duration - 1), using: &random)
            let source = CountingSource(content)
            let begin = ContinuousClock.now
            let reader = try TokenFileReader(source: source, entropyModels: EntropyModels(model))
            try reader.select(TimeSpan(start: start, seconds: 1), context: context)
            while try reader.next() != nil {}
            times.append((ContinuousClock.now - begin) / .milliseconds(1))
            bytes.append(source.bytes)
            reads += source.reads
        }
        let mean = Double(bytes.reduce(0, +)) / Double(places)
        print(
            "| \(form.entropy.name) | \(form.name) | \(number(mean, 0)) | \(bytes.max() ?? 0) | \(number(Double(reads) / Double(places), 1)) "
                + "| \(number(times.reduce(0, +) / Double(places), 2)) | \(number(times.max() ?? 0, 2)) |")
    }
}

let arguments = CommandLine.arguments
guard arguments.count >= 3, let places = Int(arguments[1]), places >= 0 else {
    FileHandle.standardError.write(Data("usage: TokenFileBenchmark PLACES FILE...\n".utf8))
    exit(64)
}
try main(places: places, files: Array(arguments.dropFirst(2)))
