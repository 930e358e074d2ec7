import Platform

/// What an evaluation cannot be made with or read from. Descriptions are one line and do not name the file.
public enum EvaluationError: CodettaError, Equatable {
    // Documents and journals.
    /// A document of another layout.
    case unknownSchema(String)
    /// A document that is not what its schema says.
    case malformed(String)
    /// A journal with a line that cannot be read, which starts at byte `offset`.
    case damagedJournal(offset: Int)
    /// A journal of a run that was asked for something else.
    case otherSettings(String)
    /// A journal that a new run would overwrite.
    case unfinished

    // Requests.
    /// A peer codec that no one here knows, and those that are known.
    case unknownPeer(String, known: [String])
    /// A setting that the peer codec does not have, and what it takes.
    case badSetting(peer: String, setting: String, expected: String)
    /// A scorer's command that cannot be taken apart.
    case badCommand(String, reason: String)
    /// The same codec at the same setting twice; its `id`.
    case sameSystem(String)

    // Clips.
    /// A recording without samples.
    case emptyClip
    /// A recording with more samples, over all channels, than a clip may have.
    case clipTooLong(samples: Int, limit: Int)

    // External programs.
    /// A program that is not installed, and the package that has it.
    case missingProgram(String, package: String?)
    /// Lyra's model is not installed.
    case missingLyra
    /// A program that did not do its work, and how that showed.
    case programFailed(String, reason: String)
    /// What a program wrote is not the stream that it should be.
    case malformedStream(String)

    /// The class of the failure.
    public var kind: FailureKind {
        switch self {
        case .unknownSchema, .malformed, .damagedJournal, .emptyClip, .clipTooLong, .malformedStream: return .badData
        case .otherSettings, .unfinished: return .cannotCreate
        case .unknownPeer, .badSetting, .badCommand, .sameSystem: return .usage
        case .missingProgram, .missingLyra: return .noInput
        case .programFailed: return .io
        }
    }

    /// What is wrong, on one line.
    public var description: String { text.escapingControls }

    private var text: String {
        switch self {
        case .unknownSchema(let found):
            return "is of schema \"\(found)\", this version reads \"\(EvaluationResults.schemaName)\"; use the version that made it"
        case .malformed(let reason): return "not a sound evaluation: \(reason)"
        case .damagedJournal(let offset): return "not a sound evaluation: the journal's line at byte \(offset) is damaged"
        case .otherSettings(let difference):
            return "is of a run with other \(difference)"
        case .unfinished: return "is of an unfinished run"
        case .unknownPeer(let name, let known):
            return "unknown peer \"\(name)\"; known: \(known.joined(separator: ", "))"
        case .badSetting(let peer, let setting, let expected):
            return "\(peer): setting \"\(setting)\" is not \(expected)"
        case .badCommand(let command, let reason): return "command \"\(command)\": \(reason)"
        case .sameSystem(let id): return "\(id) is asked for twice"
        case .emptyClip: return "holds no samples"
        case .clipTooLong(let samples, let limit):
            return "has \(samples) samples over all channels, clips may have \(limit); cut it into clips"
        case .missingProgram(let name, let package):
            return "\(name) is not installed" + (package.map { "; the package \($0) has it" } ?? "")
        case .missingLyra:
            return "the model lyra-v2 is not installed; Tools/convert/lyra.py makes it, CODETTA_LYRA_MODEL may name its folder"
        case .programFailed(let name, let reason): return "\(name) \(reason)"
        case .malformedStream(let reason): return reason
        }
    }
}
