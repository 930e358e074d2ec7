import Foundation
import Platform

/// A failure together with the file that it is about.
struct FileFailure: CodettaError {
    let file: String
    let cause: any Error

    var kind: FailureKind { (cause as? any CodettaError)?.kind ?? (cause is CocoaError ? .io : .internal) }

    /// `FILE: what; hint`, naming the file once.
    var description: String {
        let what = Hint.message(cause)
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
