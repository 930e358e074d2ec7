import Codetta
import Platform
import TestSupport
import Testing

/// Audio and codes as asynchronous sequences.
@Suite struct AsyncStreamTests {
    /// The audio in blocks of 700 samples.
    private func blocks(_ audio: AudioBlock) -> AsyncStream<AudioBlock> {
        AsyncStream { line in
            for start in stride(from: 0, to: audio.sampleCount, by: 700) {
                line.yield(audio.slice(start..<min(start + 700, audio.sampleCount)))
            }
            line.finish()
        }
    }

    @Test(arguments: [24_000, 44_100], [1, 2])
    func aStreamGivesWhatTheWholeGives(rate: Int, channels: Int) async throws {
        let model = try tinyModel()
        let audio = tones(9001, channels: channels)
        let whole = try model.encode(audio, sampleRate: rate)
        var tracks = whole.tracks.map { Codes(codebooks: $0.codebookCount) }
        var samples = 0
        let encoding = try model.encoding(blocks(audio), sampleRate: rate, channels: channels)
        for try await chunk in encoding {
            for track in tracks.indices { tracks[track].append(chunk.tracks[track]) }
            samples += chunk.samples
        }
        #expect(tracks == whole.tracks && samples == 9001)
        var decoded = AudioBlock(channelCount: channels)
        for try await piece in model.decoding(try model.encoding(blocks(audio), sampleRate: rate, channels: channels)) {
            decoded.append(piece)
        }
        #expect(decoded == (try model.decode(whole)))
        var again = AudioBlock(channelCount: channels)
        for try await piece in model.decoding(whole.chunks) { again.append(piece) }
        #expect(again == decoded)
    }

    @Test func noAudioGivesNoAudio() async throws {
        let model = try tinyModel()
        var pieces = 0
        for try await _ in model.decoding(try model.encoding(blocks(AudioBlock(channelCount: 1)), sampleRate: 44_100)) { pieces += 1 }
        for try await _ in model.decoding(AsyncStream<EncodedChunk> { $0.finish() }) { pieces += 1 }
        #expect(pieces == 0)
    }

    @Test func aCancelledTaskEndsAStreamThatWouldGoOnForEver() async throws {
        let model = try tinyModel()
        let endless = AsyncStream<AudioBlock> { tones(700, channels: 1) }
        let task = Task {
            var samples = 0
            for try await piece in model.decoding(try model.encoding(endless, sampleRate: 44_100)) { samples += piece.sampleCount }
            return samples
        }
        try await Task.sleep(for: .milliseconds(30))
        task.cancel()
        // A stream made of a closure ends when its task is cancelled, so either end is a right one.
        switch await task.result {
        case .success(let samples): #expect(samples >= 0)
        case .failure(let error): #expect(error is CancellationError)
        }
    }

    @Test func chunksOfAnotherStreamOrLengthAreRefused() async throws {
        let model = try tinyModel()
        func decode(_ chunks: [EncodedChunk]) async throws {
            let line = AsyncStream<EncodedChunk> { line in
                for chunk in chunks { line.yield(chunk) }
                line.finish()
            }
            for try await _ in model.decoding(line) {}
        }
        let codes = try model.encode(tones(900, channels: 1), sampleRate: 24_000)
        let good = EncodedChunk(header: codes.header, tracks: codes.tracks, samples: 900)
        try await decode([good])
        var (other, long, negative, narrow) = (good, good, good, good)
        other.header.original.sampleRate = 44_100
        long.samples = 1 << 50
        negative.samples = -1
        narrow.tracks = []
        for chunks in [[good, other], [long], [negative], [narrow], [long, long]] {
            await #expect(throws: (any Error).self) { try await decode(chunks) }
        }
        var foreign = good
        foreign.header.weights = SHA256.hash([1])
        await #expect(throws: PipelineError.self) { try await decode([foreign]) }
    }
}
