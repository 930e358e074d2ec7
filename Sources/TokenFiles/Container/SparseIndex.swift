/// Every `spacing`-th place that is added. The spacing is the least power of two that keeps the index within `FormatLimits.indexEntries`, so that
/// neither the file nor the memory for it grows without bound.
struct SparseIndex<Entry: Equatable>: Equatable {
    private(set) var spacing = 1
    private(set) var entries: [Entry] = []
    private var count = 0

    init() {}

    /// The index of `count` places, as it was read and checked.
    init(spacing: Int, entries: [Entry], count: Int) { (self.spacing, self.entries, self.count) = (spacing, entries, count) }

    mutating func add(_ entry: Entry) {
        if count % spacing == 0 {
            entries.append(entry)
            if entries.count > FormatLimits.indexEntries {
                entries = stride(from: 0, to: entries.count, by: 2).map { entries[$0] }
                spacing *= 2
            }
        }
        count += 1
    }
}
