import Checkpoints
import Kernels
import Layers
import Quantizers
import Spectral
import Tokens

/// The toolkit's own codec family, `model_type` "codetta": every network runs at frame rate.
///
/// audio → STFT (window of two hops) → compression → ConvNeXt encoder → RVQ → ConvNeXt decoder → expansion → inverse STFT.
/// The encoder is causal; the decoder sees `decoder_lookahead` frames ahead. No norm stands on the way from input to output,
/// so level passes through. Trained by Tools/train/codec.py, its twin.
/// After Vocos (Siuzdak 2023) for the frame-rate ConvNeXt with an inverse-STFT head and SoundStream (Zeghidour et al. 2021)
/// for the RVQ with quantizer dropout.
public struct CodettaCodec: SearchableCodec {
    public let description: CodecDescription
    let config: CodettaConfig
    let stft: STFT
    let spectrum: CompressedSpectrum
    let encoder: Sequential
    public var quantizer: ResidualVectorQuantizer
    let decoder: Sequential

    /// The model of a folder.
    /// - Throws: `CheckpointError` for a config out of range, and for tensors that are missing, misshapen or unused.
    public init(folder: ModelFolder, checkpoint: Checkpoint) throws {
        let config = try folder.config(CodettaConfig.self)
        try config.validate(file: folder.configPath)
        let license = try folder.card()?.license
        self = try checkpoint.build {
            try CodettaCodec(
                config: config, weights: $0, name: folder.name, parameterCount: checkpoint.elementCount,
                license: license ?? "not stated")
        }
    }

    /// - Parameters:
    ///   - config: validated.
    ///   - weights: the root of the checkpoint.
    private init(
        config c: CodettaConfig, weights: WeightPath, name: String, parameterCount: Int, license: String
    ) throws {
        let parts = 2 * (c.hopLength + 1)
        config = c
        stft = try STFT(fftSize: 2 * c.hopLength, hopLength: c.hopLength, window: .sine, padding: .causal)
        spectrum = try CompressedSpectrum(
            logScale: weights.tensor("log_scale", shape: [parts]), bands: c.numBands, compression: c.compression,
            isJoint: c.jointCompression)
        encoder = try Self.stack(
            weights / "encoder", inputs: spectrum.featureCount, outputs: c.codebookDim, layers: c.encoderLayers, lookahead: 0, c)
        quantizer = try ResidualVectorQuantizer(
            stacked: "codebooks", in: weights / "quantizer", stages: c.numCodebooks, size: c.codebookSize,
            dimension: c.codebookDim)
        decoder = try Self.stack(
            weights / "decoder", inputs: c.codebookDim, outputs: parts, layers: c.decoderLayers, lookahead: c.decoderLookahead, c)
        description = CodecDescription(
            name: name, modelType: CodettaCodec.modelType, sampleRate: c.samplingRate, channels: 1,
            layout: CodeLayout(
                uniform: c.numCodebooks, size: c.codebookSize, hopLength: c.hopLength, sampleRate: c.samplingRate),
            isTruncatable: true, latency: c.latency, parameterCount: parameterCount, license: license)
    }

    public static let modelType = "codetta"

    /// Input convolution, blocks, output layer.
    private static func stack(
        _ path: WeightPath, inputs: Int, outputs: Int, layers: Int, lookahead: Int, _ c: CodettaConfig
    ) throws -> Sequential {
        let kernel = 2 * lookahead + 1
        let input = try Conv1d(
            weight: path.tensor("input.weight", shape: [c.hiddenSize, inputs, kernel]),
            bias: path.tensor("input.bias", shape: [c.hiddenSize]), inputChannels: inputs, outputChannels: c.hiddenSize,
            kernelSize: kernel, padding: .lookahead(lookahead))
        let output = try Linear(
            weight: path.tensor("output.weight", shape: [outputs, c.hiddenSize]),
            bias: path.tensor("output.bias", shape: [outputs]), inputChannels: c.hiddenSize, outputChannels: outputs)
        return try Sequential(
            [input] + (0..<layers).map {
                try ConvNeXtBlock(path / "blocks" / $0, width: c.hiddenSize, expansion: c.expansion, kernelSize: c.kernelSize)
            } + [output])
    }

    public func makeEncoder(codebooks: Int) throws -> any CodecEncoder {
        try requireCodebooks(codebooks)
        return CodettaEncoder(codec: self, codebooks: codebooks)
    }

    public func makeDecoder(codebooks: Int) throws -> any CodecDecoder {
        try requireCodebooks(codebooks)
        return CodettaDecoder(codec: self)
    }
}

/// n samples in, ⌈n/hop⌉ + 1 frames out (none for n = 0): the last frame completes the overlap of the one before.
struct CodettaEncoder: LatentEncoder {
    private let codec: CodettaCodec
    private let codebooks: Int
    private var analysis: STFTAnalysis
    private var network: Sequential.State
    private var sampleCount = 0

    init(codec: CodettaCodec, codebooks: Int) {
        self.codec = codec
        self.codebooks = codebooks
        analysis = STFTAnalysis(codec.stft)
        network = codec.encoder.makeState()
    }

    mutating func latents(of audio: AudioBlock) throws -> Frames {
        try codec.requireChannels(of: audio)
        sampleCount += audio.sampleCount
        return codec.encoder.step(codec.spectrum.features(analysis.push(audio.channels[0])), state: &network)
    }

    mutating func finalLatents() throws -> Frames {
        let hop = codec.config.hopLength
        guard sampleCount > 0 else { return Frames(channels: codec.config.codebookDim) }
        let padding = (hop - sampleCount % hop) % hop + hop
        let last = analysis.push([Float](repeating: 0, count: padding))
        var latents = codec.encoder.step(codec.spectrum.features(last), state: &network)
        latents.append(codec.encoder.finish(state: &network))
        return latents
    }

    func quantize(_ latents: Frames) -> Codes {
        Codes(streams: codec.quantizer.quantize(latents, codebooks: codebooks))
    }
}

/// T frames in, (T − 1)·hop samples out.
struct CodettaDecoder: CodecDecoder {
    private let codec: CodettaCodec
    private var network: Sequential.State
    private var synthesis: STFTSynthesis

    init(codec: CodettaCodec) {
        self.codec = codec
        network = codec.decoder.makeState()
        synthesis = STFTSynthesis(codec.stft)
    }

    mutating func push(_ codes: Codes) throws -> AudioBlock {
        let latents = try codec.quantizer.dequantize(codes.streams)
        return synthesize(codec.decoder.step(latents, state: &network))
    }

    mutating func finish() throws -> AudioBlock {
        synthesize(codec.decoder.finish(state: &network))
    }

    /// The synthesis drops the first hop by itself: it lies before the signal. What the last frame leaves open is not asked for.
    private mutating func synthesize(_ output: Frames) -> AudioBlock {
        AudioBlock(mono: synthesis.push(codec.spectrum.spectrum(output)))
    }
}
