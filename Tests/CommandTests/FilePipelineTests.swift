import Codetta
import Foundation
import Platform
import TestSupport
import Testing

/// Files through the library, with a codec that needs no model.
@Suite struct FilePipelineTests {
    private let scratch: ScratchFolder
    private let weights = SHA256.hash([1])

    init() throws { scratch = try ScratchFolder() }

    private func encode(_ name: String, to output: String, format: TokenFormat = .codetta) throws -> EncodingReport {
        let input = try InputFile(PathName(scratch.path(name)))
        let file = try OutputFile(PathName(scratch.path(output)), overwrite: false, input: input)
        let report = try FileEncoder(model: Model(codec: FakeCodec(), weights: weights), format: format)
            .encode(input.audioReader(), to: file)
        try file.commit()
        return report
    }

    private func decode(
        _ name: String, to output: String, codec: FakeCodec = FakeCodec(), weights: ContentDigest? = nil, ignoringWeights: Bool = false,
        mode: ContainerReader.Mode = .strict
    ) throws -> DecodingReport {
        let input = try InputFile(PathName(scratch.path(name)))
        let file = try OutputFile(PathName(scratch.path(output)), overwrite: false, input: input)
        let reader = try TokenFileReader(source: input.byteSource(), mode: mode)
        let decoder = FileDecoder(model: Model(codec: codec, weights: weights ?? self.weights), ignoresWeights: ignoringWeights)
        let report = try decoder.decode(reader, to: file)
        try file.commit()
        return report
    }

    @Test func aFileComesBackWithItsRateLengthAndDetail() throws {
        try scratch.writeAudio("a.wav", tones(22050, channels: 2, rate: 22050), rate: 22050, format: .pcm24)
        let encoded = try encode("a.wav", to: "a.codetta")
        #expect(encoded.samples == 22050 && encoded.header.trackCount == 2)
        #expect(encoded.byteCount == (try scratch.bytes("a.codetta")).count)
        let decoded = try decode("a.codetta", to: "b.wav")
        #expect(decoded.sampleFormat == .pcm24)
        let (audio, rate) = try scratch.readAudio("b.wav")
        #expect(rate == 22050 && audio.sampleCount == 22050 && audio.channelCount == 2)
    }

    @Test func theOtherTokenFormatsDecodeToTheSameAudio() throws {
        try scratch.writeAudio("a.wav", tones(50_000, channels: 2, rate: 24000), rate: 24000)
        for format in TokenFormat.allCases where format.takesAnyCodec {
            _ = try encode("a.wav", to: "a.\(format.rawValue)", format: format)
            _ = try decode("a.\(format.rawValue)", to: "from-\(format.rawValue).wav")
        }
        let audio = try scratch.readAudio("from-codetta.wav").audio
        for format in ["json", "npz", "safetensors"] { #expect(try scratch.readAudio("from-\(format).wav").audio == audio) }
        // An array knows no length: whole frames, the codec's rate.
        let fromArray = try scratch.readAudio("from-npy.wav").audio
        #expect(fromArray.sampleCount >= 50_000 && fromArray.sampleCount % FakeCodec.hop == 0)
        #expect(fromArray.slice(0..<50_000) == audio)
    }

    @Test func otherWeightsNeedToBeIgnored() throws {
        try scratch.writeAudio("a.wav", tones(1000, channels: 1, rate: 24000), rate: 24000)
        _ = try encode("a.wav", to: "a.codetta")
        let other = SHA256.hash([2])
        #expect { try decode("a.codetta", to: "b.wav", weights: other) } throws: {
            ($0 as? PipelineError)?.kind == .badData && "\($0)".contains("other weights")
        }
        #expect(!scratch.exists("b.wav"))
        #expect(try decode("a.codetta", to: "b.wav", weights: other, ignoringWeights: true).samples == 1000)
        // That is for the hash alone, not for codes that another codec made.
        #expect { try decode("a.codetta", to: "c.wav", codec: FakeCodec(channels: 2), ignoringWeights: true) } throws: {
            ($0 as? PipelineError)?.kind == .badData
        }
    }

    @Test func everyCutOfATokenFileIsRefusedAndLeavesNoFile() throws {
        try scratch.writeAudio("a.wav", tones(3000, channels: 1, rate: 24000), rate: 24000)
        _ = try encode("a.wav", to: "a.codetta")
        let whole = try scratch.bytes("a.codetta")
        for length in 0..<whole.count {
            try scratch.write(whole.prefix(length), to: "cut.codetta")
            #expect(throws: (any Error).self) { try decode("cut.codetta", to: "cut.wav") }
        }
        #expect(try scratch.entries() == ["a.codetta", "a.wav", "cut.codetta"])
    }

    @Test func lenientDecodingConcealsADamagedChunkAtTheRightLength() throws {
        try scratch.writeAudio("a.wav", tones(24000 * 20, channels: 1, rate: 24000), rate: 24000)
        _ = try encode("a.wav", to: "a.codetta")
        var bytes = try scratch.bytes("a.codetta")
        bytes[bytes.count / 2] ^= 0x10
        try scratch.write(bytes, to: "hurt.codetta")
        #expect(throws: TokenStreamError.self) { try decode("hurt.codetta", to: "b.wav") }
        let report = try decode("hurt.codetta", to: "b.wav", mode: .lenient)
        #expect(report.samples == 24000 * 20 && report.concealedFrames > 0 && !report.warnings.isEmpty)
    }

    @Test func comparisonFindsTheDelayInFilesAndPipesAlike() throws {
        // Noise, which correlates at one delay only.
        var state: UInt32 = 1
        let noise = (0..<24000).map { _ -> Float in
            state = state &* 1_664_525 &+ 1_013_904_223
            return Float(Int32(bitPattern: state)) / Float(1 << 31) * 0.5
        }
        try scratch.writeAudio("a.wav", AudioBlock(mono: noise), rate: 24000)
        try scratch.writeAudio("b.wav", AudioBlock(mono: Array(repeating: 0, count: 37) + noise), rate: 24000)
        let report = try Comparison.run(
            reference: RepeatableAudio(PathName(scratch.path("a.wav"))),
            degraded: RepeatableAudio(PathName(scratch.path("b.wav"))), maximumLag: 0.1)
        #expect(report.delay.samples == 37)
        #expect(report.comparedSamples == 24000)
    }

    @Test func theDegradedRecordingIsConvertedToTheReferencesRate() throws {
        try scratch.writeAudio("a.wav", tones(24000, channels: 1, rate: 24000), rate: 24000)
        try scratch.writeAudio("b.wav", tones(8000, channels: 1, rate: 8000), rate: 8000)
        let report = try Comparison.run(
            reference: RepeatableAudio(PathName(scratch.path("a.wav"))),
            degraded: RepeatableAudio(PathName(scratch.path("b.wav"))), maximumLag: 0.1)
        #expect(report.sampleRate == 24000)
        #expect(report.comparedSamples > 23000)
    }
}
