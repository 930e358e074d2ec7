import Kernels
import TokenFiles
import Tokens

/// A piece of an encoded stream, which says itself what it belongs to.
public struct EncodedChunk: Sendable, Equatable {
    /// Of the whole stream.
    public var header: TokenHeader
    /// The next codes, one entry per track. Together, the chunks of a stream are all of its codes.
    public var tracks: [Codes]
    /// Samples per channel of the original that were taken in for it. Together, the chunks' are the length of the stream.
    public var samples: Int

    /// Nothing is checked before it is decoded.
    public init(header: TokenHeader, tracks: [Codes], samples: Int) {
        self.header = header
        self.tracks = tracks
        self.samples = samples
    }
}

extension EncodedAudio {
    /// The codes in chunks, for `Model.decoding(_:)` and for what sends them elsewhere.
    public var chunks: EncodedChunks { EncodedChunks(self) }
}

/// The chunks of an `EncodedAudio`, each as long as in a file.
public struct EncodedChunks: AsyncSequence, Sendable {
    private let encoded: EncodedAudio

    init(_ encoded: EncodedAudio) { self.encoded = encoded }

    /// From the first chunk on.
    public func makeAsyncIterator() -> Iterator {
        let header = encoded.header
        return Iterator(
            encoded: encoded, chunks: encoded.tracks.pieces(frames: header.framesPerChunk, layout: header.layout)[...])
    }

    /// Hands chunks out in order. The last has all samples, since they are known then.
    public struct Iterator: AsyncIteratorProtocol {
        fileprivate let encoded: EncodedAudio
        fileprivate var chunks: ArraySlice<[Codes]>

        /// The next chunk, nil at the end.
        public mutating func next() async -> EncodedChunk? {
            guard let tracks = chunks.popFirst() else { return nil }
            return EncodedChunk(header: encoded.header, tracks: tracks, samples: chunks.isEmpty ? encoded.samples : 0)
        }
    }
}

extension Model {
    /// Encodes audio as it comes, off the caller's actor. A cancelled task ends it with `CancellationError`.
    /// - Parameters:
    ///   - audio: blocks of any length.
    ///   - sampleRate: of the audio, in Hz; any rate.
    ///   - channels: of the audio.
    ///   - bitrate: how many codebooks to use, directly or by the bitrate that they may take.
    ///   - downmix: whether to mix all channels to one.
    /// - Throws: as `AudioEncoder.init`. The sequence throws as `AudioEncoder.push` and what `audio` throws.
    public func encoding<Source: AsyncSequence>(
        _ audio: Source, sampleRate: Int, channels: Int = 1, bitrate: CodebookChoice = .all, downmix: Bool = false
    ) throws -> AudioEncoding<Source> where Source.Element == AudioBlock {
        let original = OriginalAudio(sampleRate: sampleRate, channels: channels)
        return AudioEncoding(
            source: audio, encoder: try AudioEncoder(model: self, original: original, choice: bitrate, downmix: downmix))
    }

    /// Decodes chunks as they come, off the caller's actor, to audio of the original's rate and channels and in all the very number
    /// of samples. A cancelled task ends it with `CancellationError`.
    /// - Parameters:
    ///   - chunks: the chunks of one stream, in order.
    ///   - ignoringWeights: whether to decode even what other weights of the same codec made.
    public func decoding<Source: AsyncSequence>(
        _ chunks: Source, ignoringWeights: Bool = false
    ) -> AudioDecoding<Source> where Source.Element == EncodedChunk {
        AudioDecoding(source: chunks, model: self, ignoringWeights: ignoringWeights)
    }
}

/// The chunks of audio that is encoded as it comes: `Model.encoding`.
public struct AudioEncoding<Source: AsyncSequence>: AsyncSequence where Source.Element == AudioBlock {
    fileprivate let source: Source
    fileprivate let encoder: AudioEncoder

    /// What all chunks have in common.
    public var header: TokenHeader { encoder.header }

    /// From the first sample on.
    public func makeAsyncIterator() -> Iterator { Iterator(source: source.makeAsyncIterator(), encoder: encoder) }

    /// Encodes when it is asked for the next chunk.
    public struct Iterator: AsyncIteratorProtocol {
        fileprivate var source: Source.AsyncIterator
        fileprivate var encoder: AudioEncoder
        private var reported = 0
        private var isFinished = false

        fileprivate init(source: Source.AsyncIterator, encoder: AudioEncoder) {
            (self.source, self.encoder) = (source, encoder)
        }

        /// The next chunk that holds codes, or the last; nil at the end.
        /// - Throws: `CancellationError`, and as `AudioEncoder.push`.
        public mutating func next() async throws -> EncodedChunk? {
            while !isFinished {
                try Task.checkCancellation()
                guard let block = try await source.next() else {
                    isFinished = true
                    return chunk(try encoder.finish())
                }
                let codes = try encoder.push(block)
                if !codes.allSatisfy(\.isEmpty) { return chunk(codes) }
            }
            return nil
        }

        private mutating func chunk(_ codes: [Codes]) -> EncodedChunk {
            defer { reported = encoder.samples }
            return EncodedChunk(header: encoder.header, tracks: codes, samples: encoder.samples - reported)
        }
    }
}

/// The audio of chunks that are decoded as they come: `Model.decoding`.
public struct AudioDecoding<Source: AsyncSequence>: AsyncSequence where Source.Element == EncodedChunk {
    fileprivate let source: Source
    fileprivate let model: Model
    fileprivate let ignoringWeights: Bool

    /// From the first chunk on.
    public func makeAsyncIterator() -> Iterator { Iterator(sequence: self, source: source.makeAsyncIterator()) }

    /// Decodes when it is asked for the next audio.
    public struct Iterator: AsyncIteratorProtocol {
        fileprivate let sequence: AudioDecoding
        fileprivate var source: Source.AsyncIterator
        private var decoder: AudioDecoder?
        private var total = 0
        /// Base frames so far.
        private var frames = 0
        private var isFinished = false

        fileprivate init(sequence: AudioDecoding, source: Source.AsyncIterator) {
            (self.sequence, self.source) = (sequence, source)
        }

        /// The next audio that is known; nil at the end.
        /// - Throws: `CancellationError`; as `AudioDecoder`, for chunks of another model or another stream too.
        public mutating func next() async throws -> AudioBlock? {
            while !isFinished {
                try Task.checkCancellation()
                guard let chunk = try await source.next() else {
                    isFinished = true
                    return try rest()
                }
                let audio = try decode(chunk)
                if !audio.isEmpty { return audio }
            }
            return nil
        }

        private mutating func rest() throws -> AudioBlock? {
            guard let header = decoder?.header else { return nil }
            // Rounding aside, what the chunks say must be what their frames cover: else the rest would be silence of any length.
            let covered = Double(frames * header.layout.hopLength) / Double(header.layout.sampleRate)
            guard Double(total) <= covered * Double(header.original.sampleRate) + 64 else {
                throw TokenStreamError.usage("chunks of \(total) samples in all, more than their \(frames) frames cover")
            }
            guard let rest = try decoder?.finish(total: total), !rest.isEmpty else { return nil }
            return rest
        }

        private mutating func decode(_ chunk: EncodedChunk) throws -> AudioBlock {
            try chunk.check(follows: decoder?.header)
            if decoder == nil {
                decoder = try AudioDecoder(
                    model: sequence.model, header: chunk.header, ignoringWeights: sequence.ignoringWeights)
            }
            let sum = total.addingReportingOverflow(chunk.samples)
            guard chunk.samples >= 0, !sum.overflow else { throw TokenStreamError.usage("a chunk of \(chunk.samples) samples") }
            total = sum.partialValue
            frames += chunk.header.layout.frames(of: chunk.tracks)
            return try decoder?.push(chunk.tracks) ?? AudioBlock(channelCount: 1)
        }
    }
}

extension EncodedChunk {
    /// - Throws: `TokenStreamError.usage` for a chunk of another stream than the one that `header` introduces, nil at the start, and for
    ///   one that lacks tracks.
    fileprivate func check(follows other: TokenHeader?) throws(TokenStreamError) {
        if let other, other != header { throw .usage("a chunk of another stream") }
        guard tracks.count == header.trackCount else {
            throw .usage("a chunk of \(tracks.count) tracks, expected \(header.trackCount)")
        }
    }
}
