import Platform

/// What names the weights of a model: a hash of its tensors, so that the same weights saved again, in another order or in shards
/// are the same weights. Docs/container.md defines it.
extension Checkpoint {
    /// The versions of the definitions. They are the beginning of what is hashed.
    private static let identityTag = "codetta weights 1\n"
    private static let modelTag = "codetta model 1\n"

    /// SHA-256 over the tensors' `identity()` and the settings with which they are used: what edition 2 of token files names a model by.
    /// - Parameter settings: see `ModelConfig.settings`.
    /// - Throws: as `identity()`.
    package func identity(settings: [String]) throws -> ContentDigest {
        var hash = SHA256()
        hash.update(Array(Self.modelTag.utf8))
        hash.update(try identity().bytes)
        for line in settings { hash.update(Array((line + "\n").utf8)) }
        return hash.finalize()
    }

    /// SHA-256 over the names, types, shapes and values of all tensors, sorted by the bytes of their names. Metadata, the order in
    /// the file and the number of files do not matter.
    /// - Throws: `CheckpointError.readFailed` or `.truncated` for files that changed since they were opened.
    public func identity() throws -> ContentDigest {
        var hash = SHA256()
        hash.update(Array(Self.identityTag.utf8))
        let sorted = names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        for name in sorted {
            guard let info = info(name) else { continue }
            hash.update(Self.record(info))
            hash.update(try digest(of: name).bytes)
        }
        return hash.finalize()
    }

    /// SHA-256 of all files, one after the other: what token files of format 1.2 and before name their weights by.
    /// - Throws: as `identity()`.
    public func fileDigest() throws -> ContentDigest {
        var hash = SHA256()
        try forEachChunk { hash.update($0) }
        return hash.finalize()
    }

    /// A tensor's name, type and shape. Numbers are little-endian.
    private static func record(_ info: TensorInfo) -> [UInt8] {
        func bytes(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value.littleEndian) { Array($0) } }
        let (name, type) = (Array(info.name.utf8), Array(info.dataType.rawValue.utf8))
        return bytes(UInt32(truncatingIfNeeded: name.count)) + name + [UInt8(truncatingIfNeeded: type.count)] + type
            + bytes(UInt32(truncatingIfNeeded: info.shape.count))
            + info.shape.flatMap { bytes(UInt64(truncatingIfNeeded: $0)) }
    }
}
