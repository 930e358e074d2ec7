import Kernels

/// Discrete units: k-means over features of the same spread in every channel (Lakhotia et al. 2021, GSLM).
///
///     unit = nearest((features − mean) / deviation)
///
/// MFCC and mel features have channels of very different spread, which the distance would otherwise be dominated by.
public struct UnitQuantizer: Quantizer {
    /// Of the standardised features.
    public let codebook: PackedCodebook
    /// One value per channel.
    public let mean: [Float]
    /// One value per channel, above 0.
    public let deviation: [Float]

    /// - Throws: `QuantizerError.invalidSize` unless mean and deviation have a value for each of the codebook's channels and the
    ///   deviations are positive.
    public init(codebook: PackedCodebook, mean: [Float], deviation: [Float]) throws {
        guard mean.count == codebook.dimension, deviation.count == codebook.dimension,
            deviation.allSatisfy({ $0 > 0 && $0.isFinite })
        else {
            throw QuantizerError.invalidSize("units of \(codebook.dimension) channels with means or deviations that do not fit")
        }
        self.codebook = codebook
        self.mean = mean
        self.deviation = deviation
    }

    /// Channels of the latent frames.
    public var dimension: Int { codebook.dimension }
    /// Codewords in each codebook, in stream order.
    public var codebookSizes: [Int] { [codebook.size] }
    /// Whether the first n codebooks alone are a valid, coarser code.
    public var isTruncatable: Bool { false }

    /// Codes `[codebooks][time]` of `latents` `[time, dimension]` in the first `codebooks` codebooks.
    public func quantize(_ latents: Frames, codebooks: Int) -> [[Int32]] {
        checkCodebookCount(codebooks)
        return [codebook.nearest(standardized(latents))]
    }

    /// Latents `[time, dimension]` of `codes` `[codebooks][time]`.
    /// - Throws: `QuantizerError` for codes that are not this quantizer's.
    public func dequantize(_ codes: [[Int32]]) throws -> Frames {
        var frames = Frames(zeros: try validate(codes), channels: dimension)
        codebook.accumulate(codes[0], into: &frames)
        let width = dimension
        frames.withUnsafeMutableBufferPointer { values in
            for i in values.indices { values[i] = values[i] * deviation[i % width] + mean[i % width] }
        }
        return frames
    }

    /// Features as the codebook sees them.
    func standardized(_ features: Frames) -> Frames {
        var frames = features
        let width = dimension
        frames.withUnsafeMutableBufferPointer { values in
            for i in values.indices { values[i] = (values[i] - mean[i % width]) / deviation[i % width] }
        }
        return frames
    }
}

/// A unit and how many frames in a row it lasts.
public struct UnitRun: Sendable, Hashable, Codable {
    /// The code that is repeated.
    public var unit: Int32
    /// Frames in a row that have it.
    public var duration: Int

    /// `unit` for `duration` frames.
    public init(unit: Int32, duration: Int) { (self.unit, self.duration) = (unit, duration) }

    /// Units without repetitions, each with its duration.
    public static func runs(of units: [Int32]) -> [UnitRun] {
        var runs: [UnitRun] = []
        for unit in units {
            if let last = runs.last, last.unit == unit {
                runs[runs.count - 1].duration += 1
            } else {
                runs.append(UnitRun(unit: unit, duration: 1))
            }
        }
        return runs
    }

    /// The units, one per frame, that `runs` stand for; durations below 1 count for none.
    public static func units(of runs: [UnitRun]) -> [Int32] {
        runs.flatMap { [Int32](repeating: $0.unit, count: max(0, $0.duration)) }
    }
}
