import Codetta
import Platform

/// How long one step of a stream takes: a base frame of noise encoded, and what it gives decoded.
public struct StepTimes: Sendable, Codable {
    /// Seconds of audio in a step.
    public var audio: Double
    /// Seconds of work of the median step.
    public var median: Double
    /// Seconds of work that 99 of 100 steps do not exceed.
    public var percentile99: Double
    /// Seconds of work of the longest step.
    public var longest: Double

    /// Measures now, after a second of audio that is not counted.
    /// - Parameter seconds: of audio.
    /// - Throws: `PipelineError` for a choice that the codec does not offer, `CodecError`.
    public init(codec: any Codec, choice: CodebookChoice = .all, seconds: Double = 5) throws {
        let description = codec.description
        let codebooks = try choice.resolve(description, tracks: 1)
        let hop = description.layout.hopLength
        var encoder = try codec.makeEncoder(codebooks: codebooks)
        var decoder = try codec.makeDecoder(codebooks: codebooks)
        var noise = SplitMix64(seed: 1)
        audio = Double(hop) / Double(description.sampleRate)
        let (unmeasured, measured) = (Int(1 / audio) + 1, max(1, Int(seconds / audio)))
        var times: [Double] = []
        for step in 0..<unmeasured + measured {
            let block = AudioBlock(
                channels: (0..<description.channels).map { _ in
                    (0..<hop).map { _ in Float.random(in: -0.1...0.1, using: &noise) }
                })
            let time = try ContinuousClock().measure { _ = try decoder.push(encoder.push(block)) }
            if step >= unmeasured { times.append(time / .seconds(1)) }
        }
        times.sort()
        median = times[times.count / 2]
        percentile99 = times[(times.count - 1) * 99 / 100]
        longest = times[times.count - 1]
    }
}
