import Checkpoints
import Foundation
import Kernels
import TestSupport
import Testing
import TokenLM
import Tokens

/// The class and text that lm_golden.py conditions on.
private let condition = Condition(classIndex: 1, symbols: ["a", "ch", " ", "b"])
private let frames = 41

@Suite struct ModelTests {
    private let golden: SafetensorsFile
    private let model: TokenLanguageModel
    private let codes: Codes

    init() throws {
        golden = try SafetensorsFile(path: fixture("tiny-lm.safetensors"))
        model = try tinyModel()
        codes = try Self.codes(golden, count: 3)
    }

    private static func codes(_ file: SafetensorsFile, count: Int) throws -> Codes {
        Codes(streams: try (0..<count).map { try file.loadIntegers("codes.\($0)").values.map { Int32($0) } })
    }

    /// Inputs of all steps: each is the step before it.
    private func inputs() throws -> [Int32] {
        let grid = try model.pattern.schedule(frames: frames).interleave(codes)
        return Array(([-1, -1, -1] + grid).dropLast(3))
    }

    @Test(arguments: [("free", Condition()), ("bound", condition)])
    func logitsEqualPyTorchs(name: String, condition: Condition) throws {
        var state = try model.start([condition])
        let hidden = try model.advance([inputs()], state: &state)
        for k in 0..<3 {
            let difference = greatestDifference(model.logits(hidden, codebook: k).values, try golden.load("\(name).\(k)").values)
            #expect(difference < 1e-4, "codebook \(k)")
        }
    }

    @Test(arguments: [("free", Condition()), ("bound", condition)])
    func maskedLogitsEqualPyTorchs(name: String, condition: Condition) throws {
        let golden = try SafetensorsFile(path: fixture("tiny-masked.safetensors"))
        let streams = try Self.codes(golden, count: 2).streams
        let logits = try tinyModel("tiny-masked").maskedLogits(streams, frames: frames, condition: condition)
        for k in 0..<2 { #expect(greatestDifference(logits[k].values, try golden.load("\(name).\(k)").values) < 1e-4) }
    }

    @Test func theShippedModelsLogitsEqualPyTorchs() throws {
        let golden = try SafetensorsFile(path: fixture("codetta-24k-lm.safetensors"))
        let model = try TokenLanguageModel(folder: ModelFolder(path: PackageFolder.path("Models/codetta-24k-lm")))
        let grid = try model.pattern.schedule(frames: 60).interleave(try Self.codes(golden, count: 6))
        var state = try model.start([Condition()])
        let hidden = try model.advance([Array(([Int32](repeating: -1, count: 6) + grid).dropLast(6))], state: &state)
        for k in 0..<6 {
            let logits = model.logits(hidden.slice((hidden.count - 3)..<hidden.count), codebook: k).values
            #expect(greatestDifference(logits, try golden.load("last.\(k)").values) < 1e-4, "codebook \(k)")
        }
    }

    @Test func theReferenceIsNotFlat() throws {
        #expect(greatestDifference(try golden.load("free.0").values, try golden.load("bound.0").values) > 0.1)
    }

    @Test(arguments: [1, 2, 5, 30]) func stepsInPiecesGiveTheSameStates(piece: Int) throws {
        let inputs = try inputs()
        var (whole, parts) = (try model.start([condition]), try model.start([condition]))
        let expected = try model.advance([inputs], state: &whole)
        var found = Frames(channels: expected.channels)
        for first in stride(from: 0, to: inputs.count, by: 3 * piece) {
            found.append(try model.advance([Array(inputs[first..<min(first + 3 * piece, inputs.count)])], state: &parts))
        }
        #expect(found == expected)
        #expect(whole.positions == parts.positions)
    }

    @Test func sequencesOfABatchDoNotTouchEachOther() throws {
        let inputs = try inputs()
        let other = Array(inputs[..<12])
        var batch = try model.start([condition, Condition(), Condition(classIndex: 2)])
        let hidden = try model.advance([inputs, other, inputs], state: &batch)
        var start = 0
        for (condition, grid) in [(condition, inputs), (Condition(), other), (Condition(classIndex: 2), inputs)] {
            var alone = try model.start([condition])
            let expected = try model.advance([grid], state: &alone)
            #expect(hidden.slice(start..<(start + expected.count)) == expected)
            start += expected.count
        }
        #expect(start == hidden.count)
    }

    @Test func copiesOfAStateGoTheirOwnWay() throws {
        let inputs = try inputs()
        var state = try model.start([Condition()])
        _ = try model.advance([Array(inputs[..<30])], state: &state)
        var copy = state
        let first = try model.advance([Array(inputs[30..<60])], state: &state)
        _ = try model.advance([Array(inputs[60..<90])], state: &state)
        #expect(try model.advance([Array(inputs[30..<60])], state: &copy) == first)
    }

    @Test func theScoreIsTheCodesSurprise() throws {
        let score = try model.score(codes, condition: condition)
        #expect(score.counts == codes.streams.map(\.count))
        #expect(score.frames == 41)
        var expected = 0.0
        for k in 0..<3 {
            let (size, logits) = (model.config.codebookSizes[k], try golden.load("bound.\(k)").values)
            let schedule = try model.pattern.schedule(frames: frames)
            for step in 0..<schedule.stepCount {
                guard let time = schedule.time(step: step, codebook: k) else { continue }
                let row = logits[(step * size)..<((step + 1) * size)].map { exp(Double($0)) }
                expected -= log2(row[Int(codes.streams[k][time])] / row.reduce(0, +))
            }
        }
        #expect(abs(score.bits.reduce(0, +) - expected) < 1e-2)
    }

    @Test func strangeInputsAreRefused() throws {
        var state = try model.start([Condition()])
        #expect(throws: TokenLMError.self) { try model.advance([[0, 0]], state: &state) }
        #expect(throws: TokenLMError.self) { try model.advance([[12, 0, 0]], state: &state) }
        #expect(throws: TokenLMError.self) { try model.advance([[-2, 0, 0]], state: &state) }
        #expect(throws: TokenLMError.self) { try model.advance([[0, 0, 0], [0, 0, 0]], state: &state) }
        #expect(throws: TokenLMError.self) { try model.start([Condition(classIndex: 3)]) }
        #expect(throws: TokenLMError.self) { try model.start([Condition(text: "az")]) }
        #expect(throws: TokenLMError.self) { try model.score(Codes(streams: [[0], [0], [8]])) }
        #expect(throws: TokenLMError.self) { try tinyModel("tiny-masked").score(Codes(streams: [[0], [0]])) }
        #expect(throws: TokenLMError.self) { try tinyModel("tiny-masked").start([Condition()]) }
        #expect(throws: TokenLMError.self) { try model.maskedLogits([[], [], []], frames: 0) }
    }
}

@Suite struct ConfigTests {
    /// Loads the tiny model with a changed config.
    private func load(replacing from: String, with to: String) throws {
        let config = try String(contentsOfFile: fixture("tiny-lm/config.json"), encoding: .utf8)
        #expect(config.contains(from))
        let folder = try ScratchFolder()
        try folder.write(config.replacingOccurrences(of: from, with: to), to: "config.json")
        try FileManager.default.copyItem(atPath: fixture("tiny-lm/model.safetensors"), toPath: folder.path("model.safetensors"))
        _ = try TokenLanguageModel(folder: ModelFolder(path: folder.path))
    }

    @Test(arguments: [
        ("\"hidden_size\": 32", "\"hidden_size\": 9000000000000000000", "hidden_size"),
        ("\"num_heads\": 4", "\"num_heads\": 3", "num_heads"),
        ("\"num_heads\": 4", "\"num_heads\": 32", "num_heads"),
        ("\"num_key_value_heads\": 2", "\"num_key_value_heads\": 3", "num_key_value_heads"),
        ("\"num_layers\": 2", "\"num_layers\": -1", "num_layers"),
        ("\"context\": 20", "\"context\": 0", "context"),
        ("\"rope_theta\": 10000.0", "\"rope_theta\": -1", "rope_theta"),
        ("\"pattern\": \"delay\"", "\"pattern\": \"zigzag\"", "pattern"),
        ("\"kind\": \"autoregressive\"", "\"kind\": \"diffusion\"", "kind"),
        ("\"kind\": \"autoregressive\"", "\"kind\": \"masked\"", "pattern"),
        ("\"model_type\": \"codetta-lm\"", "\"model_type\": \"codetta\"", "model_type"),
        ("\"future_heads\": 2", "\"future_heads\": 1000000", "future_heads"),
        ("\"codebook_strides\": [\n    2,", "\"codebook_strides\": [\n    0,", "codebook_strides"),
        ("\"codebook_strides\": [\n    2,", "\"codebook_strides\": [", "codebook_strides"),
        ("\"ch\"", "\"a\"", "text_symbols"),
    ])
    func aBadFieldIsNamed(from: String, to: String, field: String) throws {
        do {
            try load(replacing: from, with: to)
            Issue.record("loaded with \(to)")
        } catch let error as CheckpointError {
            #expect(error.kind == .badConfig)
            #expect(error.description.contains(field), "\(error)")
        }
    }

    @Test func missingAndUnusedTensorsAreListed() throws {
        for (from, to, words) in [
            (
                "\"num_layers\": 2", "\"num_layers\": 3",
                ["missing layers.2.attention.query.weight", "missing layers.2.feed_forward.up.weight"]
            ),
            ("\"num_layers\": 2", "\"num_layers\": 1", ["unused layers.1.attention.query.weight"]),
            ("\"num_classes\": 3", "\"num_classes\": 4", ["classes.weight is [4, 32], not [5, 32]"]),
        ] {
            do {
                try load(replacing: from, with: to)
                Issue.record("loaded with \(to)")
            } catch let error as CheckpointError {
                for word in words { #expect(error.description.contains(word), "\(error)") }
            }
        }
    }
}
