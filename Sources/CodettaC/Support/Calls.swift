import Audio
import CCodetta
import Platform
import Spectral

#if Standalone
import CLateLibraries
#endif

/// Runs the body of a function of the C library and turns what it throws into a status and the thread's message.
func call(_ body: () throws -> Void) -> codetta_status {
    do {
        try body()
        return CODETTA_OK
    } catch {
        return report(error)
    }
}

/// As `call`, for functions that write to files, which may be pipes.
func callWriting(_ body: () throws -> Void) -> codetta_status {
    var signals = cc_hold_pipe_signal()
    defer { cc_restore_signals(&signals) }
    return call(body)
}

private func report(_ error: any Error) -> codetta_status {
    let error = MissingLibrary.behind(error) ?? error
    let text = (error as? any CodettaError)?.description ?? "\(error)".escapingControls
    cc_set_message(text)
    switch error {
    case is Cancelled: return CODETTA_CANCELLED
    case let error as any CodettaError: return codetta_status(error.kind)
    default: return CODETTA_INTERNAL
    }
}

extension codetta_status {
    init(_ kind: FailureKind) {
        switch kind {
        case .usage: self = CODETTA_USAGE
        case .badData: self = CODETTA_BAD_DATA
        case .noInput: self = CODETTA_NO_INPUT
        case .internal: self = CODETTA_INTERNAL
        case .cannotCreate: self = CODETTA_CANNOT_CREATE
        case .io: self = CODETTA_IO
        case .badConfig: self = CODETTA_BAD_CONFIG
        case .brokenPipe: self = CODETTA_BROKEN_PIPE
        }
    }
}

/// The cancel flag of a call was set.
struct Cancelled: CodettaError {
    /// Of no exit code but that of an interrupted program.
    var kind: FailureKind { .usage }
    var description: String { "cancelled" }
}

/// A failure together with the file or the item that it is about.
struct NamedFailure: CodettaError {
    let name: String
    let cause: any CodettaError

    var kind: FailureKind { cause.kind }
    /// `NAME: what`, naming it once.
    var description: String { cause.description.hasPrefix(name + ": ") ? cause.description : "\(name): \(cause.description)" }
}

/// Runs `body`, naming a file or an item in what it throws.
func naming<Result>(_ name: String, _ body: () throws -> Result) throws -> Result {
    do {
        return try body()
    } catch let error as Cancelled {
        throw error
    } catch let error as any CodettaError {
        throw NamedFailure(name: name, cause: MissingLibrary.behind(error) ?? error)
    }
}

/// A library that the call needs is not installed.
struct MissingLibrary: CodettaError {
    /// Which one.
    let description: String
    var kind: FailureKind { .noInput }

    /// What is missing where that is behind `error`.
    static func behind(_ error: any Error) -> MissingLibrary? {
        #if Standalone
        let suspects: [(library: cl_library, reason: String)]
        switch error {
        case AudioError.notAudio(_, let reason), AudioError.unsupportedOutput(_, let reason):
            suspects = [(CL_SNDFILE, reason), (CL_MPG123, reason)]
        case AudioError.resampler(let reason): suspects = [(CL_SOXR, reason)]
        case SpectralError.planFailed: suspects = [(CL_KISSFFT, "")]
        default: return nil
        }
        for (library, reason) in suspects {
            guard let missing = cl_missing(library).map({ String(cString: $0) }), reason.isEmpty || reason.hasSuffix(missing) else { continue }
            return MissingLibrary(description: missing)
        }
        #endif
        return nil
    }
}
