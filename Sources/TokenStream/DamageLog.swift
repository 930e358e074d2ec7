/// What a lenient reader went past. Keeps the first thousand entries, and counts all.
public struct DamageLog: Sendable, Equatable {
    public static let capacity = 1000

    public private(set) var entries: [TokenStreamError] = []
    public private(set) var count = 0

    public var isEmpty: Bool { count == 0 }

    mutating func record(_ error: TokenStreamError) {
        count += 1
        if entries.count < Self.capacity { entries.append(error) }
    }
}
