import Platform

/// A model's tensors by name, from one safetensors file or several shards.
public struct Checkpoint: Sendable {
    /// In the order given.
    public let files: [SafetensorsFile]
    private let fileOfTensor: [String: Int]

    /// Opens one file.
    /// - Throws: `CheckpointError`; `.pickle` for a file that only an unpickler could read.
    public init(path: String) throws {
        try self.init(files: [SafetensorsFile(path: path)])
    }

    /// Joins shards.
    /// - Throws: `CheckpointError.invalidTensor` for a tensor in two of them.
    public init(files: [SafetensorsFile]) throws {
        var fileOfTensor: [String: Int] = [:]
        for (index, file) in files.enumerated() {
            for tensor in file.header.tensors {
                if let other = fileOfTensor.updateValue(index, forKey: tensor.name) {
                    throw CheckpointError.invalidTensor(
                        file: file.path, tensor: tensor.name, reason: "is also in \(files[other].path)")
                }
            }
        }
        self.files = files
        self.fileOfTensor = fileOfTensor
    }

    /// Where the tensors come from, for messages: the first file.
    public var path: String { files.first?.path ?? "an empty checkpoint" }
    /// All tensors' names, sorted.
    public var names: [String] { fileOfTensor.keys.sorted() }
    /// Elements of all tensors, integers included.
    public var elementCount: Int {
        files.reduce(0) { $0 + $1.header.tensors.reduce(0) { $0 + $1.elementCount } }
    }
    /// Bytes of all files together.
    public var byteCount: Int { files.reduce(0) { $0 + $1.byteCount } }
    /// The files' metadata; of equal keys the first file's holds.
    public var metadata: [String: String] {
        files.reduce(into: [:]) { $0.merge($1.header.metadata) { first, _ in first } }
    }

    /// What the checkpoint says about a tensor, or nil if it has none of that name.
    public func info(_ name: String) -> TensorInfo? { fileOfTensor[name].flatMap { files[$0].info(name) } }

    /// A tensor as Float32; see `SafetensorsFile.load`.
    public func load(_ name: String) throws -> Tensor { try file(of: name).load(name) }

    /// A tensor of integers; see `SafetensorsFile.loadIntegers`.
    public func loadIntegers(_ name: String) throws -> (shape: [Int], values: [Int]) {
        try file(of: name).loadIntegers(name)
    }

    /// Passes all files to `body`, one after the other and in pieces, for a checksum of the weights.
    public func forEachChunk(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        for file in files { try file.forEachChunk(body) }
    }

    /// SHA-256 of a tensor's values as the file holds them: row-major and little-endian.
    /// - Throws: `CheckpointError.noTensor`, `.truncated` or `.readFailed`.
    public func digest(of name: String) throws -> ContentDigest { try file(of: name).digest(of: name) }

    private func file(of name: String) throws -> SafetensorsFile {
        guard let index = fileOfTensor[name] else { throw CheckpointError.noTensor(file: path, tensor: name) }
        return files[index]
    }
}
