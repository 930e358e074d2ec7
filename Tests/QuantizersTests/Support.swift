import Checkpoints
import Foundation
import Kernels
import Platform
import Quantizers
import TestSupport

extension SplitMix64 {
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

    mutating func map(_ inputs: Int, _ outputs: Int) throws -> AffineMap {
        try AffineMap(
            weight: frames(outputs, inputs, scale: 1 / Float(inputs).squareRoot()).values, bias: frames(1, outputs, scale: 0.1).values,
            inputs: inputs, outputs: outputs)
    }

    mutating func projections(_ outer: Int, _ inner: Int) throws -> Projections {
        try Projections(inward: map(outer, inner), outward: map(inner, outer))
    }

    /// A regular basis: near the unit matrix.
    mutating func lattice(levels: [[Int]], projections: Projections = .none) throws -> LatticeQuantizer {
        let count = levels.joined().count
        var basis = frames(count, count, scale: 0.1)
        for i in 0..<count { basis[i, i] += 1 }
        return try LatticeQuantizer(basis: basis.values, levels: levels, projections: projections)
    }

    /// Storable quantizers of ten channels, every kind and every composition.
    mutating func oneOfEachKind() throws -> [any StorableQuantizer] {
        [
            VectorQuantizer(codebook: codebook(size: 37, dimension: 10)),
            VectorQuantizer(codebook: codebook(size: 1, dimension: 10), metric: .cosine),
            VectorQuantizer(codebook: codebook(size: 20, dimension: 3), metric: .cosine, projections: try projections(10, 3)),
            try residual(stages: 5, size: 33, dimension: 10),
            try ResidualVectorQuantizer(
                stages: (0..<3).map { _ in
                    VectorQuantizer(codebook: codebook(size: 40, dimension: 4), metric: .cosine, projections: try projections(10, 4))
                }),
            try ResidualVectorQuantizer(stages: residual(stages: 2, size: 16, dimension: 4).stages, projections: projections(10, 4)),
            try GroupedResidualVectorQuantizer(groups: (0..<2).map { _ in try residual(stages: 3, size: 9, dimension: 5) }),
            try MaskedChannelResidualVectorQuantizer(stages: residual(stages: 5, size: 12, dimension: 10).stages),
            try ProductQuantizer(parts: [
                VectorQuantizer(codebook: codebook(size: 5, dimension: 3)), residual(stages: 2, size: 6, dimension: 7),
            ]),
            try ProductQuantizer(
                parts: [FiniteScalarQuantizer(levels: [3, 4]), FiniteScalarQuantizer(levels: [5])], projections: projections(10, 3)),
            try ResidualQuantizer(stages: (0..<2).map { _ in
                try BinaryQuantizer(form: .lookupFree, bits: [3, 4], projections: projections(10, 7))
            }),
            try FiniteScalarQuantizer(levels: [8, 5, 5, 2], projections: projections(10, 4)),
            try FiniteScalarQuantizer(levels: [2, 3, 2, 2, 4, 2, 2, 3, 2, 2], bound: .clamped),
            try ResidualFiniteScalarQuantizer(levels: [5, 3, 4], stages: 4, projections: projections(10, 3)),
            try BinaryQuantizer(form: .lookupFree, bits: [4, 6]),
            try BinaryQuantizer(form: .spherical, bits: [7], projections: projections(10, 7)),
            try lattice(levels: [[5, 4, 3], [2, 2, 1, 7], [3, 3, 3]]),
            try lattice(levels: [[5, 4, 3]], projections: projections(10, 3)),
            try UnitQuantizer(
                codebook: codebook(size: 12, dimension: 10), mean: frames(1, 10).values,
                deviation: (1...10).map { Float($0) / 5 }),
        ]
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

func energy(_ frames: Frames) -> Double { frames.values.reduce(0) { $0 + Double($1) * Double($1) } }

func subtract(_ a: Frames, _ b: Frames) -> Frames {
    Frames(count: a.count, channels: a.channels, values: zip(a.values, b.values).map { $0 - $1 })
}
