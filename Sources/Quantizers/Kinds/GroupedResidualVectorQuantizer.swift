import Kernels

/// Residual vector quantizers side by side, each on its own share of the channels (Yang et al. 2023, "HiFi-Codec").
///
/// Group g of G codes channels g·D/G ..< (g+1)·D/G with S stages. The streams are in stage-major order: stream s·G + g
/// is stage s of group g, as in HiFi-Codec. So a prefix of the streams refines all groups evenly: of n streams group g
/// has its first ⌈(n − g) / G⌉ stages, and a group without any decodes to zeros.
public struct GroupedResidualVectorQuantizer: SearchableQuantizer {
    /// In the order of their channels.
    public private(set) var groups: [ResidualVectorQuantizer]

    /// Each group is searched by itself: their errors add up.
    public var search: CodeSearch {
        get { groups[0].search }
        set { for g in groups.indices { groups[g].search = newValue } }
    }

    /// - Parameter groups: at least one, all of one dimension and with as many stages.
    /// - Throws: `QuantizerError.invalidSize`.
    public init(groups: [ResidualVectorQuantizer]) throws {
        guard let first = groups.first else { throw QuantizerError.invalidSize("no groups") }
        guard groups.allSatisfy({ $0.dimension == first.dimension && $0.stages.count == first.stages.count }) else {
            throw QuantizerError.invalidSize(
                "groups of dimensions \(groups.map(\.dimension)) with \(groups.map(\.stages.count)) stages")
        }
        self.groups = groups
    }

    /// Channels of the latent frames.
    public var dimension: Int { groupDimension * groups.count }
    /// Whether the first n codebooks alone are a valid, coarser code.
    public var isTruncatable: Bool { true }

    /// Codewords in each codebook, in stream order.
    public var codebookSizes: [Int] {
        (0..<groups[0].stages.count).flatMap { stage in groups.map { $0.codebookSizes[stage] } }
    }

    /// Codes `[codebooks][time]` of `latents` `[time, dimension]` in the first `codebooks` codebooks.
    public func quantize(_ latents: Frames, codebooks: Int) -> [[Int32]] {
        checkCodebookCount(codebooks)
        var codes = [[Int32]](repeating: [], count: codebooks)
        for (g, group) in groups.enumerated() {
            let streams = streams(ofGroup: g, codebooks: codebooks)
            if streams.isEmpty { continue }
            let ofGroup = group.quantize(latents.channels(channels(ofGroup: g)), codebooks: streams.count)
            for (stream, code) in zip(streams, ofGroup) { codes[stream] = code }
        }
        return codes
    }

    /// The parts that are searched by themselves when the first `codebooks` codebooks are in use.
    public func searchParts(codebooks: Int) -> [SearchPart] {
        groups.enumerated().flatMap { g, group in
            let streams = streams(ofGroup: g, codebooks: codebooks)
            return group.searchParts(codebooks: streams.count).map { part in
                var part = part
                part.streams = part.streams.map { streams[$0] }
                part.target = { [channels = channels(ofGroup: g), target = part.target] in target($0.channels(channels)) }
                return part
            }
        }
    }

    /// Latents `[time, dimension]` of `codes` `[codebooks][time]`.
    /// - Throws: `QuantizerError` for codes that are not this quantizer's.
    public func dequantize(_ codes: [[Int32]]) throws -> Frames {
        let count = try validate(codes)
        var latents = Frames(zeros: count, channels: dimension)
        for (g, group) in groups.enumerated() {
            let ofGroup = streams(ofGroup: g, codebooks: codes.count).map { codes[$0] }
            if ofGroup.isEmpty { continue }
            latents.setChannels(from: g * groupDimension, to: try group.dequantize(ofGroup))
        }
        return latents
    }

    /// The streams of a group's stages among the first `codebooks`.
    private func streams(ofGroup g: Int, codebooks: Int) -> [Int] { Array(stride(from: g, to: codebooks, by: groups.count)) }

    private var groupDimension: Int { groups[0].dimension }

    private func channels(ofGroup g: Int) -> Range<Int> { (g * groupDimension)..<((g + 1) * groupDimension) }
}
