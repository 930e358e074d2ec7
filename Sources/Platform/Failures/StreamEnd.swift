/// Remembers whether a stream has ended, for all that is fed piece by piece: after the end every call throws `UsedAfterEnd`.
package struct StreamEnd: Sendable {
    private let what: StaticString
    /// Whether the end was reached.
    package private(set) var isReached = false

    /// - Parameter what: what kind of stream this is, for the message.
    package init(_ what: StaticString) { self.what = what }

    /// - Throws: `UsedAfterEnd` after the end.
    package func requireOpen() throws(UsedAfterEnd) {
        if isReached { throw UsedAfterEnd("\(what)") }
    }

    /// The end comes now.
    /// - Throws: `UsedAfterEnd` when it had come already.
    package mutating func reach() throws(UsedAfterEnd) {
        try requireOpen()
        isReached = true
    }
}
