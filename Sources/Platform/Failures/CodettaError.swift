/// An error of this toolkit. Every error that a function of the toolkit throws by its own decision conforms, so that one
/// `catch let error as any CodettaError` sees them all; the enumerations behind it hold the details.
public protocol CodettaError: Error, Sendable, CustomStringConvertible {
    /// The class of the failure, coarse enough to choose what to do next or an exit code.
    var kind: FailureKind { get }
    /// One line: where, what, expected and found.
    var description: String { get }
}

/// What went wrong, in one word. Each is one exit code of the command (sysexits.h).
public enum FailureKind: String, Sendable, Hashable, Codable, CaseIterable {
    /// The call or the request makes no sense (`EX_USAGE`, 64).
    case usage
    /// The input is there, but not what it should be (`EX_DATAERR`, 65).
    case badData
    /// There is no input, or it cannot be opened (`EX_NOINPUT`, 66).
    case noInput
    /// The toolkit broke a promise to itself (`EX_SOFTWARE`, 70).
    case `internal`
    /// The output exists already or cannot be made (`EX_CANTCREAT`, 73).
    case cannotCreate
    /// Reading, writing or a connection failed half-way (`EX_IOERR`, 74).
    case io
    /// A config holds a value that no model can have (`EX_CONFIG`, 78).
    case badConfig
    /// The reader of the output went away (141, as a shell reports it).
    case brokenPipe
}

/// A stream, meter, reader or writer was used after its end. Every one of them throws this; none traps or starts anew.
public struct UsedAfterEnd: CodettaError, Equatable {
    /// What was used: a file's name, or what kind of thing it was.
    public let what: String

    package init(_ what: String) { self.what = what }

    /// `usage`.
    public var kind: FailureKind { .usage }
    /// `WHAT: used after its end`.
    public var description: String { "\(what): used after its end".escapingControls }
}

/// A call of the system that failed, where nobody said what for.
extension Errno: CodettaError {
    /// `io`.
    public var kind: FailureKind { .io }
}
