import Platform

/// An open safetensors file: its header is checked when it opens, each tensor is read when it is asked for.
public struct SafetensorsFile: Sendable {
    /// The checked header: names, types, shapes and places of all tensors.
    public let header: SafetensorsHeader
    private let file: ReadOnlyFile
    private let dataStart: Int
    private let tensors: [String: TensorInfo]

    /// - Throws: `CheckpointError` for a file that cannot be read or breaks the format.
    public init(path: String) throws { try self.init(ReadOnlyFile(path: path)) }

    /// - Throws: as `init(path:)`.
    init(_ file: ReadOnlyFile) throws {
        let path = file.path
        let prefix = try file.bytes(at: 0, count: min(8, file.byteCount))
        let jsonByteCount = try SafetensorsHeader.jsonByteCount(
            prefix: prefix, fileByteCount: file.byteCount, file: path)
        let json = try file.bytes(at: 8, count: jsonByteCount)
        self.file = file
        dataStart = 8 + jsonByteCount
        header = try SafetensorsHeader(json: json, dataByteCount: file.byteCount - dataStart, file: path)
        tensors = Dictionary(uniqueKeysWithValues: header.tensors.map { ($0.name, $0) })
    }

    /// The file's path.
    public var path: String { file.path }
    /// Bytes of the whole file.
    public var byteCount: Int { file.byteCount }

    /// What the file says about a tensor, or nil if it has none of that name.
    public func info(_ name: String) -> TensorInfo? { tensors[name] }

    /// A tensor as Float32, whatever its stored type; integers beyond 2²⁴ round.
    /// - Throws: `CheckpointError.noTensor`, `.notFinite` for a NaN or infinity, `.invalidTensor` above the memory
    ///   budget, `.truncated` or `.readFailed` if the file changed since it was opened.
    public func load(_ name: String) throws -> Tensor {
        let info = try checkedInfo(name, bytesPerElement: MemoryLayout<Float>.size)
        let values = try [Float](uninitialized: info.elementCount) { output in
            try readChunks(info) { source, range in
                let chunk = UnsafeMutableBufferPointer(rebasing: output[range])
                ElementConversion.floats(from: source, type: info.dataType, into: chunk)
                // While the chunk is in cache.
                if let index = ElementConversion.firstNonFinite(UnsafeBufferPointer(chunk)) {
                    throw CheckpointError.notFinite(file: path, tensor: name, index: range.lowerBound + index)
                }
            }
        }
        return Tensor(shape: info.shape, values: values)
    }

    /// Elements `range` of a tensor in row-major order as Float32, for tensors that are larger than the memory.
    /// - Throws: as `load`; `CheckpointError.invalidTensor` for a range that the tensor does not have.
    public func load(_ name: String, elements range: Range<Int>) throws -> [Float] {
        guard let info = tensors[name] else { throw CheckpointError.noTensor(file: path, tensor: name) }
        guard range.lowerBound >= 0, range.upperBound <= info.elementCount,
            (try? CheckedSize.elements([range.count])) != nil
        else {
            throw CheckpointError.invalidTensor(file: path, tensor: name, reason: "has no elements \(range)")
        }
        return try [Float](uninitialized: range.count) { output in
            try readChunks(info, range) { source, piece in
                let chunk = UnsafeMutableBufferPointer(
                    rebasing: output[(piece.lowerBound - range.lowerBound)..<(piece.upperBound - range.lowerBound)])
                ElementConversion.floats(from: source, type: info.dataType, into: chunk)
                if let index = ElementConversion.firstNonFinite(UnsafeBufferPointer(chunk)) {
                    throw CheckpointError.notFinite(file: path, tensor: name, index: piece.lowerBound + index)
                }
            }
        }
    }

    /// A tensor of an integer type, exactly.
    /// - Throws: as `load`; `CheckpointError.invalidTensor` for a floating-point tensor or a value beyond `Int.max`.
    public func loadIntegers(_ name: String) throws -> (shape: [Int], values: [Int]) {
        let info = try checkedInfo(name, bytesPerElement: MemoryLayout<Int>.size)
        guard info.dataType.isInteger else {
            throw CheckpointError.invalidTensor(
                file: path, tensor: name, reason: "expected integers, found \(info.dataType.rawValue)")
        }
        let values = try [Int](uninitialized: info.elementCount) { output in
            try readChunks(info) { source, range in
                let chunk = UnsafeMutableBufferPointer(rebasing: output[range])
                ElementConversion.integers(from: source, type: info.dataType, into: chunk)
                if info.dataType == .uint64, chunk.contains(where: { $0 < 0 }) {
                    throw CheckpointError.invalidTensor(file: path, tensor: name, reason: "a value exceeds \(Int.max)")
                }
            }
        }
        return (info.shape, values)
    }

    /// Passes the whole file, header included, to `body` in order and in pieces, for a checksum.
    public func forEachChunk(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        try withChunkBuffer { buffer in
            for start in stride(from: 0, to: file.byteCount, by: buffer.count) {
                let piece = UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(buffer.count, file.byteCount - start)])
                try file.read(at: start, into: piece)
                try body(UnsafeRawBufferPointer(piece))
            }
        }
    }

    /// SHA-256 of a tensor's values as the file holds them: row-major and little-endian.
    /// - Throws: `CheckpointError.noTensor`; `.truncated` or `.readFailed` if the file changed since it was opened.
    public func digest(of name: String) throws -> ContentDigest {
        guard let info = tensors[name] else { throw CheckpointError.noTensor(file: path, tensor: name) }
        var hash = SHA256()
        try readChunks(info) { bytes, _ in hash.update(bytes) }
        return hash.finalize()
    }

    private func checkedInfo(_ name: String, bytesPerElement: Int) throws -> TensorInfo {
        guard let info = tensors[name] else { throw CheckpointError.noTensor(file: path, tensor: name) }
        do {
            _ = try CheckedSize.elements(info.shape, bytesPerElement: bytesPerElement)
        } catch {
            throw CheckpointError.invalidTensor(file: path, tensor: name, reason: "\(error)")
        }
        return info
    }

    /// Reads a tensor, or a range of it, in pieces that stay in cache, each with the range of its elements.
    private func readChunks(
        _ info: TensorInfo, _ range: Range<Int>? = nil, _ body: (UnsafeRawBufferPointer, Range<Int>) throws -> Void
    ) throws {
        let range = range ?? 0..<info.elementCount
        let width = info.dataType.byteWidth
        try withChunkBuffer { buffer in
            let capacity = buffer.count / width
            for start in stride(from: range.lowerBound, to: range.upperBound, by: capacity) {
                let end = min(start + capacity, range.upperBound)
                let piece = UnsafeMutableRawBufferPointer(rebasing: buffer[..<((end - start) * width)])
                try file.read(at: dataStart + info.byteRange.lowerBound + start * width, into: piece)
                try body(UnsafeRawBufferPointer(piece), start..<end)
            }
        }
    }

    private func withChunkBuffer(_ body: (UnsafeMutableRawBufferPointer) throws -> Void) throws {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 17, alignment: 64)
        defer { buffer.deallocate() }
        try body(buffer)
    }
}
