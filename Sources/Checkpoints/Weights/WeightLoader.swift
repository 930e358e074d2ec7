import Platform

/// One construction of a model from a checkpoint: hands out tensors and keeps account of every disagreement.
///
/// A missing or misshapen tensor does not stop the construction; zeros take its place and the problem is noted.
/// `finish` then throws all of them at once, together with the tensors that the model did not use.
/// Not `Sendable`: a model is built on one thread, and what it keeps are plain arrays.
public final class WeightLoader {
    /// Where the tensors come from.
    public let checkpoint: Checkpoint
    /// Model's name to checkpoint's name.
    private let storedNames: [String: String]
    private var isUsed: Set<String> = []
    private var problems: [CheckpointMismatch.Problem] = []
    /// Tensors that zeros stand in for.
    private var placeholders: Set<String> = []
    /// Elements that zeros may still stand in for: a config may announce far more than its file could ever hold.
    private var placeholderBudget = 1 << 26
    private static let maximumProblems = 10_000

    /// - Parameters:
    ///   - keyMap: renames the checkpoint's tensors first.
    ///   - ignoring: tensors that may be present without being used: every name that is, or ends with, one of these
    ///     dotted paths, e.g. `num_batches_tracked`.
    /// - Throws: `CheckpointError.invalidTensor` if two tensors get the same name.
    public init(_ checkpoint: Checkpoint, keyMap: KeyMap = .identity, ignoring: [String] = []) throws {
        var storedNames: [String: String] = [:]
        for stored in checkpoint.names {
            let name = keyMap(stored)
            if let other = storedNames.updateValue(stored, forKey: name) {
                throw CheckpointError.invalidTensor(
                    file: checkpoint.path, tensor: stored, reason: "and \(other) are both \(name) to the model")
            }
            if ignoring.contains(where: { name == $0 || name.hasSuffix(".\($0)") }) { isUsed.insert(name) }
        }
        self.checkpoint = checkpoint
        self.storedNames = storedNames
    }

    /// The path of all names.
    public var root: WeightPath { WeightPath(path: "", loader: self) }

    /// Ends the construction.
    /// - Throws: `CheckpointError.mismatch` with everything that was missing, misshapen, unusable or left over.
    public func finish() throws {
        let unused = storedNames.keys.filter { !isUsed.contains($0) }.sorted().map {
            CheckpointMismatch.Problem.unused(tensor: $0, shape: shape(of: $0) ?? [])
        }
        if problems.isEmpty && unused.isEmpty { return }
        throw CheckpointError.mismatch(CheckpointMismatch(file: checkpoint.path, problems: problems + unused))
    }

    func shape(of name: String) -> [Int]? { storedNames[name].flatMap { checkpoint.info($0)?.shape } }

    func ignore(_ name: String) { isUsed.insert(name) }

    /// The values of `name`, or zeros after noting why not.
    func values(_ name: String, shape: [Int]) throws -> [Float] {
        isUsed.insert(name)
        guard let stored = storedNames[name], let found = checkpoint.info(stored)?.shape else {
            return try placeholder(name, shape, for: .missing(tensor: name, expected: shape))
        }
        if found != shape {
            return try placeholder(name, shape, for: .misshapen(tensor: name, expected: shape, found: found))
        }
        do {
            return try checkpoint.load(stored).values
        } catch CheckpointError.notFinite(_, _, let index) {
            return try placeholder(
                name, shape, for: .invalid(tensor: name, reason: "has a NaN or infinity at element \(index)"))
        }
    }

    /// Notes a tensor whose values no model can use, unless zeros already stand in for it.
    func reject(_ name: String, _ reason: String) {
        if !placeholders.contains(name) { problems.append(.invalid(tensor: name, reason: reason)) }
    }

    private func placeholder(
        _ name: String, _ shape: [Int], for problem: CheckpointMismatch.Problem
    ) throws -> [Float] {
        problems.append(problem)
        placeholders.insert(name)
        guard problems.count < Self.maximumProblems, let count = try? CheckedSize.elements(shape),
            count <= placeholderBudget
        else {
            throw CheckpointError.mismatch(CheckpointMismatch(file: checkpoint.path, problems: problems))
        }
        placeholderBudget -= count
        return [Float](repeating: 0, count: count)
    }
}

extension Checkpoint {
    /// Builds a model from this checkpoint, strictly.
    ///
    ///     let encoder = try checkpoint.build { try Encoder(config, weights: $0 / "encoder") }
    ///
    /// - Parameters: as `WeightLoader.init`.
    /// - Throws: `CheckpointError.mismatch` with the complete list of what does not fit; what `model` throws.
    public func build<Model>(
        keyMap: KeyMap = .identity, ignoring: [String] = [], _ model: (WeightPath) throws -> Model
    ) throws -> Model {
        let loader = try WeightLoader(self, keyMap: keyMap, ignoring: ignoring)
        let result = try model(loader.root)
        try loader.finish()
        return result
    }
}
