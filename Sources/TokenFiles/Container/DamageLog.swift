/// What a lenient reader went past. Keeps the first thousand entries, and counts all.
public struct DamageLog: Sendable, Equatable {
    /// Entries that are kept.
    public static let capacity = 1000

    /// The first flaws, in the order in which they were met.
    public private(set) var entries: [TokenStreamError] = []
    /// All flaws.
    public private(set) var count = 0

    /// Whether there was no flaw.
    public var isEmpty: Bool { count == 0 }

    mutating func record(_ error: TokenStreamError) {
        count += 1
        if entries.count < Self.capacity { entries.append(error) }
    }
}
