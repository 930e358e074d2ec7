import ArgumentParser
import Codetta
import Evaluation
import Foundation
import Hub
import Platform
import Plots

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
        case let error as FileFailure: self.init(error.cause)
        case let error as PipelineError: self.init(error.kind)
        case let error as AudioError: self.init(error)
        case let error as TokenStreamError: self.init(error.kind)
        case let error as CheckpointError: self.init(error.kind)
        case let error as CodecError: self.init(error.kind)
        case let error as EvaluationError: self.init(error.kind)
        case let error as TokenLMError: self.init(error)
        case let error as HubError: self.init(error.kind)
        case is UnsoundFile, is QuantizerError, is SizeError, is MetricsError, is PlotError, is SpectralError: self = .badData
        case is CocoaError: self = .io
        default: self = .internal
        }
    }

    private init(_ kind: PipelineError.Kind) {
        switch kind {
        case .noInput: self = .noInput
        case .badData: self = .badData
        case .usage: self = .usage
        case .cannotCreate: self = .cannotCreate
        case .io: self = .io
        case .brokenPipe: self = .brokenPipe
        case .internal: self = .internal
        }
    }

    private init(_ error: TokenLMError) {
        switch error {
        case .codes: self = .badData
        case .option, .condition, .kind: self = .usage
        }
    }

    private init(_ kind: HubError.Kind) {
        switch kind {
        case .usage: self = .usage
        case .noInput: self = .noInput
        case .badData: self = .badData
        case .cannotCreate: self = .cannotCreate
        case .io: self = .io
        }
    }

    private init(_ kind: EvaluationError.Kind) {
        switch kind {
        case .badData: self = .badData
        case .usage: self = .usage
        case .noInput: self = .noInput
        case .cannotCreate: self = .cannotCreate
        case .io: self = .io
        }
    }

    private init(_ error: AudioError) {
        if case .brokenPipe = error {
            self = .brokenPipe
            return
        }
        switch error.kind {
        case .noInput: self = .noInput
        case .badData: self = .badData
        case .cannotCreate: self = .cannotCreate
        case .io: self = .io
        case .usage: self = .usage
        case .internal: self = .internal
        }
    }

    private init(_ kind: TokenStreamError.Kind) {
        switch kind {
        case .badData: self = .badData
        case .noInput: self = .noInput
        case .io: self = .io
        case .usage: self = .usage
        }
    }

    private init(_ kind: CheckpointError.Kind) {
        switch kind {
        case .badData: self = .badData
        case .badConfig: self = .badConfig
        case .noInput: self = .noInput
        case .io: self = .io
        }
    }

    private init(_ kind: CodecError.Kind) {
        switch kind {
        case .usage: self = .usage
        case .badData: self = .badData
        case .badConfig: self = .badConfig
        }
    }
}

/// A failure together with the file that it is about.
struct FileFailure: Error, CustomStringConvertible {
    let file: String
    let cause: any Error

    /// `FILE: what`, naming the file once.
    var description: String {
        let what = "\(cause)"
        return what.hasPrefix(file + ": ") ? what : "\(file): \(what)"
    }

    /// Runs `body`, naming `file` in what it throws.
    static func naming<R>(_ file: String, _ body: () throws -> R) throws -> R {
        do {
            return try body()
        } catch let error as FileFailure {
            throw error
        } catch {
            throw FileFailure(file: file, cause: error)
        }
    }
}
