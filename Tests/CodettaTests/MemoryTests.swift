import Codetta
import TestSupport
import Testing

/// Audio in memory: samples in, codes out, and from the codes the same rate and the very number of samples.
@Suite struct MemoryTests {
    @Test(arguments: [8000, 24_000, 44_100], [1, 2])
    func everyRateComesBackWithTheVeryNumberOfSamples(rate: Int, channels: Int) throws {
        let model = try tinyModel()
        for samples in [0, 1, 4001] {
            let codes = try model.encode(tones(samples, channels: channels), sampleRate: rate)
            #expect(codes.sampleRate == rate && codes.samples == samples)
            let audio = try model.decode(codes)
            #expect(audio.sampleCount == samples && audio.channelCount == channels)
        }
    }

    @Test func plainSamplesAreOneChannelAndABitrateChoosesCodebooks() throws {
        let model = try tinyModel()
        let samples = tones(3000, channels: 1).channels[0]
        let all = try model.encode(samples, sampleRate: 24_000)
        let one = try model.encode(samples, sampleRate: 24_000, bitrate: .count(1))
        #expect(all.tracks.count == 1 && one.tracks[0].codebookCount == 1)
        #expect(one.tracks[0].streams[0] == all.tracks[0].streams[0])
        let kilobits = model.description.layout.prefix(1).nominalBitrate / 1000
        #expect(try model.encode(samples, sampleRate: 24_000, bitrate: .kilobits(kilobits)) == one)
        #expect(try model.decode(one).sampleCount == 3000)
    }

    @Test func encodedAudioGoesToFilesAndBack() throws {
        let (model, scratch) = (try tinyModel(), try ScratchFolder())
        let codes = try model.encode(tones(5000, channels: 2), sampleRate: 44_100)
        for name in ["a.codetta", "a.json", "a.npz"] {
            try codes.write(to: scratch.file(name))
            let read = try EncodedAudio(contentsOf: scratch.file(name))
            #expect(read.tracks == codes.tracks && read.samples == 5000)
            #expect(try model.decode(read) == model.decode(codes))
        }
        #expect { try codes.write(to: scratch.file("a.json"), overwrite: false) } throws: {
            ($0 as? PipelineError) == .exists
        }
    }

    @Test func codesThatNoFileCouldHoldAreRefused() throws {
        let model = try tinyModel()
        var long = try model.encode(tones(500, channels: 1), sampleRate: 24_000)
        long.samples = 1 << 40
        #expect(throws: (any Error).self) { try model.decode(long) }
        var wild = try model.encode(tones(500, channels: 1), sampleRate: 24_000)
        wild.tracks[0].streams[0][0] = -1
        #expect(throws: (any Error).self) { try model.decode(wild) }
    }
}
