import AudioIO
import Checkpoints
import Spectral
import Tensors
import TokenStream

/// Features of audio that need no model.
public enum FeatureKind: String, CaseIterable, Sendable {
    /// Natural logarithm of the power in 80 mel bands, at least 10⁻¹⁰.
    case mel
    /// 13 coefficients of an orthonormal DCT-II over the log-mel bands (Davis and Mermelstein 1980).
    case mfcc

    /// Values a frame.
    public var dimension: Int { self == .mel ? 80 : 13 }
}

/// Writes mel or MFCC features: what discrete units are clustered from.
///
/// The audio is mixed to mono and converted to 16 kHz; frames are Hann windows of 32 ms, centred on every 10 ms, silence
/// beyond the ends; mel bands have librosa's (Slaney's) scale and norm over 0–8 kHz.
public struct FeatureExport: Sendable {
    public var kind: FeatureKind
    public var format: LatentFormat
    private let logMel: LogMel
    private let cepstrum: MFCC

    public static let sampleRate = 16_000
    /// Frames a second.
    public static let frameRate = 100

    /// - Throws: `SpectralError`.
    public init(_ kind: FeatureKind, format: LatentFormat) throws {
        self.kind = kind
        self.format = format
        let stft = try STFT(fftSize: 512, hopLength: Self.sampleRate / Self.frameRate, padding: .center(.zero))
        logMel = try LogMel(
            stft: stft,
            filters: MelFilterbank(sampleRate: Double(Self.sampleRate), fftSize: 512, bands: FeatureKind.mel.dimension))
        cepstrum = try MFCC(count: FeatureKind.mfcc.dimension, bands: FeatureKind.mel.dimension)
    }

    /// The features `[frames, dimension]` of all of `reader` to `sink`; held in memory until the end.
    public func write(
        _ reader: AudioReader, to sink: any ByteSink, progress: (Int) -> Void = { _ in }
    ) throws -> LatentReport {
        let resampler = try Resampler.between(reader.sampleRate, Self.sampleRate, channels: 1)
        var analysis = STFTAnalysis(logMel.stft)
        var frames = Frames(channels: kind.dimension)
        var samples = 0
        while true {
            let block = try reader.read(upTo: StepSize.samples)
            if block.isEmpty { break }
            samples += block.sampleCount
            let mono = block.downmixedToMono()
            frames.append(features(analysis.push(try (resampler?.process(mono) ?? mono).channels[0])))
            progress(samples)
        }
        if let rest = try resampler?.finish() { frames.append(features(analysis.push(rest.channels[0]))) }
        if samples > 0 { frames.append(features(try analysis.finish())) }
        let report = LatentReport(
            model: kind.rawValue, tracks: 1, frames: frames.count, dimension: kind.dimension, frameRate: Double(Self.frameRate),
            samples: samples, sampleRate: reader.sampleRate, byteCount: 0, warnings: reader.encodingWarnings)
        return try format.write([frames], name: "features", report, metadata: ["features": kind.rawValue], to: sink)
    }

    private func features(_ spectrum: Spectrum) -> Frames {
        let mel = logMel.apply(spectrum)
        return kind == .mel ? mel : cepstrum.apply(mel)
    }
}
