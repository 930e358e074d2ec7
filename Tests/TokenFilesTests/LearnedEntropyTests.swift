import Foundation
import Kernels
import Platform
import TestSupport
import Testing
import TokenFiles
import Tokens

/// `fixture_value` in Tools/goldens/entropy.py.
private func fixtureValue(_ tensor: Int, _ place: Int, _ size: Int) -> Int {
    (((place + 1) * 2_654_435_761 + tensor * 40503) >> 7) % size
}

private typealias Tensors = [String: (shape: [Int], values: [Int])]

/// `fixture_tensors` in Tools/goldens/entropy.py.
private let fixtureTensors: Tensors = {
    let (codebooks, size, width, states, heads) = (3, 20, 6, 9, 7)
    let weights: [(String, [Int])] = [
        ("embedding", [codebooks, size, width]), ("recurrence.input", [3 * states, width]),
        ("recurrence.state", [3 * states, states]), ("head.state", [codebooks, heads, states]),
        ("head.last", [codebooks, heads, width]), ("head.frame", [codebooks, heads, width]),
        ("output", [codebooks, size, heads]),
    ]
    let shapes = Dictionary(uniqueKeysWithValues: weights)
    let multipliers: [(String, Int)] = [
        ("recurrence.input", 22), ("recurrence.state", 21), ("head.state", 25), ("head.last", 24), ("head.frame", 24),
        ("output", 18),
    ]
    let biases: [(String, [Int])] = [
        ("recurrence.input", [3 * states]), ("recurrence.state", [3 * states]), ("head", [codebooks, heads]),
        ("output", [codebooks, size]),
    ]
    func values(_ number: Int, _ shape: [Int], _ count: Int, _ least: Int) -> (shape: [Int], values: [Int]) {
        (shape, (0..<shape.reduce(1, *)).map { fixtureValue(number, $0, count) + least })
    }
    var tensors: Tensors = ["embedding.shift": values(50, [codebooks], 9, 0)]
    for (number, (name, shape)) in weights.enumerated() { tensors[name] = values(number, shape, 255, -127) }
    for (number, (name, bits)) in multipliers.enumerated() {
        tensors[name + ".multiplier"] = values(20 + number, shapes[name]!.dropLast(), 1 << bits, 0)
    }
    for (number, (name, shape)) in biases.enumerated() { tensors[name + ".bias"] = values(40 + number, shape, 601, -300) }
    tensors["sigmoid"] = ([8192], (0..<8192).map { 4 * $0 })
    tensors["tanh"] = ([8192], (0..<8192).map { min(max(16 * ($0 - 4096), -32767), 32767) })
    tensors["exponential"] = ([4096], (0..<4096).map { max((1 << 20) >> ($0 / 177), 1) })
    return tensors
}()

private struct NoTensor: Error {}

private func model(_ tensors: Tensors, name: String = "entropy model") throws -> EntropyModel {
    try EntropyModel(identity: SHA256.hash(Array(name.utf8)), file: SHA256.hash(Array("file of \(name)".utf8))) { key in
        guard let tensor = tensors[key] else { throw NoTensor() }
        return tensor
    }
}

func fixtureModel() throws -> EntropyModel { try model(fixtureTensors) }

private func fixture(_ name: String) throws -> [UInt8] {
    let url = try #require(Bundle.module.url(forResource: "Fixtures/" + name, withExtension: nil))
    return Array(try Data(contentsOf: url))
}

private func document(_ model: EntropyModel, tracks: Int, frames: Int, seed: UInt64) -> EncodedAudio {
    var random = SplitMix64(seed: seed)
    let layout = CodeLayout(uniform: 2, size: 20, hopLength: 320, sampleRate: 24000)
    let header = TokenHeader(
        codecName: "learned", modelType: "fixture", weights: SHA256.hash(Array("weights".utf8)), layout: layout,
        trackCount: tracks, original: OriginalAudio(sampleRate: 44100, channels: max(2, tracks), subtype: "pcm16"), entropy: .lm,
        entropyModel: model.name, framesPerChunk: 4)
    return EncodedAudio(
        header: header, tracks: randomTracks(layout, tracks: tracks, frames: frames, using: &random),
        samples: max(0, frames * 320 * 147 / 80 - 31))
}

/// `learned()` in Tools/goldens/fixtures.py.
private func expectedLearned(_ model: EntropyModel) -> EncodedAudio {
    var file = document(model, tracks: 2, frames: 268, seed: 0)
    for track in 0..<2 {
        for k in 0..<2 {
            file.tracks[track].streams[k] = (0..<268).map { t in
                t / 4 % 6 != 5 && t % 16 < 12
                    ? Int32((11 * k + 3 * track + t / 16) % 20)
                    : Int32((((t + 1) * 2_654_435_761 + k * 40503 + track * 97) >> 7) % 20)
            }
        }
    }
    file.samples = 157000
    return file
}

private func bytes(_ document: EncodedAudio, _ model: EntropyModel) throws -> [UInt8] {
    let sink = MemorySink()
    try document.write(to: sink, entropyModel: model)
    return sink.bytes
}

private func read(
    _ bytes: [UInt8], _ model: EntropyModel?, _ mode: ContainerReader.Mode = .strict
) throws -> EncodedAudio {
    try EncodedAudio(source: MemorySource(bytes), mode: mode) { _ in model }
}

private func error(of body: () throws -> Void) -> TokenStreamError? {
    do {
        try body()
        return nil
    } catch {
        return error as? TokenStreamError ?? .usage("\(error)")
    }
}

@Test(arguments: InstructionSet.available)
func learnedFilesAreThoseOfTheSecondImplementationOnEveryInstructionSet(_ set: InstructionSet) throws {
    try Execution(instructionSet: set).run {
        let model = try fixtureModel()
        let expected = expectedLearned(model)
        let golden = try fixture("v1.2-lm.codetta")
        #expect(try bytes(expected, model) == golden)
        #expect(try read(golden, model) == expected)
    }
}

@Test func learnedCodingReturnsRandomCodesAndNeverGrows() throws {
    let model = try fixtureModel()
    for seed in 0..<30 as Range<UInt64> {
        let file = document(model, tracks: Int(seed % 3) + 1, frames: Int(seed * seed % 97), seed: seed)
        let coded = try bytes(file, model)
        #expect(try read(coded, model) == file, "seed \(seed)")
        #expect(try read(coded, model, .lenient) == file, "seed \(seed)")
        var packed = file
        (packed.header.entropy, packed.header.entropyModel) = (.none, nil)
        #expect(coded.count <= (try packed.bytes.count) + EntropyModelName.byteCount)
    }
}

@Test func learnedBytesDoNotDependOnHowCodesAreWrittenOrRead() throws {
    let model = try fixtureModel()
    let file = expectedLearned(model)
    let sink = MemorySink()
    let writer = try ContainerWriter(header: file.header, sink: sink, entropyModel: model)
    for start in stride(from: 0, to: 268, by: 2) { try writer.write(file.codes(start..<start + 2)) }
    try writer.finish(samples: file.samples)
    #expect(sink.bytes == (try bytes(file, model)))
    #expect(try EncodedAudio(source: pipe(sink.bytes, piece: 5)) { _ in model } == file)
}

@Test func aSeekInALearnedFileFindsTheSameCodes() throws {
    let model = try fixtureModel()
    let file = expectedLearned(model)
    let reader = try ContainerReader(source: MemorySource(bytes(file, model))) { _ in model }
    for frame in [267, 256, 255, 0, 130] {
        #expect(try reader.seek(toFrame: frame) == frame / 4 * 4)
        let chunk = try #require(try reader.next())
        #expect(chunk.tracks == file.codes(chunk.frames))
    }
}

@Test func codesNeedTheModelThatMadeThem() throws {
    let model = try fixtureModel()
    let golden = try fixture("v1.2-lm.codetta")
    let other = try EntropyModel(identity: .zero, file: .zero) { fixtureTensors[$0]! }
    let name = model.name.description
    #expect(error { _ = try read(golden, nil) } == .missingEntropyModel(name: name, codec: "learned"))
    #expect(error { _ = try read(golden, nil, .lenient) } == .missingEntropyModel(name: name, codec: "learned"))
    #expect(
        error { _ = try read(golden, other) }
            == .otherEntropyModel(recorded: name, found: other.name.description, codec: "learned"))
    let file = expectedLearned(model)
    #expect(error { _ = try file.bytes } == .missingEntropyModel(name: name, codec: "learned"))
    var wide = file
    wide.header.layout.codebooks[1].size = 21
    #expect(error { _ = try bytes(wide, model) }?.kind == .badData)
    // Also without a model.
    for change in [{ $0.size = 21 }, { $0.stride = 2 }] as [(inout CodeLayout.Codebook) -> Void] {
        var uneven = file
        change(&uneven.header.layout.codebooks[1])
        #expect { try uneven.header.validate() } throws: { "\($0)".contains("codebooks of several sizes or strides") }
    }
    var unnamed = file
    unnamed.header.entropyModel = nil
    #expect(error { _ = try bytes(unnamed, model) }?.kind == .badData)
}

@Test func aReportWithoutTheModelChecksAllButTheCodes() throws {
    let model = try fixtureModel()
    let golden = try fixture("v1.2-lm.codetta")
    let blind = try TokenFileReport(reading: MemorySource(golden))
    #expect(blind.isSound && !blind.codesChecked && blind.totals.frames == 268 && blind.formatVersion == "1.2")
    let full = try TokenFileReport(reading: MemorySource(golden)) { _ in model }
    #expect(full.isSound && full.codesChecked && full.header.entropyModel == model.name)
    var damaged = golden
    damaged[golden.count / 2] ^= 0x18
    #expect(try !TokenFileReport(reading: MemorySource(damaged)).isSound)
}

/// Contradiction 4 of `VerdictTests`.
@Test func contradiction4AnotherEntropyModelThanTheFilesCountsAsNone() throws {
    let model = try fixtureModel()
    let golden = try fixture("v1.2-lm.codetta")
    let other = try EntropyModel(identity: .zero, file: .zero) { fixtureTensors[$0]! }
    let report = try TokenFileReport(reading: MemorySource(golden)) { _ in other }
    #expect(report.isSound && !report.codesChecked && report.header.entropyModel == model.name)
    #expect(error { _ = try read(golden, other) }?.kind == .badData)
    // What is wrong apart from the codes is found all the same, and told as a strict reader tells it.
    var file = TakenApart(golden)
    file.sections.swapAt(3, 4)
    file.makeConsistent()
    let blind = try TokenFileReport(reading: MemorySource(file.bytes)) { _ in other }
    #expect(blind.flaws.first?.description == error { _ = try read(file.bytes, model) }?.description)
}

@Test func everyFlippedBitAndCutOfALearnedFileIsRefused() throws {
    let model = try fixtureModel()
    let coded = try bytes(document(model, tracks: 1, frames: 8, seed: 3), model)
    for bit in 0..<coded.count * 8 {
        var damaged = coded
        damaged[bit / 8] ^= 1 << UInt8(bit % 8)
        #expect(error { _ = try read(damaged, model) } != nil, "bit \(bit)")
    }
    for length in coded.indices { #expect(error { _ = try read(Array(coded[..<length]), model) } != nil, "length \(length)") }
}

@Test func forgedLearnedPayloadsAreRefusedOrTheOnlyCodingOfTheirCodes() throws {
    let model = try fixtureModel()
    let plain = TakenApart(try bytes(expectedLearned(model), model))
    var refused = 0
    var random = SplitMix64(seed: 9)
    for section in 1...6 {
        let payload = plain.sections[section].payload
        for round in 0..<60 {
            var forged = payload
            forged[Int.random(in: forged.indices, using: &random)] ^= 1 << UInt8.random(in: 0...7, using: &random)
            if round % 3 == 0 { forged.removeLast(Int.random(in: 0..<forged.count, using: &random)) }
            var file = plain
            file.sections[section].payload = forged
            file.makeConsistent()
            do {
                let document = try read(file.bytes, model)
                #expect(TakenApart(try bytes(document, model)).sections[section].payload == forged)
            } catch let failure as TokenStreamError {
                #expect(failure.kind == .badData)
                refused += 1
            }
        }
    }
    #expect(refused > 200)
}

@Test func modelsOutOfBoundsAreRefused() throws {
    func refused(_ name: String, _ change: (inout (shape: [Int], values: [Int])) -> Void) -> Bool {
        var tensors = fixtureTensors
        change(&tensors[name]!)
        return error { _ = try model(tensors) }?.kind == .badData
    }
    for name in fixtureTensors.keys.sorted() {
        #expect(refused(name) { $0.shape.append(1) }, "\(name)")
        #expect(refused(name) { $0.values[0] = 1 << 31 }, "\(name)")
        #expect(refused(name) { $0.values[0] = -1 << 31 }, "\(name)")
        #expect(refused(name) { $0.shape[0] += 1 }, "\(name)")
        var missing = fixtureTensors
        missing[name] = nil
        #expect(throws: NoTensor.self) { try model(missing) }
    }
    #expect(refused("exponential") { $0.values[4095] = 0 })
    #expect(refused("embedding") { $0 = ([3, 0, 6], []) })
}

@Test func extremeModelsNeitherTrapNorLoseCodes() throws {
    var tensors = fixtureTensors
    for name in tensors.keys {
        let count = tensors[name]!.values.count
        switch name {
        case "sigmoid", "tanh": tensors[name]!.values = Array(repeating: 32767, count: count)
        case "exponential": tensors[name]!.values = Array(repeating: 1 << 20, count: count)
        case "embedding.shift": tensors[name]!.values = Array(repeating: 8, count: count)
        case _ where name.hasSuffix(".multiplier"): tensors[name]!.values = Array(repeating: 1 << 29 - 1, count: count)
        case _ where name.hasSuffix(".bias"): tensors[name]!.values = Array(repeating: 1 << 20, count: count)
        default: tensors[name]!.values = Array(repeating: 127, count: count)
        }
    }
    let extreme = try model(tensors)
    let file = document(extreme, tracks: 2, frames: 30, seed: 5)
    #expect(try read(bytes(file, extreme), extreme) == file)
}
