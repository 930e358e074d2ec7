import Foundation
import Platform

/// Exit codes, as in sysexits.h where it has one.
enum ExitStatus: Int32, Sendable {
    case success = 0
    case failure = 1
    case usage = 64
    case badData = 65
    case noInput = 66
    case `internal` = 70
    case cannotCreate = 73
    case io = 74
    case badConfig = 78
    /// What a shell reports for a process that SIGPIPE ended: the reader of our output has seen enough.
    case brokenPipe = 141

    /// The code for a failure of this toolkit; `internal` for one that it does not know.
    init(_ error: any Error) {
        switch error {
        case let error as any CodettaError: self.init(error.kind)
        case is CocoaError: self = .io
        default: self = .internal
        }
    }

    init(_ kind: FailureKind) {
        switch kind {
        case .usage: self = .usage
        case .badData: self = .badData
        case .noInput: self = .noInput
        case .internal: self = .internal
        case .cannotCreate: self = .cannotCreate
        case .io: self = .io
        case .badConfig: self = .badConfig
        case .brokenPipe: self = .brokenPipe
        }
    }
}
