import Checkpoints
import Codecs
import Foundation
import Kernels
import Spectral
import Testing

/// A tiny Vocos of mel features as the reference saved it, with what that made of clips: written by Tools/goldens/published.py.
@Suite struct VocoderTests {
    /// The shortest signal that can be mirrored, three hops less and more a sample, and a second.
    static let lengths = [81, 119, 121, 4000]

    private let vocoder: VocosVocoder
    private let file: SafetensorsFile

    init() throws {
        vocoder = try VocosVocoder(ModelFolder(path: Golden.path("tiny-vocos-mel")), transforms: .standard)
        file = try SafetensorsFile(path: Golden.path("tiny-vocos-mel.safetensors"))
    }

    private func features(_ samples: Int) throws -> Frames {
        let tensor = try file.load("features.\(samples)")
        return Frames(count: tensor.shape[0], channels: tensor.shape[1], values: tensor.values)
    }

    /// Audio of `features` in pieces of `chunk` frames.
    private func audio(of features: Frames, chunk: Int) throws -> [Float] {
        var synthesis = vocoder.makeSynthesis()
        var samples: [Float] = []
        for start in stride(from: 0, to: features.count, by: chunk) {
            samples += try synthesis.push(features.slice(start..<min(start + chunk, features.count)))
        }
        return try samples + synthesis.finish()
    }

    @Test(arguments: lengths) func featuresEqualTheReferences(samples: Int) throws {
        let expected = try features(samples)
        let found = try vocoder.logMel(file.load("audio.\(samples)").values)
        #expect(found.count == expected.count && found.channels == expected.channels)
        #expect(relativeError(found.values, expected.values) < 1e-5)
    }

    @Test(arguments: lengths) func audioEqualsTheReferences(samples: Int) throws {
        let expected = try file.load("output.\(samples)").values
        let found = try audio(of: features(samples), chunk: 1000)
        #expect(found.count == expected.count && found.count == samples / 40 * 40)
        #expect(found.count == vocoder.sampleCount(frames: try features(samples).count))
        #expect(relativeError(found, expected) < 1e-5)
    }

    @Test(arguments: [1, 2, 7, 100]) func piecesGiveWhatTheWholeGives(chunk: Int) throws {
        let features = try features(4000)
        #expect(try audio(of: features, chunk: chunk) == audio(of: features, chunk: features.count))
    }

    @Test func noFeaturesAreNoAudio() throws {
        var synthesis = vocoder.makeSynthesis()
        #expect(try synthesis.push(Frames(channels: 12)).isEmpty && synthesis.finish().isEmpty)
        #expect(vocoder.sampleCount(frames: 0) == 0)
    }

    /// Fed sample by sample, the audio is never further behind than the stated latency, and once as far.
    @Test func theLatencyIsTheOneStated() throws {
        let audio = try file.load("audio.4000").values
        var analysis = STFTAnalysis(vocoder.logMel.stft)
        var synthesis = vocoder.makeSynthesis()
        var (decoded, greatest) = (0, 0)
        for taken in 1...4000 {
            decoded += try synthesis.push(vocoder.logMel.apply(analysis.push([audio[taken - 1]]))).count
            greatest = max(greatest, taken - decoded)
        }
        #expect(vocoder.description.latency == greatest + 1)
    }

    @Test func featuresThatAreNotItsOwnAreRefused() throws {
        var synthesis = vocoder.makeSynthesis()
        #expect { try synthesis.push(Frames(zeros: 2, channels: 80)) } throws: {
            "\($0)" == "the features have 80 values a frame, the vocoder takes 12"
        }
        _ = try synthesis.push(Frames(zeros: 3, channels: 12))
        var bad = Frames(zeros: 2, channels: 12)
        bad[1, 4] = .nan
        #expect { try synthesis.push(bad) } throws: { "\($0)" == "frame 4 of the features holds a NaN or an infinity" }
    }

    @Test(arguments: ["tiny-vocos-encodec", "tiny-wavtokenizer", "tiny-languagecodec"])
    func aModelThatNeedsTransformsSaysSo(name: String) throws {
        let folder = try ModelFolder(path: Golden.path(name))
        #expect(throws: CodecError.needsTransforms(model: name)) { try CodecRegistry.load(folder, transforms: nil) }
        #expect(throws: CodecError.needsTransforms(model: name)) {
            switch name {
            case "tiny-vocos-encodec": _ = try VocosEnCodecCodec(folder)
            case "tiny-wavtokenizer": _ = try WavTokenizerCodec(folder)
            default: _ = try LanguageCodec(folder)
            }
        }
    }

    @Test func codecsAndVocodersAreNotMistakenForEachOther() throws {
        #expect { try CodecRegistry.load(ModelFolder(path: Golden.path("tiny-vocos-mel"))) } throws: {
            ($0 as? CodecError)?.kind == .usage && "\($0)".contains("is a vocoder, which has no codes")
        }
        #expect { try VocosVocoder(ModelFolder(path: Golden.path("tiny-vocos-encodec")), transforms: .standard) } throws: {
            ($0 as? CodecError)?.kind == .usage && "\($0)".contains("tiny-vocos-encodec (vocos-encodec) is no vocoder")
        }
    }

    @Test(arguments: [
        ("n_mels", "0"), ("n_fft", "42"), ("n_fft", "70"), ("padding", "\"reflect\""), ("adanorm_num_embeddings", "2"),
        ("sampling_rate", "1"), ("dim", "100000"),
    ])
    func aBadFieldIsNamed(field: String, value: String) throws {
        do {
            _ = try load(changing: field, to: value)
            Issue.record("loaded with \(field) = \(value)")
        } catch let error as CheckpointError {
            #expect(error.kind == .badConfig && error.description.contains(field), "\(error)")
        }
    }

    @Test func weightsThatDoNotFitAreListed() throws {
        do {
            _ = try load(changing: "n_mels", to: "13")
            Issue.record("loaded")
        } catch CheckpointError.mismatch(let mismatch) {
            #expect(mismatch.problems.count == 1 && "\(mismatch.problems[0])".contains("backbone.embed.weight"))
        }
    }

    /// The model with a field of its config changed.
    private func load(changing field: String, to value: String) throws -> VocosVocoder {
        try withTinyModel("tiny-vocos-mel", changes: [field: value]) { try VocosVocoder($0, transforms: .standard) }
    }
}
