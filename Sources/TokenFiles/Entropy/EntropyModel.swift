import Kernels
import Platform
import Tokens

/// The trained network of entropy mode `lm`, which predicts a codec's codes: small, recurrent, in integers.
///
/// Docs/container-1.md, "Learned payloads", specifies the network and its file. Immutable and shared by all coders; the state of a
/// stream is `CodePredictor`'s.
public struct EntropyModel: Sendable {
    /// How token files name it.
    public let name: EntropyModelName
    /// How token files of edition 1 name it.
    private let earlierName: EntropyModelName
    /// Most codebooks per track that the model predicts. A stream may have fewer: the first ones.
    public let codebookCount: Int
    /// Codewords of each codebook.
    public let codebookSize: Int

    /// Integers of an embedding, of the recurrent state and of a head's hidden layer.
    let width, stateSize, headSize: Int
    /// `[codebook, code, width]`.
    let embedding: [Int16]
    /// Rows of the reset gate, the update gate and the candidate, `stateSize` each.
    let recurrentInput, recurrentState: ScaledMatrix
    let recurrentInputBias, recurrentStateBias: [Int32]
    /// Rows of each codebook's hidden layer, `headSize` each.
    let headState, headLast, headFrame: ScaledMatrix
    let headBias: [Int32]
    /// Rows of each codebook's codes, `codebookSize` each.
    let output: ScaledMatrix
    let outputBias: [Int32]
    let tables: EntropyTables

    /// Bounds of a model's sizes: all integers of the network stay far from overflowing, whatever the weights.
    enum Limits {
        static let codebookCount = 1...64
        static let codebookSize = 2...16384
        static let layer = 1...IntegerMatrix.columnLimit
        /// Of multipliers, exclusive: three products of a 32-bit sum and a multiplier stay below 2⁶².
        static let multiplier = 1 << 29
        static let bias = 1 << 20
        static let shift = 0...8
    }

    /// Checks every size and value.
    /// - Parameters:
    ///   - identity: of the tensors, as `Checkpoint.identity()` has it.
    ///   - file: SHA-256 of the file that holds them.
    ///   - tensor: the shape and the row-major values of the tensor of a name.
    /// - Throws: `TokenStreamError.foreign` for shapes or values that the format does not allow, and what `tensor` throws.
    public init(identity: ContentDigest, file: ContentDigest, tensor: @escaping (_ name: String) throws -> (shape: [Int], values: [Int])) throws {
        let tensors = EntropyTensors(read: tensor)
        let (shape, codes) = try tensors.weights("embedding", rank: 3)
        let (codebooks, size, width) = (shape[0], shape[1], shape[2])
        try EntropyTensors.require(codebooks, in: Limits.codebookCount, "codebooks")
        try EntropyTensors.require(size, in: Limits.codebookSize, "codes a codebook")
        try EntropyTensors.require(width, in: Limits.layer, "columns of embedding")
        let shifts = try tensors.integers("embedding.shift", shape: [codebooks], in: Limits.shift)
        let states = try tensors.weights("recurrence.state", rank: 2).shape[1]
        try EntropyTensors.require(states, in: Limits.layer, "columns of recurrence.state")
        let heads = try tensors.weights("output", rank: 3).shape[2]
        try EntropyTensors.require(heads, in: Limits.layer, "columns of output")

        name = EntropyModelName(identity)
        earlierName = EntropyModelName(file)
        (codebookCount, codebookSize, self.width, stateSize, headSize) = (codebooks, size, width, states, heads)
        embedding = codes.enumerated().map { Int16($1) << Int16(shifts[$0 / (size * width)]) }
        recurrentInput = try tensors.matrix("recurrence.input", rows: [3 * states], columns: width)
        recurrentState = try tensors.matrix("recurrence.state", rows: [3 * states], columns: states)
        recurrentInputBias = try tensors.bias("recurrence.input.bias", shape: [3 * states])
        recurrentStateBias = try tensors.bias("recurrence.state.bias", shape: [3 * states])
        headState = try tensors.matrix("head.state", rows: [codebooks, heads], columns: states)
        headLast = try tensors.matrix("head.last", rows: [codebooks, heads], columns: width)
        headFrame = try tensors.matrix("head.frame", rows: [codebooks, heads], columns: width)
        headBias = try tensors.bias("head.bias", shape: [codebooks, heads])
        output = try tensors.matrix("output", rows: [codebooks, size], columns: heads)
        outputBias = try tensors.bias("output.bias", shape: [codebooks, size])
        tables = try EntropyTables(tensors)
    }

    /// Whether token files mean this model by `name`.
    public func isNamed(_ name: EntropyModelName?) -> Bool { name == self.name || name == earlierName }

    /// Whether the model predicts the codes of `layout`.
    public func fits(_ layout: CodeLayout) -> Bool {
        layout.codebooks.count <= codebookCount
            && layout.codebooks.allSatisfy { $0.size == codebookSize && $0.stride == 1 }
    }
}

extension TokenHeader {
    /// The error of codes without their model.
    var missingEntropyModel: TokenStreamError {
        .missingEntropyModel(name: entropyModel?.description ?? "", codec: codecName)
    }

    /// `model`, if it is the one that the header names and fits its codes.
    func checkedEntropyModel(_ model: EntropyModel?) throws(TokenStreamError) -> EntropyModel? {
        guard let model, let entropyModel else { return nil }
        guard model.isNamed(entropyModel) else {
            throw .otherEntropyModel(
                recorded: entropyModel.description, found: model.name.description, codec: codecName)
        }
        guard model.fits(layout) else {
            throw EntropyTensors.invalid(
                "predicts up to \(model.codebookCount) codebooks of \(model.codebookSize) codes and one rate; "
                    + "the stream has \(layout.codebooks.count) of \(Set(layout.codebooks.map(\.size)).sorted())")
        }
        return model
    }
}

/// The functions of the network, by table.
struct EntropyTables: Sendable {
    /// The logistic function and the hyperbolic tangent of (i − 4096) / 512, in 1/32768.
    let sigmoid, tanh: [Int32]
    /// 2²⁰ · e^(−i / 256), at least 1.
    let exponential: [Int]
    /// −log₂ of `exponential`.
    let bits: [Float]

    static let gateCount = 8192
    static let exponentialCount = 4096

    init(_ tensors: EntropyTensors) throws {
        sigmoid = try tensors.integers("sigmoid", shape: [Self.gateCount], in: 0...32767).map { Int32($0) }
        tanh = try tensors.integers("tanh", shape: [Self.gateCount], in: -32767...32767).map { Int32($0) }
        exponential = try tensors.integers("exponential", shape: [Self.exponentialCount], in: 1...1 << 20)
        bits = exponential.map { Float(-log2(Double($0))) }
    }

    /// The place in `exponential` of the weight of a code of `logit` where the greatest logit is `greatest`.
    static func weight(_ logit: Int32, greatest: Int32) -> Int { min(Int(greatest) - Int(logit), exponentialCount - 1) }

    /// The place of x / 512 in `sigmoid` and `tanh`.
    static func gate(_ x: Int) -> Int { min(max(x, -gateCount / 2), gateCount / 2 - 1) + gateCount / 2 }
}

/// A matrix whose rows have scales of their own.
struct ScaledMatrix: Sendable {
    let matrix: IntegerMatrix
    /// In 2⁻³², one per row.
    let multipliers: [Int32]
}

/// The tensors of a model's file, checked on their way in.
struct EntropyTensors {
    let read: (String) throws -> (shape: [Int], values: [Int])

    static func invalid(_ reason: String) -> TokenStreamError { .foreign(format: "entropy model", reason: reason) }

    static func require(_ value: Int, in range: ClosedRange<Int>, _ what: String) throws(TokenStreamError) {
        guard range.contains(value) else {
            throw invalid("\(value) \(what), expected \(range.lowerBound) to \(range.upperBound)")
        }
    }

    /// Weights within ±127 of any shape of `rank`.
    func weights(_ name: String, rank: Int) throws -> (shape: [Int], values: [Int8]) {
        let (shape, values) = try read(name)
        guard shape.count == rank, values.count == shape.reduce(1, *) else {
            throw Self.invalid("\(name) has shape \(shape), expected \(rank) dimensions")
        }
        guard let bad = values.first(where: { !(-127...127).contains($0) }) else { return (shape, values.map { Int8($0) }) }
        throw Self.invalid("\(name) holds \(bad), expected -127 to 127")
    }

    func integers(_ name: String, shape: [Int], in range: ClosedRange<Int>) throws -> [Int] {
        let (found, values) = try read(name)
        guard found == shape, values.count == shape.reduce(1, *) else {
            throw Self.invalid("\(name) has shape \(found), expected \(shape)")
        }
        if let bad = values.first(where: { !range.contains($0) }) {
            throw Self.invalid("\(name) holds \(bad), expected \(range.lowerBound) to \(range.upperBound)")
        }
        return values
    }

    func bias(_ name: String, shape: [Int]) throws -> [Int32] {
        let limit = EntropyModel.Limits.bias
        return try integers(name, shape: shape, in: -limit...limit).map { Int32($0) }
    }

    func matrix(_ name: String, rows: [Int], columns: Int) throws -> ScaledMatrix {
        let (shape, values) = try weights(name, rank: rows.count + 1)
        guard shape == rows + [columns] else {
            throw Self.invalid("\(name) has shape \(shape), expected \(rows + [columns])")
        }
        let multipliers = try integers(name + ".multiplier", shape: rows, in: 0...EntropyModel.Limits.multiplier - 1)
        return ScaledMatrix(
            matrix: IntegerMatrix(values: values, columnCount: columns), multipliers: multipliers.map { Int32($0) })
    }
}
