import Kernels
import Platform
import Tokens

/// Codes of little error and few bits for the latents of one stream: a beam search, frame after frame, that weighs the error which codes
/// leave against what they cost an entropy coder (`CodeSearch.rateWeight`).
///
/// What a frame's codes cost depends on the frames before, so that the codes do too; any way of cutting the stream gives the same ones.
/// A copy is a checkpoint.
public struct RateSearch: Sendable {
    private let parts: [Part]
    private let codebooks: Int
    private let beamWidth: Int
    private var rates: any CodeRates

    private struct Part: Sendable {
        let searched: SearchPart
        /// Half the error that a bit is worth.
        let bitPrice: Float

        init(_ searched: SearchPart, rateWeight: Double) {
            self.searched = searched
            guard let last = searched.codebooks.last, last.size > 1 else {
                bitPrice = 0
                return
            }
            let energy = last.codewords.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(last.size)
            bitPrice = Float(rateWeight * energy / log2(Double(last.size)) / 2)
        }
    }

    /// - Parameters:
    ///   - quantizer: whose `search` weighs the rate.
    ///   - codebooks: how many of the quantizer's first codebooks to use.
    ///   - rates: of those codebooks, at the beginning of the stream.
    public init(_ quantizer: some SearchableQuantizer, codebooks: Int, rates: any CodeRates) {
        guard let weight = quantizer.search.rateWeight else { preconditionFailure("\(quantizer.search) does not weigh the rate") }
        quantizer.checkCodebookCount(codebooks)
        parts = quantizer.searchParts(codebooks: codebooks).filter { !$0.streams.isEmpty }.map { Part($0, rateWeight: weight) }
        beamWidth = quantizer.search.beamWidth
        self.codebooks = codebooks
        self.rates = rates
    }

    /// The codes `[codebooks][time]` of the stream's next latents `[time, dimension]`. A frame that is not finite gets zeros.
    public mutating func quantize(_ latents: Frames) -> [[Int32]] {
        let searches = parts.map { part in
            (part: part, target: part.searched.target(latents), beam: Beam(
                width: beamWidth, dimension: part.searched.codebooks[0].dimension, codebooks: part.searched.codebooks, frames: 1))
        }
        var codes = [[Int32]](repeating: [], count: codebooks)
        for t in 0..<latents.count {
            var frame = [Int32](repeating: -1, count: codebooks)
            for (part, target, beam) in searches {
                let price = Beam.Price(
                    bits: { [rates, frame] stage, paths in Self.bits(part, stage: stage, paths: paths, frame: frame, rates) },
                    ofBit: part.bitPrice)
                let found = beam.search(target.slice(t..<t + 1), price: price)
                for (stream, path) in zip(part.searched.streams, found.codes) { frame[stream] = path[0] }
            }
            for (k, code) in frame.enumerated() { codes[k].append(code) }
            rates.advance(by: frame)
        }
        return codes
    }

    /// What the codes of a stage cost after each of `paths`, which begin in a frame of some codes.
    private static func bits(
        _ part: Part, stage: Int, paths: [[Int32]], frame: [Int32], _ rates: any CodeRates
    ) -> [[Float]] {
        let frames = paths.map { path in
            var frame = frame
            for (stream, code) in zip(part.searched.streams, path) { frame[stream] = code }
            return frame
        }
        return rates.bits(of: part.searched.streams[stage], given: frames)
    }
}
