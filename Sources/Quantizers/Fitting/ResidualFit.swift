import Kernels

/// What the stages fitted so far leave of a source's vectors. Held in memory if it fits, else computed anew in each pass.
final class ResidualVectors: VectorSource {
    let dimension: Int
    let count: Int
    private let source: any VectorSource
    private var held: MemoryVectors?
    private var stages: [(Frames) throws -> Frames] = []

    /// Vectors up to this many bytes are held.
    static let memoryLimit = 512 << 20

    init(_ source: any VectorSource) throws {
        self.source = source
        (dimension, count) = (source.dimension, source.count)
        let bytes = count.multipliedReportingOverflow(by: 4 * source.dimension)
        if !bytes.overflow && bytes.partialValue <= Self.memoryLimit { held = try source.loaded() }
    }

    func forEachBlock(_ body: (Frames) throws -> Void) throws {
        if let held { return try held.forEachBlock(body) }
        try source.forEachBlock { block in try body(try stages.reduce(block) { try $1($0) }) }
    }

    /// Lets `stage` take its part away: a block in, what it leaves out.
    func append(_ stage: @escaping (Frames) throws -> Frames) throws {
        guard let vectors = held else {
            stages.append(stage)
            return
        }
        var rest = Frames(channels: dimension)
        rest.reserveCapacity(count)
        try vectors.forEachBlock { rest.append(try stage($0)) }
        held = MemoryVectors(rest)
    }

    func append(_ stage: VectorQuantizer) throws {
        try append { block in
            var rest = block
            _ = stage.quantize(residual: &rest)
            return rest
        }
    }
}

extension QuantizerFit {
    /// Stages of k-means on what the earlier ones leave. The codebooks are numbered from `first` on for progress.
    func residualStages(
        _ source: any VectorSource, count: Int, first: Int = 0, progress: (FitProgress) throws -> Void
    ) throws -> [VectorQuantizer] {
        let rest = try ResidualVectors(source)
        return try (0..<count).map { stage in
            let quantizer = VectorQuantizer(codebook: try kMeans(rest, codebook: first + stage, progress: progress))
            if stage + 1 < count { try rest.append(quantizer) }
            return quantizer
        }
    }

    /// One codebook.
    func kMeans(_ source: some VectorSource, codebook: Int, progress: (FitProgress) throws -> Void) throws -> PackedCodebook {
        // Each codebook draws its own numbers.
        try KMeans(size: size, passes: passes, seed: seed &* 0x1_0001 &+ UInt64(codebook)).fit(source) { pass, error in
            try progress(FitProgress(codebook: codebook, codebooks: codebooks, pass: pass, passes: passes, error: error))
        }
    }

    func maskedResidual(_ source: any VectorSource, progress: (FitProgress) throws -> Void) throws
        -> MaskedChannelResidualVectorQuantizer
    {
        let masked = min(3, codebooks, source.dimension)
        let shares = try ResidualVectors(source)
        var stages: [VectorQuantizer] = []
        for stage in 0..<masked {
            let channels = MaskedChannelResidualVectorQuantizer.channels(ofStage: stage, of: masked, dimension: source.dimension)
            let share = MappedVectors(base: shares, dimension: source.dimension) { block in
                var block = block
                block.keepChannels(channels)
                return block
            }
            stages.append(VectorQuantizer(codebook: try kMeans(share, codebook: stage, progress: progress)))
        }
        if codebooks > masked {
            let first = try MaskedChannelResidualVectorQuantizer(stages: stages, maskedStages: masked)
            let rest = MappedVectors(base: shares, dimension: source.dimension) { try first.remainder(of: $0) }
            stages += try residualStages(rest, count: codebooks - masked, first: masked, progress: progress)
        }
        return try MaskedChannelResidualVectorQuantizer(stages: stages, maskedStages: masked)
    }

    func grouped(_ source: any VectorSource, progress: (FitProgress) throws -> Void) throws -> GroupedResidualVectorQuantizer {
        guard groups >= 1, codebooks % groups == 0, source.dimension % groups == 0 else {
            throw QuantizerError.unfittable(
                "\(groups) groups do not divide \(codebooks) codebooks and \(source.dimension) channels")
        }
        let stages = codebooks / groups
        return try GroupedResidualVectorQuantizer(
            groups: channelShares(source, groups).enumerated().map { g, share in
                try ResidualVectorQuantizer(stages: residualStages(share, count: stages, first: g * stages, progress: progress))
            })
    }

    func product(_ source: any VectorSource, progress: (FitProgress) throws -> Void) throws -> ProductQuantizer {
        guard codebooks <= source.dimension else {
            throw QuantizerError.unfittable("\(codebooks) parts of \(source.dimension) channels")
        }
        return try ProductQuantizer(
            parts: channelShares(source, codebooks).enumerated().map { i, share in
                VectorQuantizer(codebook: try kMeans(share, codebook: i, progress: progress))
            })
    }

    /// The source's channels in `count` shares, as even as they can be.
    private func channelShares(_ source: any VectorSource, _ count: Int) -> [MappedVectors] {
        (0..<count).map { i in
            let channels = (i * source.dimension / count)..<((i + 1) * source.dimension / count)
            return MappedVectors(base: source, dimension: channels.count) { $0.channels(channels) }
        }
    }
}

extension Quantizer {
    /// What the codes of `frames` leave of them.
    func remainder(of frames: Frames) throws -> Frames {
        var rest = frames
        Kernels.add(try dequantize(quantize(frames)), scale: [Float](repeating: -1, count: dimension), to: &rest)
        return rest
    }
}
