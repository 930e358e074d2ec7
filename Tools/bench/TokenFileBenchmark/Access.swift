import Codetta
import Foundation
import Platform

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

/// What one second at random places of a file costs.
func access(_ file: String, places: Int) throws {
    let model = try Model.load("codetta-24k")
    print("\nOne second at \(places) random places of \(file):\n")
    print("| entropy | edition | bytes read | at most | reads | milliseconds | at most |\n|---|---|---|---|---|---|---|")
    let document = try EncodedAudio(contentsOf: URL(fileURLWithPath: file))
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
