import Checkpoints
import Tokens

// Fields that many families have, and what they may hold.

extension Field where Value == [Int] {
    /// One to eight strides, each within bounds, of a frame of at most 65536 samples.
    init(_ name: String? = nil, strides range: ClosedRange<Int>) {
        self.init(name: name, fallback: nil) { field throws(InvalidField) in
            try field.requireCount(in: 1...8)
            try field.require(in: range)
            try field.requireHop()
        }
    }

    /// - Throws: `InvalidField` if strides, each in 1...65536, make a frame of more than 65536 samples.
    func requireHop() throws(InvalidField) {
        var hop = 1
        for stride in wrappedValue {
            hop *= stride
            if hop > 65_536 { throw invalid("multiply to more than 65536 samples a frame") }
        }
    }
}

extension Field where Value == Int {
    /// - Throws: `InvalidField` unless the channels, at most 16384, can be halved `count` times.
    func requireHalvings(_ count: Int) throws(InvalidField) {
        try require(in: 1...16_384)
        guard wrappedValue % (1 << count) == 0 else {
            throw invalid("is \(wrappedValue), which \(count) ratios cannot halve so often")
        }
    }

    /// - Throws: `InvalidField` unless `channels` is a multiple of the value.
    func requireDivides(_ channels: Int, _ name: String = "channels") throws(InvalidField) {
        guard channels % wrappedValue == 0 else { throw invalid("is \(wrappedValue), which does not divide \(channels) \(name)") }
    }
}

/// Codebooks for which a bandwidth has room at ⌈frames per second⌉, as EnCodec counts them; 0 if none.
/// - Parameters:
///   - bandwidth: kb/s.
///   - hopLength: samples per frame.
///   - size: codewords of each codebook.
func codebookCount(bandwidth: Double, samplingRate: Int, hopLength: Int, size: Int) -> Int {
    let frameRate = (samplingRate + hopLength - 1) / hopLength
    let count = 1000 * bandwidth / Double(frameRate * CodeLayout.Codebook(size: size).bits)
    return count.isFinite && abs(count) < 1e6 ? Int(count) : 0
}
