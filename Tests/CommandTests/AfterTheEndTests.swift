import Codetta
import Layers
import Platform
import Plots
import Spectral
import TestSupport
import Testing

/// After its end everything that is fed piece by piece throws the same error: nothing traps, nothing starts anew.
@Suite struct AfterTheEndTests {
    /// Something that has ended, and all that can still be called.
    struct Case: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let calls: @Sendable () throws -> [() throws -> Void]

        init(_ name: String, _ calls: @escaping @Sendable () throws -> [() throws -> Void]) {
            (testDescription, self.calls) = (name, calls)
        }
    }

    @Test(arguments: cases)
    func everyCallThrows(ended: Case) throws {
        for (number, call) in try ended.calls().enumerated() {
            do {
                try call()
                Issue.record("\(ended.testDescription): call \(number) went through")
            } catch {
                #expect(error is UsedAfterEnd && (error as? any CodettaError)?.kind == .usage, "\(ended.testDescription): \(error)")
                #expect("\(error)".hasSuffix(": used after its end"))
            }
        }
    }

    static let mono = AudioBlock(mono: [Float](repeating: 0.1, count: 1000))
    static let original = OriginalAudio(sampleRate: 24_000, channels: 1)

    static func codec(_ name: String) throws -> any Codec {
        try CodecRegistry.load(ModelFolder(path: PackageFolder.path("Tests/CodecsTests/Fixtures/\(name)")))
    }

    /// The encoder and the decoder of a codec, both at their end.
    static func coders(of name: String) -> [Case] {
        [
            Case("encoder of \(name)") {
                let codec = try codec(name)
                var encoder = try codec.makeEncoder(codebooks: codec.description.layout.codebooks.count)
                let audio = AudioBlock(channels: Array(repeating: mono.channels[0], count: codec.description.channels))
                _ = try encoder.push(audio)
                _ = try encoder.finish()
                return [{ _ = try encoder.push(audio) }, { _ = try encoder.finish() }]
            },
            Case("decoder of \(name)") {
                let codec = try codec(name)
                let codebooks = codec.description.layout.codebooks.count
                var encoder = try codec.makeEncoder(codebooks: codebooks)
                let audio = AudioBlock(channels: Array(repeating: mono.channels[0], count: codec.description.channels))
                var codes = try encoder.push(audio)
                codes.append(try encoder.finish())
                var decoder = try codec.makeDecoder(codebooks: codebooks)
                _ = try decoder.push(codes)
                _ = try decoder.finish()
                return [{ _ = try decoder.push(codes) }, { _ = try decoder.finish() }]
            },
        ]
    }

    static let cases =
        [
            "tiny-bigcodec", "tiny-dac", "tiny-encodec-segments", "tiny-hificodec", "tiny-lyra", "tiny-mimi", "tiny-snac",
            "tiny-waveform", "tiny-wavtokenizer", "tiny-xcodec",
        ].flatMap(coders(of:)) + [
            Case("layer") {
                let layer = Sequential([LayerNorm(channels: 2), LayerNorm(channels: 2)])
                var state = layer.makeState()
                _ = try layer.finish(state: &state)
                return [
                    { _ = try layer.step(Frames(zeros: 1, channels: 2), state: &state) }, { _ = try layer.finish(state: &state) },
                ]
            },
            Case("STFT analysis") {
                var analysis = STFTAnalysis(try STFT(fftSize: 32, hopLength: 8, padding: .causal))
                _ = try analysis.push([1, 2])
                _ = try analysis.finish()
                return [{ _ = try analysis.push([1]) }, { _ = try analysis.finish() }]
            },
            Case("STFT synthesis") {
                var synthesis = STFTSynthesis(try STFT(fftSize: 32, hopLength: 8))
                _ = try synthesis.finish()
                return [{ _ = try synthesis.push(Spectrum(bins: 17)) }, { _ = try synthesis.finish() }]
            },
            Case("MDCT analysis") {
                var analysis = MDCTAnalysis(try MDCT(size: 16))
                _ = try analysis.finish()
                return [{ _ = try analysis.push([1]) }, { _ = try analysis.finish() }]
            },
            Case("meter") {
                var meter = try ReconstructionMeter(sampleRate: 24_000, channelCount: 1, measures: [.snr])
                _ = try meter.finish()
                return [{ try meter.push(reference: mono, degraded: mono) }, { _ = try meter.finish() }]
            },
            Case("delay estimator") {
                var estimator = try DelayEstimator(channelCount: 1, maximumLag: 10)
                _ = try estimator.finish()
                return [{ try estimator.push(reference: mono, degraded: mono) }, { _ = try estimator.finish() }]
            },
            Case("resampler") {
                var resampler = try Resampler(from: 24_000, to: 44_100, channelCount: 1)
                _ = try resampler.finish()
                return [{ _ = try resampler.push(mono) }, { _ = try resampler.finish() }]
            },
            Case("waveform") {
                var waveform = WaveformReducer(sampleRate: 8000, channelCount: 1)
                try waveform.finish()
                return [{ try waveform.push(mono) }, { try waveform.finish() }]
            },
            Case("spectrogram") {
                var spectrogram = try SpectrogramReducer(sampleRate: 8000, channelCount: 1)
                try spectrogram.push(mono)
                _ = try spectrogram.finish()
                return [{ try spectrogram.push(mono) }, { _ = try spectrogram.finish() }]
            },
            Case("stream encoder") {
                var encoder = try AudioEncoder(model: Model(codec: FakeCodec()), original: original)
                _ = try encoder.push(mono)
                _ = try encoder.finish()
                return [{ _ = try encoder.push(mono) }, { _ = try encoder.finish() }]
            },
            Case("stream decoder") {
                let header = try AudioEncoder(model: Model(codec: FakeCodec()), original: original).header
                var decoder = try AudioDecoder(model: Model(codec: FakeCodec()), header: header)
                _ = try decoder.finish(total: 0)
                return [{ _ = try decoder.push([Codes(codebooks: 4)]) }, { _ = try decoder.finish(total: 0) }]
            },
            Case("audio writer") {
                let scratch = try ScratchFolder()
                let writer = try AudioWriter(path: scratch.path("a.wav"), settings: .init(sampleRate: 24_000, channelCount: 1))
                try writer.write(mono)
                try writer.finish()
                return [{ try writer.write(mono) }, { try writer.finish() }]
            },
            Case("container writer") {
                let header = try AudioEncoder(model: Model(codec: FakeCodec()), original: original).header
                let writer = try ContainerWriter(header: header, sink: ClosureSink { _ in })
                try writer.finish(samples: 0)
                return [{ try writer.write([Codes(codebooks: 4)]) }, { try writer.finish(samples: 0) }]
            },
            Case("token writer") {
                let header = try AudioEncoder(model: Model(codec: FakeCodec()), original: original).header
                let writer = try TokenFileWriter(.json, header: header, sink: ClosureSink { _ in })
                try writer.finish(samples: 0)
                return [{ try writer.write([Codes(codebooks: 4)]) }, { try writer.finish(samples: 0) }]
            },
            Case("output file") {
                let scratch = try ScratchFolder()
                let file = try OutputFile(PathName(scratch.path("a")), overwrite: false)
                try file.commit()
                return [{ try [UInt8(1)].withUnsafeBytes { try file.write($0) } }, { try file.commit() }]
            },
        ]
}
