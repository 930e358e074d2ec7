import Tokens

/// The `.dac` files of descript-audio-codec (`dac.model.base.DACFile`): what `numpy.save` makes of a Python dict with the array
/// `codes` [tracks, K, T] and the dict `metadata`, which is a pickle inside an array of one object.
///
/// Recordings longer than its `win_duration` the reference codes in windows of `chunk_length` frames, one after the other in `codes`:
/// `padding` is then false, and the windows are the segments of the codes, all of level 1.
///
/// Only such a pickle is understood, and nothing in it is run.
public struct DACTokens: Sendable, Equatable {
    /// One entry per channel: the model is mono.
    public var tracks: [Codes]
    /// Samples per channel of the original audio, at `sampleRate`.
    public var samples: Int
    /// Of the original audio, in Hz. The file does not say the model's.
    public var sampleRate: Int
    /// The loudness in LUFS to which the reference raises or lowers what it decodes.
    public var loudness: Float

    /// The loudness at which the reference codes all audio.
    public static let codedLoudness: Float = -16

    /// Checked when it is encoded.
    public init(tracks: [Codes], samples: Int, sampleRate: Int, loudness: Float = codedLoudness) {
        self.tracks = tracks
        self.samples = samples
        self.sampleRate = sampleRate
        self.loudness = loudness
    }

    /// The codes of a document of a DAC model. Its loudness is unknown: the reference's own, at which it codes, stands for it.
    /// - Throws: `TokenStreamError.foreign` for the codes of another codec; as `ContainerWriter` for an unsound document.
    public init(_ document: EncodedAudio) throws {
        try document.validate()
        let header = document.header
        guard header.modelType == Self.modelType, header.channels == 1 else {
            throw Self.refusal("holds codes of DAC, not of \(header.codecName) (\(header.modelType))")
        }
        self.init(tracks: document.tracks, samples: document.samples, sampleRate: header.original.sampleRate)
    }

    /// The codec family whose codes these are.
    public static let modelType = "dac"
    private static let version = "1.0.0"

    /// Whether `beginning` starts a `.npy` file of objects, as `.dac` files are, and not of numbers.
    public static func isObjectArray(_ beginning: [UInt8]) -> Bool {
        var bytes = beginning[...]
        guard let text = try? NumPyHeader.takeText(&bytes) else { return false }
        return text.indices.contains { text[$0...].starts(with: "'|O'".utf8) }
    }

    private static func refusal(_ reason: String) -> TokenStreamError { .foreign(format: "dac", reason: reason) }

    // MARK: Reading

    /// Reads a file.
    /// - Throws: `TokenStreamError.foreign` for any other object, and for windows that do not cover the codes exactly.
    public init(_ bytes: [UInt8]) throws(TokenStreamError) {
        var rest = bytes[...]
        let text = String(decoding: try NumPyHeader.takeText(&rest), as: UTF8.self).filter { $0 != " " && $0 != "\n" }
        guard text == "{'descr':'|O','fortran_order':False,'shape':(),}" else {
            throw Self.refusal("an array of more than one object, expected a dict; no other pickle is read")
        }
        var pickle = PickleReader(rest)
        guard let items = PickledArray.objects(try pickle.read()), items.count == 1, case .dict(let file) = items[0],
            let codes = Self.value("codes", file).flatMap(PickledArray.init), case .dict(let metadata) = Self.value("metadata", file)
        else { throw Self.refusal("not a dict with an array codes and a dict metadata; no other pickle is read") }
        guard case .text(let version) = Self.value("dac_version", metadata), version == Self.version else {
            throw Self.refusal("dac_version is not \(Self.version)")
        }
        guard case .bool(let isWhole) = Self.value("padding", metadata) else { throw Self.refusal("padding is missing") }
        samples = try Self.integer("original_length", metadata, in: FormatLimits.sampleCount)
        sampleRate = try Self.integer("sample_rate", metadata, in: FormatLimits.sampleRate)
        loudness = try Self.loudness(metadata)
        let channels = try Self.integer("channels", metadata, in: FormatLimits.trackCount)
        let chunkLength = try Self.integer("chunk_length", metadata, in: isWhole ? 0...Int(Int32.max) : 1...Int(Int32.max))
        guard codes.shape.count == 3, !codes.element.isFloat, codes.shape[0] == channels,
            FormatLimits.codebookCount.contains(codes.shape[1])
        else {
            throw Self.refusal("codes are of shape \(codes.shape), expected integers [\(channels) channel(s), codebooks, frames]")
        }
        let frames = codes.shape[2]
        guard isWhole ? chunkLength == frames : frames % chunkLength == 0 else {
            throw Self.refusal("chunk_length is \(chunkLength), expected \(isWhole ? "" : "a divisor of ")the \(frames) frames")
        }
        tracks = try NumPyCodes.tracks(
            codes.data, codes.element, shape: codes.shape, isFortranOrder: codes.isFortranOrder, format: "dac")
        let windows = isWhole ? [] : Self.windows(of: chunkLength, frames: frames)
        for track in tracks.indices { tracks[track].segments = windows }
    }

    /// The windows of `length` ≥ 1 frames that `frames` consist of.
    private static func windows(of length: Int, frames: Int) -> [CodeSegment] {
        stride(from: 0, to: frames, by: length).map { CodeSegment(frame: $0, scale: 1) }
    }

    private static func value(_ name: String, _ dict: [(key: PickledValue, value: PickledValue)]) -> PickledValue? {
        dict.first { if case .text(name) = $0.key { true } else { false } }?.value
    }

    private static func integer(
        _ name: String, _ dict: [(key: PickledValue, value: PickledValue)], in range: ClosedRange<Int>
    ) throws(TokenStreamError) -> Int {
        guard case .int(let value) = value(name, dict), range.contains(value) else {
            throw refusal("\(name) is missing or not a whole number of \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    /// `input_db`, an array of one float.
    private static func loudness(_ dict: [(key: PickledValue, value: PickledValue)]) throws(TokenStreamError) -> Float {
        guard let array = value("input_db", dict).flatMap(PickledArray.init), array.element.isFloat, array.element.byteCount == 4,
            array.data.count == 4
        else { throw refusal("input_db is missing or not an array of one float32") }
        let bytes = array.element.isBigEndian ? Array(array.data) : array.data.reversed()
        return Float(bitPattern: bytes.reduce(0) { $0 << 8 | UInt32($1) })
    }

    // MARK: Writing

    /// The file, which `numpy.load` reads in any version of NumPy.
    /// - Throws: `TokenStreamError.foreign` for codes that the format has no place for.
    public func encode() throws(TokenStreamError) -> [UInt8] {
        let (codebooks, frames) = (tracks.first?.codebookCount ?? 0, tracks.first?.streams.first?.count ?? 0)
        guard frames > 0, tracks.allSatisfy({ $0.codebookCount == codebooks && $0.streams.allSatisfy { $0.count == frames } }) else {
            throw Self.refusal("cannot hold a recording without samples, nor codebooks of several rates")
        }
        let codes = tracks.flatMap { $0.streams.flatMap { $0 } }
        guard codes.allSatisfy({ (0...65_535).contains($0) }) else { throw Self.refusal("holds codes below 65536") }
        let windowLength = try windowLength(frames: frames)
        var fields = FieldWriter()
        fields.put(bytes: NumPyCodes.magic + [1, 0])
        let header = "{'descr': '|O', 'fortran_order': False, 'shape': (), }"
        let padded = header + String(repeating: " ", count: 127 - 10 - header.utf8.count) + "\n"
        fields.put(UInt16(padded.utf8.count))
        fields.put(bytes: padded.utf8)
        var pickle = PickleWriter()
        pickle.array(type: "O8", order: "|", shape: []) { pickle in
            pickle.list { pickle in
                pickle.dict { pickle in
                    pickle.text("codes")
                    pickle.array(type: "u2", order: "<", shape: [tracks.count, codebooks, frames]) { pickle in
                        pickle.bytes(codes.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] })
                    }
                    pickle.text("metadata")
                    pickle.dict { putMetadata(&$0, chunkLength: windowLength ?? frames, isWhole: windowLength == nil) }
                }
            }
        }
        fields.put(bytes: pickle.finish())
        return fields.bytes
    }

    /// Frames of a window; nil if the codes are coded as a whole.
    private func windowLength(frames: Int) throws(TokenStreamError) -> Int? {
        guard tracks.contains(where: { !$0.segments.isEmpty }) else { return nil }
        let length = tracks[0].segments.dropFirst().first?.frame ?? frames
        guard length > 0, frames % length == 0 else { throw Self.refusal("holds windows of one length") }
        let windows = Self.windows(of: length, frames: frames)
        guard tracks.allSatisfy({ $0.segments == windows }) else {
            throw Self.refusal("holds segments only as windows of one length, all of level 1 and the same in all tracks")
        }
        return length
    }

    /// In the order of the reference.
    private func putMetadata(_ pickle: inout PickleWriter, chunkLength: Int, isWhole: Bool) {
        pickle.text("input_db")
        let bits = loudness.bitPattern
        pickle.array(type: "f4", order: "<", shape: [1]) { pickle in
            pickle.bytes((0..<4).map { UInt8(truncatingIfNeeded: bits >> (8 * UInt32($0))) })
        }
        for (name, value) in [
            ("original_length", samples), ("sample_rate", sampleRate), ("chunk_length", chunkLength), ("channels", tracks.count),
        ] {
            pickle.text(name)
            pickle.integer(value)
        }
        pickle.text("padding")
        pickle.bool(isWhole)
        pickle.text("dac_version")
        pickle.text(Self.version)
    }
}
