/// Bounds the work of a lenient reader on a file made of headers within payloads: a real file has a handful when bytes were lost.
struct NestedDamage {
    /// End of the last part whose payload was damaged.
    private var end = 0
    /// How many more were since found inside it.
    private var count = 0
    private static let limit = 16

    /// Notes a damaged payload of a part that spans `range`.
    mutating func note(_ range: Range<Int>) {
        (end, count) = range.lowerBound < end ? (end, count + 1) : (range.upperBound, 0)
    }

    /// Bytes to skip from `position` before the next part is looked for: one, or what is left of a part that is given up.
    func skip(from position: Int) -> Int { count > Self.limit && end > position ? end - position : 1 }
}
