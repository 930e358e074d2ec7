import Codetta
import Evaluation
import Foundation
import Platform

/// codetta-24k at 3 kb/s through a file of which some chunks or pages are damaged, each with the same chance, read leniently.
struct DamagedFile: CodingSystem {
    let description: EvaluatedSystem
    private let model: Model
    private let system: ModelSystem
    private let form: Form
    private let percent: Int

    init(_ model: Model, _ form: Form, percent: Int) throws {
        (self.model, self.form, self.percent) = (model, form, percent)
        system = try ModelSystem(model, name: "\(form.entropy.name), edition \(form.name), \(percent) %", choice: .bitrate(3000))
        description = system.description
    }

    func code(_ clip: Clip) throws -> CodedClip {
        var coded = try system.code(clip)
        let document = try EncodedAudio(source: MemorySource(coded.tokens ?? []))
        var bytes = try write(document, form, model).bytes
        var random = SplitMix64(seed: UInt64(clip.audio.sampleCount))
        // Behind the sync word and the kind of a unit of codes.
        for place in Self.places(of: form.preset == nil ? [0xC0, 0xDE, 0x77, 0xA5, 2, 0] : [0xC5, 0x7A, 2], in: bytes)
        where Int.random(in: 0..<100, using: &random) < percent {
            bytes[place + 24] ^= 0xFF
        }
        let reader = try TokenFileReader(source: MemorySource(bytes), mode: .lenient, entropyModels: EntropyModels(model))
        var pieces: [[Codes]] = []
        while let codes = try reader.next() { pieces.append(codes) }
        var decoder = try AudioDecoder(model: model, header: document.header)
        coded.decoded = try decoder.decode(pieces, total: clip.audio.sampleCount)
        return coded
    }

    private static func places(of mark: [UInt8], in bytes: [UInt8]) -> [Int] {
        bytes.indices.dropLast(mark.count + 32).filter { bytes[$0] == mark[0] && bytes[$0..<$0 + mark.count].elementsEqual(mark) }
    }
}

/// Quality over damaged units, a table in Markdown.
func loss(_ files: [String]) throws {
    let model = try Model.load("codetta-24k")
    let forms = Form.all.filter { $0.entropy != .adaptive && $0.preset != .archive }
    let systems = try forms.flatMap { form in try [0, 5, 10, 20, 30].map { try DamagedFile(model, form, percent: $0) } }
    let results = try Evaluator(
        producer: "TokenFileBenchmark", name: "damaged files", files: files.map { Evaluator.File(id: $0, path: PathName($0)) },
        systems: systems, measures: [.pesqWideband, .stoi]
    ).run()
    print(MarkdownTable(results).text)
}
