import Checkpoints

/// Refuses what no model of a family has in its config, naming the field, before anything is sized by it.
struct ConfigCheck<Field: CodingKey> {
    let file: String

    func invalid(_ field: Field, _ reason: String) -> CheckpointError {
        .invalidConfig(field: field.stringValue, reason: reason, file: file)
    }

    /// - Throws: `CheckpointError.invalidConfig` unless every value is in `range`.
    func require(_ field: Field, _ values: [Int], in range: ClosedRange<Int>) throws(CheckpointError) {
        guard let value = values.first(where: { !range.contains($0) }) else { return }
        throw invalid(field, "holds \(value), expected \(range.lowerBound)...\(range.upperBound)")
    }

    /// - Throws: `CheckpointError.invalidConfig` unless there are as many entries as `range` allows.
    func requireCount(_ field: Field, _ count: Int, in range: ClosedRange<Int>) throws(CheckpointError) {
        guard !range.contains(count) else { return }
        throw invalid(field, "has \(count) entries, expected \(range.lowerBound)...\(range.upperBound)")
    }

    /// - Throws: `CheckpointError.invalidConfig` if strides, each in 1...65536, make a frame of more than 65536 samples.
    func requireHop(_ field: Field, _ strides: [Int]) throws(CheckpointError) {
        var hop = 1
        for stride in strides {
            hop *= stride
            if hop > 65_536 { throw invalid(field, "multiply to more than 65536 samples a frame") }
        }
    }

    /// - Throws: `CheckpointError.invalidConfig` unless these are one to eight strides in 2...64 of a sensible frame.
    func requireRatios(_ field: Field, _ ratios: [Int]) throws(CheckpointError) {
        try requireCount(field, ratios.count, in: 1...8)
        try require(field, ratios, in: 2...64)
        try requireHop(field, ratios)
    }

    /// - Throws: `CheckpointError.invalidConfig` unless `channels`, at most 16384, can be halved `count` times.
    func requireHalvings(_ field: Field, _ channels: Int, count: Int) throws(CheckpointError) {
        try require(field, [channels], in: 1...16_384)
        guard channels % (1 << count) == 0 else {
            throw invalid(field, "is \(channels), which \(count) ratios cannot halve so often")
        }
    }
}
