import Checkpoints
import Kernels
import Layers
import Platform
import Transforms

/// What a vocoder is.
public struct VocoderDescription: Sendable, Hashable {
    /// Name of the model, e.g. `vocos-mel-24khz`.
    public var name: String
    /// Family that reads its config.
    public var modelType: String
    /// In Hz.
    public var sampleRate: Int
    /// Samples from one frame of features to the next.
    public var hopLength: Int
    /// Values a frame.
    public var featureCount: Int
    /// Samples at `sampleRate` by which a sample of the audio comes later than the sample that it stands for.
    public var latency: Int
    /// Elements of all tensors.
    public var parameterCount: Int
    /// Licence of the weights, as an SPDX expression or a short text.
    public var license: String

    /// Frames of features a second.
    public var frameRate: Double { Double(sampleRate) / Double(hopLength) }
}

/// Vocos for mel features, `model_type` "vocos-mel" (Siuzdak 2023): not a codec, for it has no codes, but the way back to audio
/// from features that another model makes.
///
///     features  STFT ─ magnitudes ─ mel bands ─ logarithm
///     network   conv k7 ─ norm ─ ConvNeXt blocks ─ norm ─ inverse STFT
///
/// Both directions stream. Tools/convert/vocos.py makes the model folder.
public struct VocosVocoder: Sendable {
    /// What the model is.
    public let description: VocoderDescription
    /// From audio to the features of which the model was trained to make audio: Hann windows, triangles on the mel scale
    /// of the HTK toolkit without norm, the natural logarithm of at least 10⁻⁷. The ends of the signal are mirrored.
    public let logMel: LogMel
    private let network: Sequential

    /// What configs call the family.
    public static let modelType = "vocos-mel"

    /// The model of a folder.
    /// - Parameter transforms: of the features and of the network's end.
    /// - Throws: `CodecError.notVocoder` for a folder of another kind of model; `CheckpointError` for a config out of range, and
    ///   for tensors that are missing, misshapen or unused.
    public init(_ folder: ModelFolder, transforms: any FourierTransforms) throws {
        let type = try folder.modelType()
        guard type == Self.modelType else { throw CodecError.notVocoder(model: folder.name, modelType: type) }
        let model = try PretrainedModel(folder, checkpoint: folder.checkpoint(), transforms: transforms)
        try self.init(model, transforms)
        try model.finish()
    }

    private init(_ model: PretrainedModel, _ transforms: any FourierTransforms) throws {
        let c = try model.config(VocosVocoderConfig.self)
        // Windows and filters follow from the config.
        let weights = try model.weights(ignoring: ["head.istft.window", "mel_spec.spectrogram.window", "mel_spec.mel_scale.fb"])
        let (fftSize, hopLength) = (c.decoder.fftSize, c.decoder.hopLength)
        network = try VocosBackbone(c.decoder, weights, transforms).decoders(inputs: c.numMels, conditions: [0])[0]
        logMel = try LogMel(
            stft: STFT(
                fftSize: fftSize, hopLength: hopLength, padding: c.decoder.isCentred ? .center() : .same(), transforms: transforms),
            filters: MelFilterbank(
                sampleRate: Double(c.samplingRate), fftSize: fftSize, bands: c.numMels, scale: .htk, norm: .none),
            exponent: .magnitude, floor: 1e-7)
        // Of frames that are known at once; a frame is known `fftSize` samples after its first one, `padding` before its hop.
        let padding = c.decoder.isCentred ? fftSize / 2 : (fftSize - hopLength) / 2
        let frames = network.lookahead + 1
        let behind = frames * hopLength - network.known(after: frames)
        description = VocoderDescription(
            name: model.folder.name, modelType: model.modelType, sampleRate: c.samplingRate, hopLength: hopLength, featureCount: c.numMels,
            latency: behind - padding + fftSize, parameterCount: model.checkpoint.elementCount, license: model.license)
    }

    /// Samples of the audio that so many frames give.
    public func sampleCount(frames: Int) -> Int {
        max(0, frames - (logMel.stft.padding == .center() ? 1 : 0)) * description.hopLength
    }

    /// A fresh synthesis of one signal.
    public func makeSynthesis() -> VocoderSynthesis {
        VocoderSynthesis(network: network, featureCount: description.featureCount)
    }
}

/// Features in, audio out, in pieces of any size; any cut gives the same bits. A value: a copy is a checkpoint.
public struct VocoderSynthesis: Sendable {
    private let network: Sequential
    private let featureCount: Int
    private var state: Sequential.State
    private var frames = 0
    private var end = StreamEnd("vocoder")

    fileprivate init(network: Sequential, featureCount: Int) {
        self.network = network
        self.featureCount = featureCount
        state = network.makeState()
    }

    /// Samples known after `features` `[time, featureCount]`.
    /// - Throws: `CodecError.features` for another number of values per frame, and for values that are not finite;
    ///   `UsedAfterEnd` after `finish()`.
    public mutating func push(_ features: Frames) throws -> [Float] {
        try end.requireOpen()
        guard features.channels == featureCount else {
            throw CodecError.features("the features have \(features.channels) values a frame, the vocoder takes \(featureCount)")
        }
        let bad = features.withUnsafeBufferPointer { values in values.firstIndex { !$0.isFinite } }
        if let bad { throw CodecError.features("frame \(frames + bad / featureCount) of the features holds a NaN or an infinity") }
        frames += features.count
        return try network.step(features, state: &state).values
    }

    /// The end: the samples that are left of `VocosVocoder.sampleCount(frames:)`.
    /// - Throws: `UsedAfterEnd` when called again.
    public mutating func finish() throws -> [Float] {
        try end.reach()
        return try network.finish(state: &state).values
    }
}

/// The `config.json` that Tools/convert/vocos.py writes for a vocoder of mel features: the original's YAML.
struct VocosVocoderConfig: ModelConfig {
    @Field(in: 1000...384_000) var samplingRate: Int
    /// Mel bands.
    @Field("n_mels", in: 1...1024) var numMels: Int
    /// The network. Its frames are also those of the features.
    @Embedded var decoder: VocosConfig

    func check() throws(InvalidField) {
        guard decoder.adanormNumEmbeddings == nil else {
            throw decoder.$adanormNumEmbeddings.invalid("is set, but mel features have no bandwidth to condition norms by")
        }
    }
}
