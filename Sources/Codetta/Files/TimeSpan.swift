/// A span of time in a recording.
public struct TimeSpan: Sendable, Hashable {
    /// Seconds from the beginning.
    public var start: Double
    /// Seconds from the beginning; nil: to the end of the recording.
    public var end: Double?

    /// Everything by default. Nothing is checked.
    public init(start: Double = 0, seconds: Double? = nil) {
        self.start = start
        end = seconds.map { start + $0 }
    }

    /// Nil unless both times are finite, not negative and in order.
    public init?(from start: Double, to end: Double? = nil) {
        guard start.isFinite, start >= 0, end.map({ $0.isFinite && $0 > start }) ?? true else { return nil }
        (self.start, self.end) = (start, end)
    }

    /// Reads a time such as `62.5`, `1:02.5` or `1:00:02.5`, in seconds; nil for anything else.
    public static func seconds(_ text: String) -> Double? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard (1...3).contains(parts.count) else { return nil }
        var seconds = 0.0
        for (index, part) in parts.enumerated() {
            // Only the last part has decimals, and only the first may go beyond 59. No signs, exponents or names of numbers.
            guard part.allSatisfy({ $0.isASCII && ($0.isNumber || ($0 == "." && index == parts.count - 1)) }), let value = Double(part),
                index == 0 || value < 60
            else { return nil }
            seconds = seconds * 60 + value
        }
        return seconds
    }

    /// The units, of which there are `rate` per second, that the span covers, on an axis that begins `origin` seconds later.
    public func range(rate: Double, origin: Double = 0) -> Range<Int> {
        let first = Self.count((start - origin) * rate)
        guard let end else { return first..<Int.max }
        return first..<max(first, Self.count((end - origin) * rate))
    }

    private static func count(_ value: Double) -> Int { value < 1e15 ? max(0, Int(value.rounded())) : 1_000_000_000_000_000 }
}
