import Codecs
import TokenFiles
import TokenLM
import Tokens

/// Fills in codebooks that a file does not have, by a token language model (after Jenrungrot et al. 2023, LMCodec).
///
/// The file's codes stay as they are; codebooks from the first missing one to the language model's last are drawn from it.
/// Memory is bounded: pieces are filled one after the other, each with the model's context of filled frames before it.
public struct FinePrediction: Sendable {
    /// The language model.
    public var model: TokenLanguageModel
    /// The default draws from the model's own distribution: likeliest codes alone, frame after frame, are a sound that no one made.
    public var options = SamplingOptions()
    /// Seed of the random numbers: the same vectors, options and seed give the same result.
    public var seed: UInt64

    /// - Parameters:
    ///   - model: must fit the codec, see `LoadedLanguageModel.check`.
    ///   - seed: seed of the random numbers.
    public init(model: TokenLanguageModel, seed: UInt64 = 0) {
        self.model = model
        self.seed = seed
    }

    /// Fills the codes of one file.
    struct Run {
        /// Of the filled codes.
        let header: TokenHeader
        private let prediction: FinePrediction
        /// The last frames filled, one entry per track.
        private var context: [Codes]
        private var pieces: UInt64 = 0

        fileprivate init(_ prediction: FinePrediction, _ header: TokenHeader) {
            (self.prediction, self.header) = (prediction, header)
            context = [Codes](noneOf: header)
        }

        /// The next codes of the file, one entry per track, of whole superframes but at the end.
        /// - Throws: `TokenLMError`.
        mutating func fill(_ codes: [Codes]) throws(TokenLMError) -> [Codes] {
            let known = zip(context, codes).map { before, codes in
                Codes(
                    streams: before.streams.enumerated().map { k, stream in
                        k < codes.streams.count ? stream + codes.streams[k] : stream
                    })
            }
            guard let first = known.first else { return codes }
            let before = header.layout.frames(of: context[0])
            let frames = header.layout.prefix(1).frames(of: first)
            var generation = try prediction.generation(known, frames: frames, seed: prediction.seed &+ pieces)
            while try generation.advance() {}
            pieces &+= 1
            let filled = known.indices.map { generation.takeComplete($0) }
            let kept = min(frames, prediction.contextFrames(header.layout))
            context = filled.map { $0.slice(frames: (frames - kept)..<frames, layout: header.layout) }
            return zip(filled, codes).map { filled, known in
                Codes(streams: filled.slice(frames: before..<frames, layout: header.layout).streams, segments: known.segments)
            }
        }
    }

    /// Nil when the file has all codebooks that the model knows.
    func start(_ header: TokenHeader, codec: CodecDescription) -> Run? {
        let count = model.pattern.codebookCount
        guard header.layout.codebooks.count < count, codec.layout.codebooks.count >= count else { return nil }
        var filled = header
        filled.layout = codec.layout.prefix(count)
        return Run(self, filled)
    }

    /// Frames before a piece that the model sees: half its context, in whole superframes.
    private func contextFrames(_ layout: CodeLayout) -> Int {
        max(1, model.config.context / 2 / layout.superframe) * layout.superframe
    }

    private func generation(_ known: [Codes], frames: Int, seed: UInt64) throws(TokenLMError) -> any CodeGeneration {
        switch model.kind {
        case .autoregressive: return try TokenGeneration(model: model, frames: frames, prompts: known, options: options, seed: seed)
        case .masked: return try WindowedFilling(model: model, frames: frames, prompts: known, options: options, seed: seed)
        }
    }
}
