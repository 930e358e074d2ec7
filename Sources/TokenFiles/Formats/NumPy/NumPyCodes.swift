import Tokens

/// Codes as a NumPy `.npy` file: an integer array `[K, T]`, or `[tracks, K, T]`. There is no room for metadata.
///
/// Format: numpy.lib.format, versions 1.0 to 3.0.
public enum NumPyCodes {
    static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
    /// A header that describes an array of integers is far shorter.
    static let headerLimit = 65535

    /// Little-endian int32, `[K, T]` for one track and `[tracks, K, T]` for more.
    /// - Throws: `TokenStreamError.usage` when the streams differ in length or come in segments, which an array cannot hold.
    public static func encode(_ tracks: [Codes]) throws(TokenStreamError) -> [UInt8] {
        guard tracks.allSatisfy(\.segments.isEmpty) else {
            throw .usage("a .npy array has no place for the scales of segments; write .npz or .codetta instead")
        }
        let lengths = Set(tracks.flatMap { $0.streams.map(\.count) })
        let counts = Set(tracks.map(\.codebookCount))
        guard lengths.count == 1, counts.count == 1, let time = lengths.first, let codebooks = counts.first else {
            throw .usage(
                "a .npy array needs streams of one length, got lengths \(lengths.sorted()); write .npz or .codetta instead")
        }
        var fields = FieldWriter()
        putHeader(&fields, type: "<i4", shape: (tracks.count == 1 ? [] : [tracks.count]) + [codebooks, time])
        for track in tracks {
            for stream in track.streams {
                for code in stream { fields.put(code) }
            }
        }
        return fields.bytes
    }

    /// Puts the header of a C-ordered array, padded so that the data is aligned to 64 bytes.
    static func putHeader(_ fields: inout FieldWriter, type: String, shape: [Int]) {
        let sizes = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
        var header = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(sizes)), }"
        let unpadded = magic.count + 4 + header.utf8.count + 1
        header += String(repeating: " ", count: (64 - unpadded % 64) % 64) + "\n"
        fields.put(bytes: magic + [1, 0])
        fields.put(UInt16(header.utf8.count))
        fields.put(bytes: header.utf8)
    }

    /// The codes in `bytes`, one entry per track.
    /// - Throws: `TokenStreamError.foreign` for anything but a whole `.npy` file of a two- or three-dimensional integer array with
    ///   values in 0..<2³¹. Object arrays, which hold pickles, are refused by name.
    public static func decode(_ bytes: [UInt8]) throws(TokenStreamError) -> [Codes] {
        var reader = bytes[...]
        let description = try NumPyHeader(reading: &reader)
        return try tracks(reader, description.element, shape: description.shape, isFortranOrder: description.isFortranOrder, format: "npy")
    }

    /// The codes in the data of an array `[K, T]` or `[tracks, K, T]` of integers, which fill it.
    /// - Throws: `TokenStreamError.foreign` for values outside 0..<2³¹.
    static func tracks(
        _ data: ArraySlice<UInt8>, _ element: NumPyHeader.Element, shape: [Int], isFortranOrder: Bool, format: String
    ) throws(TokenStreamError) -> [Codes] {
        let values = try NumPyValues.rowMajor(
            NumPyValues.integers(data, element, format: format), shape: shape, isFortranOrder: isFortranOrder)
        let shape = shape.count == 2 ? [1] + shape : shape
        let (tracks, codebooks, time) = (shape[0], shape[1], shape[2])
        return (0..<tracks).map { track in
            Codes(
                streams: (0..<codebooks).map { k in
                    let start = (track * codebooks + k) * time
                    return Array(values[start..<start + time])
                })
        }
    }
}
