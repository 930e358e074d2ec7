import Checkpoints
import Codecs
import Quantizers
import Testing
import Tokens

/// A stereo clip that descript-audio-codec coded in windows of 51 frames by the weights of tiny-dac, and what it makes of the codes.
/// Written by Tools/goldens/foreign.py.
private struct WindowGolden {
    static let windowLength = 51
    static let samples = 4120

    let codec: any Codec
    /// One entry a channel, with a segment a window.
    let tracks: [Codes]
    private let file: SafetensorsFile

    init() throws {
        codec = try CodecRegistry.load(ModelFolder(path: Golden.path("tiny-dac")))
        file = try SafetensorsFile(path: Golden.path("tiny-dac-windows.safetensors"))
        let (shape, values) = try file.loadIntegers("codes")
        let segments = try file.loadIntegers("starts").values.map { CodeSegment(frame: Int($0), scale: 1) }
        let streams = (0..<shape[0] * shape[1]).map { row in values[(row * shape[2])..<((row + 1) * shape[2])].map { Int32($0) } }
        tracks = (0..<shape[0]).map { track in
            Codes(streams: Array(streams[(track * shape[1])..<((track + 1) * shape[1])]), segments: segments)
        }
    }

    /// The reference's audio of one channel from the first `codebooks` codebooks.
    func output(_ track: Int, codebooks: Int) throws -> [Float] {
        let tensor = try file.load("output.\(codebooks)")
        return Array(tensor.values[(track * tensor.shape[1])..<((track + 1) * tensor.shape[1])])
    }
}

@Suite struct DACWindowTests {
    @Test(arguments: [1, 4]) func audioEqualsTheReferences(codebooks: Int) throws {
        let golden = try WindowGolden()
        #expect(golden.tracks.count == 2)
        for (track, codes) in golden.tracks.enumerated() {
            #expect(codes.segments.map(\.frame) == (0..<5).map { $0 * WindowGolden.windowLength })
            let audio = try golden.codec.audio(of: codes.prefix(codebooks))
            let expected = try golden.output(track, codebooks: codebooks)
            // The last window goes on past the end.
            #expect(expected.count == WindowGolden.samples && audio.count >= expected.count)
            #expect(relativeError(Array(audio.prefix(expected.count)), expected) < 1e-5)
        }
    }

    @Test(arguments: [1, 7, 50, 51, 52, 1009]) func piecesGiveWhatTheWholeGives(chunk: Int) throws {
        let golden = try WindowGolden()
        let whole = try golden.codec.block(of: golden.tracks[0])
        #expect(try golden.codec.block(of: golden.tracks[0], chunk: chunk) == whole)
    }

    @Test func everyWindowIsDecodedByItself() throws {
        let golden = try WindowGolden()
        let codes = golden.tracks[1]
        let layout = golden.codec.description.layout
        let windows = try codes.segments.map {
            try golden.codec.audio(of: codes.slice(frames: $0.frame..<($0.frame + WindowGolden.windowLength), layout: layout))
        }
        #expect(Set(windows.map(\.count)).count == 1)
        #expect(try golden.codec.audio(of: codes) == windows.flatMap { $0 })
        let flat = Codes(streams: codes.streams)
        #expect(try golden.codec.audio(of: flat).count == 40 * codes.streams[0].count)
    }

    /// As where damage took a window's beginning: its frames make a window as long as the one before.
    @Test func aWindowThatLostItsBeginningIsStillOne() throws {
        let golden = try WindowGolden()
        var damaged = golden.tracks[0]
        damaged.segments.removeSubrange(2...3)
        #expect(try golden.codec.block(of: damaged) == golden.codec.block(of: golden.tracks[0]))
        #expect(try golden.codec.block(of: damaged, chunk: 60) == golden.codec.block(of: golden.tracks[0]))
    }

    /// As where damage took the first: those frames are decoded as a whole, which gives more samples, and the windows follow.
    @Test func windowsMayFollowFramesWithoutOne() throws {
        let golden = try WindowGolden()
        var damaged = golden.tracks[0]
        damaged.segments.removeFirst()
        let layout = golden.codec.description.layout
        let start = damaged.slice(frames: 0..<WindowGolden.windowLength, layout: layout)
        let rest = damaged.slice(frames: WindowGolden.windowLength..<damaged.streams[0].count, layout: layout)
        var expected = try golden.codec.block(of: start)
        expected.append(try golden.codec.block(of: rest))
        #expect(try golden.codec.block(of: damaged) == expected)
    }

    @Test func aWindowIsAtItsLevel() throws {
        let golden = try WindowGolden()
        var codes = golden.tracks[0]
        let audio = try golden.codec.audio(of: codes)
        for window in codes.segments.indices { codes.segments[window].scale = 0.5 }
        #expect(try golden.codec.audio(of: codes) == audio.map { $0 / 2 })
    }

    @Test(arguments: [1, 5, 15]) func windowsTooShortForAnySampleAreRefused(length: Int) throws {
        let golden = try WindowGolden()
        var codes = golden.tracks[0]
        codes.segments = stride(from: 0, to: 255, by: length).map { CodeSegment(frame: $0, scale: 1) }
        #expect(throws: CodecError.windowTooShort(model: "tiny-dac", frames: length)) { try golden.codec.block(of: codes) }
    }

    @Test func codesOfOtherShapesAreRefused() throws {
        let segments = [CodeSegment(frame: 0, scale: 1)]
        for streams in [[[0]], [[0], [1, 2]], [[0], [1], [2]]] as [[[Int32]]] {
            var decoder = try WindowGolden().codec.makeDecoder(codebooks: 2)
            #expect(throws: QuantizerError.self) { try decoder.push(Codes(streams: streams, segments: segments)) }
        }
    }
}
