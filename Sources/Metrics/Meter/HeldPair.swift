/// Aligned signals held in parts of a bounded length, for measures that look at more than a block at a time.
struct HeldPair: Sendable {
    /// As many samples of both signals.
    typealias Part = (reference: [Float], degraded: [Float])

    /// Samples of a full part.
    let partLength: Int
    private var held: Part = ([], [])

    init(partLength: Int) { self.partLength = partLength }

    /// Takes as many samples of both signals and gives the parts that they fill.
    mutating func push(reference r: [Float], degraded d: [Float]) -> [Part] {
        var parts: [Part] = []
        var start = 0
        while start < r.count {
            let end = min(r.count, start + partLength - held.reference.count)
            held.reference += r[start..<end]
            held.degraded += d[start..<end]
            if held.reference.count == partLength { parts.append(takeRest()) }
            start = end
        }
        return parts
    }

    /// What does not fill a part, which may be nothing.
    mutating func takeRest() -> Part {
        defer { held = ([], []) }
        return held
    }
}
