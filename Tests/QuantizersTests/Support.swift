import Checkpoints
import Foundation
import Quantizers
import Tensors

/// SplitMix64: the same numbers in every run.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// About normal, of variance `scale²`.
    mutating func normal(_ scale: Float = 1) -> Float {
        scale * (0..<12).reduce(Float(-6)) { sum, _ in sum + Float.random(in: 0..<1, using: &self) }
    }

    mutating func frames(_ count: Int, _ channels: Int, scale: Float = 1) -> Frames {
        Frames(count: count, channels: channels, values: (0..<(count * channels)).map { _ in normal(scale) })
    }

    mutating func codebook(size: Int, dimension: Int, scale: Float = 1) -> PackedCodebook {
        PackedCodebook(codewords: frames(size, dimension, scale: scale).values, dimension: dimension)
    }

    mutating func linear(_ inputs: Int, _ outputs: Int) -> Convolution {
        Convolution(
            weight: frames(outputs, inputs, scale: 1 / Float(inputs).squareRoot()).values,
            bias: frames(1, outputs, scale: 0.1).values, inputChannels: inputs, outputChannels: outputs)
    }

    /// Euclidean stages whose codewords shrink from stage to stage.
    mutating func residual(stages: Int, size: Int, dimension: Int) throws -> ResidualVectorQuantizer {
        try ResidualVectorQuantizer(
            stages: (0..<stages).map {
                VectorQuantizer(codebook: codebook(size: size, dimension: dimension, scale: pow(0.7, Float($0))))
            })
    }

    mutating func factorized(stages: Int) throws -> ResidualVectorQuantizer {
        try ResidualVectorQuantizer(
            stages: (0..<stages).map { _ in
                VectorQuantizer(
                    codebook: codebook(size: 40, dimension: 4), metric: .cosine,
                    projections: Projections(inward: linear(10, 4), outward: linear(4, 10)))
            })
    }
}

/// A file that Tools/goldens/quantizers.py wrote.
func fixture(_ name: String) throws -> Checkpoint {
    guard let url = Bundle.module.url(forResource: "Fixtures/\(name)", withExtension: nil) else {
        throw CheckpointError.unreadable(file: name, reason: "no such fixture")
    }
    return try Checkpoint(path: url.path)
}

extension Checkpoint {
    /// A tensor `[time, channels]`.
    func frames(_ name: String) throws -> Frames {
        let tensor = try load(name)
        return Frames(count: tensor.shape[0], channels: tensor.shape[1], values: tensor.values)
    }

    /// A tensor `[codebooks, time]`.
    func codes(_ name: String) throws -> [[Int32]] {
        let (shape, values) = try loadIntegers(name)
        return (0..<shape[0]).map { k in values[(k * shape[1])..<((k + 1) * shape[1])].map(Int32.init) }
    }
}

func greatestDifference(_ a: Frames, _ b: Frames) -> Float {
    guard a.count == b.count, a.channels == b.channels else { return .infinity }
    return zip(a.values, b.values).reduce(0) { max($0, abs($1.0 - $1.1)) }
}

func energy(_ frames: Frames) -> Double { frames.values.reduce(0) { $0 + Double($1) * Double($1) } }

func subtract(_ a: Frames, _ b: Frames) -> Frames {
    Frames(count: a.count, channels: a.channels, values: zip(a.values, b.values).map { $0 - $1 })
}
