import Platform
import Tokens

/// Codes as named arrays: `codes` [tracks, K, T], or `codes_0` [tracks, T₀], `codes_1` … where codebooks have their own rates, as
/// int32; of codes in segments, `segment_frames` (int32) and `segment_scales` (float32) [tracks, segments], and where tracks have
/// different numbers of them `segment_counts` (int32) [tracks], behind which rows are zeros. Beside them a `TokenRecord`, which may be missing in files of other programs.
///
/// Here as a NumPy `.npz` archive, in which the record is the array of bytes `metadata`.
public struct TokenArrays: Sendable, Equatable {
    /// One entry per track.
    public var tracks: [Codes]
    /// Nil if the file does not say which codec made the codes.
    public var record: TokenRecord?

    /// Nothing is checked before it is encoded.
    public init(tracks: [Codes], record: TokenRecord?) {
        self.tracks = tracks
        self.record = record
    }

    /// The named arrays of codes and segments, with their shapes.
    /// - Throws: `TokenStreamError.usage` for tracks of different lengths.
    public func arrays() throws(TokenStreamError) -> [TokenArray] {
        guard let first = tracks.first,
            tracks.allSatisfy({ $0.streams.map(\.count) == first.streams.map(\.count) })
        else { throw TokenStreamError.usage("arrays need tracks of one length; write JSON or .codetta instead") }
        var arrays: [TokenArray] = []
        if Set(first.streams.map(\.count)).count == 1 {
            let shape = [tracks.count, first.codebookCount, first.streams[0].count]
            arrays.append(TokenArray(name: "codes", shape: shape, content: .integers(tracks.flatMap { $0.streams.flatMap { $0 } })))
        } else {
            for k in first.streams.indices {
                let shape = [tracks.count, first.streams[k].count]
                arrays.append(TokenArray(name: "codes_\(k)", shape: shape, content: .integers(tracks.flatMap { $0.streams[k] })))
            }
        }
        return arrays + segmentArrays()
    }

    private func segmentArrays() -> [TokenArray] {
        let counts = tracks.map(\.segments.count)
        guard let most = counts.max(), most > 0 else { return [] }
        let shape = [tracks.count, most]
        let segments = tracks.flatMap { track in
            track.segments + Array(repeating: CodeSegment(frame: 0, scale: 0), count: most - track.segments.count)
        }
        var arrays: [TokenArray] = []
        if Set(counts).count > 1 {
            arrays.append(TokenArray(name: "segment_counts", shape: [tracks.count], content: .integers(counts.map { Int32(truncatingIfNeeded: $0) })))
        }
        let frames = segments.map { Int32(truncatingIfNeeded: $0.frame) }
        arrays.append(TokenArray(name: "segment_frames", shape: shape, content: .integers(frames)))
        arrays.append(TokenArray(name: "segment_scales", shape: shape, content: .floats(segments.map(\.scale))))
        return arrays
    }

    /// The codes in arrays of these names; others are left alone.
    /// - Parameters:
    ///   - format: of the file, for messages.
    ///   - array: the array of a name, nil if there is none. Its content fills its shape.
    /// - Throws: `TokenStreamError.foreign` for arrays that are no codes, and what `array` throws.
    public init(record: TokenRecord?, format: String, array: (String) throws -> TokenArray?) throws {
        func refusal(_ reason: String) -> TokenStreamError { .foreign(format: format, reason: reason) }
        self.init(tracks: [], record: record)
        if let codes = try array("codes") {
            guard case .integers(let values) = codes.content, (2...3).contains(codes.shape.count) else {
                throw refusal("codes is not an array of integers [K, T] or [tracks, K, T]")
            }
            let shape = codes.shape.count == 2 ? [1] + codes.shape : codes.shape
            try Self.check(values, tracks: shape[0], codebooks: shape[1], refusal)
            tracks = (0..<shape[0]).map { track in
                Codes(streams: (0..<shape[1]).map { k in
                    Array(values[(track * shape[1] + k) * shape[2]..<(track * shape[1] + k + 1) * shape[2]])
                })
            }
        } else {
            while let codes = try array("codes_\(tracks.first?.codebookCount ?? 0)") {
                guard case .integers(let values) = codes.content, codes.shape.count == 2,
                    tracks.isEmpty || codes.shape[0] == tracks.count
                else { throw refusal("\(codes.name) is not an array of integers [tracks, T]") }
                try Self.check(values, tracks: codes.shape[0], codebooks: (tracks.first?.codebookCount ?? 0) + 1, refusal)
                if tracks.isEmpty { tracks = (0..<codes.shape[0]).map { _ in Codes(codebooks: 0) } }
                let time = codes.shape[1]
                for track in tracks.indices { tracks[track].streams.append(Array(values[track * time..<(track + 1) * time])) }
            }
        }
        guard !tracks.isEmpty else { throw refusal("has neither an array codes nor codes_0, codes_1 …") }
        try addSegments(try array("segment_frames"), try array("segment_scales"), counts: try array("segment_counts"), refusal)
    }

    private static func check(
        _ values: [Int32], tracks: Int, codebooks: Int, _ refusal: (String) -> TokenStreamError
    ) throws(TokenStreamError) {
        guard FormatLimits.trackCount.contains(tracks), FormatLimits.codebookCount.contains(codebooks) else {
            throw refusal("codes of \(tracks) track(s) and \(codebooks) codebook(s)")
        }
        if let bad = values.first(where: { $0 < 0 }) { throw refusal("the code \(bad) is negative") }
    }

    private mutating func addSegments(
        _ frames: TokenArray?, _ scales: TokenArray?, counts: TokenArray?, _ refusal: (String) -> TokenStreamError
    ) throws(TokenStreamError) {
        guard frames != nil || scales != nil || counts != nil else { return }
        guard let frames, let scales, case .integers(let starts) = frames.content, case .floats(let values) = scales.content,
            frames.shape == scales.shape, frames.shape.count == 2, frames.shape[0] == tracks.count
        else { throw refusal("segment_frames and segment_scales are not arrays of integers and floats [tracks, segments]") }
        let most = frames.shape[1]
        var used = tracks.map { _ in most }
        if let counts {
            guard case .integers(let values) = counts.content, counts.shape == [tracks.count],
                values.allSatisfy({ (0...most).contains(Int($0)) })
            else { throw refusal("segment_counts is not an array of integers [tracks], each 0 to \(most)") }
            used = values.map { Int($0) }
        }
        for track in tracks.indices {
            tracks[track].segments = (track * most..<track * most + used[track]).map {
                CodeSegment(frame: Int(starts[$0]), scale: values[$0])
            }
        }
    }

    // MARK: NumPy

    /// The `.npz` archive, not compressed.
    /// - Throws: as `arrays()`.
    public func npz() throws -> [UInt8] {
        var members: [(name: String, bytes: [UInt8])] = []
        for array in try arrays() {
            switch array.content {
            case .integers(let values): members.append(("\(array.name).npy", Self.npy("<i4", array.shape, values)))
            case .floats(let values): members.append(("\(array.name).npy", Self.npy("<f4", array.shape, values.map(\.bitPattern))))
            }
        }
        if let record {
            let text = try record.encode()
            members.append(("metadata.npy", Self.npy("|u1", [text.count], text)))
        }
        return try StoredZip.encode(members)
    }

    private static func npy(_ type: String, _ shape: [Int], _ values: [some FixedWidthInteger]) -> [UInt8] {
        var fields = FieldWriter()
        NumPyCodes.putHeader(&fields, type: type, shape: shape)
        for value in values { fields.put(value) }
        return fields.bytes
    }

    /// Reads a `.npz` archive.
    /// - Throws: `TokenStreamError.foreign` for other files, damage, and arrays that are no codes.
    public init(npz bytes: [UInt8]) throws {
        let members = try StoredZip.decode(bytes)
        let record = try members["metadata.npy"].map { try TokenRecord.decode(Array(try Self.text($0)), format: "npz") }
        try self.init(record: record, format: "npz") { name in
            try members["\(name).npy"].map { try Self.array(name, $0) }
        }
    }

    private static func text(_ member: ArraySlice<UInt8>) throws(TokenStreamError) -> ArraySlice<UInt8> {
        var data = member
        let header = try NumPyHeader(prefix: &data)
        guard header.element == .init(isBigEndian: false, isFloat: false, isSigned: false, byteCount: 1), header.shape == [data.count]
        else { throw .foreign(format: "npz", reason: "metadata is not an array of bytes") }
        return data
    }

    private static func array(_ name: String, _ member: ArraySlice<UInt8>) throws(TokenStreamError) -> TokenArray {
        var data = member
        let header = try NumPyHeader(prefix: &data)
        guard let count = try? CheckedSize.elements(header.shape, bytesPerElement: header.element.byteCount),
            count * header.element.byteCount == data.count, header.shape.count <= 3, count > 0 || header.shape.max() ?? 0 <= 65_535
        else { throw .foreign(format: "npz", reason: "\(name) of shape \(header.shape) does not fill \(data.count) bytes") }
        func rowMajor<Value>(_ values: [Value]) -> [Value] {
            NumPyValues.rowMajor(values, shape: header.shape, isFortranOrder: header.isFortranOrder)
        }
        let content: TokenArray.Content = header.element.isFloat
            ? .floats(rowMajor(NumPyValues.floats(data, header.element)))
            : .integers(rowMajor(try NumPyValues.integers(data, header.element, format: "npz")))
        return TokenArray(name: name, shape: header.shape, content: content)
    }
}

/// A named array as a file holds it.
public struct TokenArray: Sendable, Equatable {
    /// The values of an array, in row-major order.
    public enum Content: Sendable, Equatable {
        /// Integers of any width in the file, here 32 bits.
        case integers([Int32])
        /// Single-precision numbers.
        case floats([Float])
    }
    /// Name in the archive, without a file extension.
    public var name: String
    /// Sizes of the dimensions, the slowest first.
    public var shape: [Int]
    /// Row-major, as many as the product of `shape`.
    public var content: Content

    /// Nothing is checked.
    public init(name: String, shape: [Int], content: Content) {
        self.name = name
        self.shape = shape
        self.content = content
    }
}
