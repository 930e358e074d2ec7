import Platform

/// Why token data was refused, or could not be read or written. Offsets count bytes from the start of the stream.
public enum TokenStreamError: CodettaError, Equatable {
    /// The first bytes are not the magic of a `.codetta` file.
    case notCodetta(found: [UInt8])
    /// The file has a newer major version than this reader.
    case newerVersion(major: Int, minor: Int)
    /// A critical section that this version does not know.
    case unknownSection(type: Int, offset: Int, major: Int, minor: Int)
    /// An entropy mode that this version does not know.
    case unknownEntropyMode(Int)
    /// Codes that only an entropy model can decode, which was not given.
    case missingEntropyModel(name: String, codec: String)
    /// Another entropy model than the one that the codes need.
    case otherEntropyModel(recorded: String, found: String, codec: String)
    /// Bytes that disagree with their CRC-32C.
    case checksum(part: String, offset: Int)
    /// The stream ends inside or before `part`.
    case truncated(part: String, offset: Int)
    /// A field whose value the format does not allow.
    case invalidField(part: String, field: String, found: String, expected: String, offset: Int)
    /// A section other than the next one.
    case outOfSequence(expected: Int, found: Int, offset: Int)
    /// A chunk whose frames were already read.
    case repeatedChunk(firstFrame: Int, offset: Int)
    /// Base frames that no sound chunk holds.
    case missingFrames(first: Int, count: Int)
    /// A code outside its codebook; `frame` is the base frame at which it starts.
    case codeOutOfRange(track: Int, codebook: Int, frame: Int, code: Int, size: Int)
    /// A chunk that only what was lost before it can decode.
    case lostContext(firstFrame: Int, offset: Int)
    /// Bytes after the end mark.
    case trailingBytes(offset: Int)
    /// Two parts of the file, or the file and its summary, that say different things.
    case disagreement(field: String, recorded: String, found: String, offset: Int)
    /// Several recordings one behind the other where one is needed.
    case chained
    /// A malformed or unsupported file in another format.
    case foreign(format: String, reason: String)
    /// A call that breaks a rule of the API.
    case usage(String)
    /// An input that cannot be opened.
    case noInput(path: String, reason: String)
    /// A failed read, write or seek.
    case io(operation: String, path: String, reason: String)

    /// The class of the error; a command maps it to an exit code (65, 66, 74 or 64).
    public var kind: FailureKind {
        switch self {
        case .usage: return .usage
        case .noInput, .missingEntropyModel: return .noInput
        case .io: return .io
        default: return .badData
        }
    }

    /// Where in the stream, when the error has a place.
    public var offset: Int? {
        switch self {
        case .notCodetta, .newerVersion: return 0
        case .unknownSection(_, let offset, _, _), .checksum(_, let offset), .truncated(_, let offset),
            .invalidField(_, _, _, _, let offset), .outOfSequence(_, _, let offset),
            .repeatedChunk(_, let offset), .lostContext(_, let offset), .trailingBytes(let offset), .disagreement(_, _, _, let offset):
            return offset
        default: return nil
        }
    }

    /// Whether a lenient reader may go on after it: damage, as opposed to a file that is sound but beyond this reader.
    var isDamage: Bool {
        switch self {
        case .checksum, .truncated, .invalidField, .outOfSequence, .repeatedChunk, .missingFrames, .codeOutOfRange,
            .lostContext, .trailingBytes, .disagreement:
            return true
        default: return false
        }
    }

    /// One line: where, what, expected and found.
    public var description: String { text.escapingControls }

    private var text: String {
        switch self {
        case .notCodetta(let found):
            let bytes = found.prefix(8).map { hexadecimal($0) }.joined(separator: " ")
            return "not a codetta file: starts with \(bytes.isEmpty ? "nothing" : bytes)"
        case .newerVersion(let major, let minor):
            return "format version \(major).\(minor) needs a newer codetta; this one reads up to \(PagedHeader.major).\(PagedHeader.minor)"
        case .unknownSection(let type, let offset, let major, let minor):
            return "byte \(offset): critical section of unknown type \(type) in a version \(major).\(minor) file needs a newer codetta"
        case .unknownEntropyMode(let mode):
            return "entropy mode \(mode) needs a newer codetta; this one reads modes 0 (none), 1 (adaptive) and 2 (lm)"
        case .missingEntropyModel(let name, let codec):
            return "the codes need the entropy model \(name) of \(codec), which was not found"
        case .otherEntropyModel(let recorded, let found, let codec):
            return "the codes need the entropy model \(recorded), found \(found): another \(codec) made the file"
        case .checksum(let part, let offset):
            return "byte \(offset): \(part) is damaged (CRC-32C mismatch)"
        case .truncated(let part, let offset):
            return "byte \(offset): truncated, the file ends where \(part) is due"
        case .invalidField(let part, let field, let found, let expected, let offset):
            return "byte \(offset): \(part) has \(field) \(found), expected \(expected)"
        case .outOfSequence(let expected, let found, let offset):
            return "byte \(offset): section \(found) where section \(expected) is due: sections are missing, repeated or reordered"
        case .repeatedChunk(let firstFrame, let offset):
            return "byte \(offset): the chunk at frame \(firstFrame) comes again or too late"
        case .missingFrames(let first, let count):
            return "frames \(first) to \(first + count - 1) are missing"
        case .codeOutOfRange(let track, let codebook, let frame, let code, let size):
            return "track \(track), codebook \(codebook), frame \(frame): code \(code) is outside 0..<\(size)"
        case .lostContext(let firstFrame, let offset):
            return "byte \(offset): the chunk at frame \(firstFrame) cannot be decoded without the damaged one before it"
        case .trailingBytes(let offset):
            return "byte \(offset): unexpected bytes after the end mark"
        case .disagreement(let field, let recorded, let found, let offset):
            return "byte \(offset): \(field) is recorded as \(recorded), found \(found)"
        case .chained: return "holds several recordings one behind the other, where one is needed"
        case .foreign(let format, let reason): return "\(format): \(reason)"
        case .usage(let reason): return reason
        case .noInput(let path, let reason): return "\(path): \(reason)"
        case .io(let operation, let path, let reason): return "\(path): \(operation) failed: \(reason)"
        }
    }
}
