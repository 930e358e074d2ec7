import Audio
import Checkpoints
import Codecs
import Kernels
import Spectral
import TokenFiles

/// Features of audio that need no model.
public enum FeatureKind: String, CaseIterable, Sendable {
    /// Natural logarithm of the power in 80 mel bands, at least 10⁻¹⁰; or a vocoder's own.
    case mel
    /// 13 coefficients of an orthonormal DCT-II over the log-mel bands (Davis and Mermelstein 1980).
    case mfcc

    /// Values per frame, without a vocoder.
    public var dimension: Int { self == .mel ? 80 : 13 }
}

/// Writes mel or MFCC features: what discrete units are clustered from, or what a vocoder takes.
///
/// The audio is mixed to mono and converted to 16 kHz; frames are Hann windows of 32 ms, centred on every 10 ms, silence
/// beyond the ends; mel bands have librosa's (Slaney's) scale and norm over 0–8 kHz. A vocoder's features are its own in all.
public struct FeatureExport: Sendable {
    /// Which features are written.
    public let kind: FeatureKind
    /// The format of the file that is written.
    public var format: LatentFormat
    /// What the features are called in reports and files.
    private let name: String
    private let sampleRate: Int
    private let logMel: LogMel
    private let cepstrum: MFCC?

    /// Rate in Hz that audio is converted to first.
    public static let sampleRate = 16_000
    /// Frames per second.
    public static let frameRate = 100

    /// - Throws: `SpectralError`.
    public init(_ kind: FeatureKind, format: LatentFormat) throws {
        self.kind = kind
        self.format = format
        name = kind.rawValue
        sampleRate = Self.sampleRate
        let stft = try STFT(fftSize: 512, hopLength: Self.sampleRate / Self.frameRate, padding: .center(.zero))
        logMel = try LogMel(
            stft: stft,
            filters: MelFilterbank(sampleRate: Double(Self.sampleRate), fftSize: 512, bands: FeatureKind.mel.dimension))
        cepstrum = kind == .mel ? nil : try MFCC(count: FeatureKind.mfcc.dimension, bands: FeatureKind.mel.dimension)
    }

    /// The mel features that `vocoder` takes.
    public init(vocoder: VocosVocoder, format: LatentFormat) {
        kind = .mel
        self.format = format
        name = vocoder.description.name
        sampleRate = vocoder.description.sampleRate
        logMel = vocoder.logMel
        cepstrum = nil
    }

    /// The features `[frames, dimension]` of all of `reader` to `sink`; held in memory until the end.
    /// - Throws: `SpectralError.signalTooShort` for fewer samples than a vocoder's windows mirror; `AudioError`.
    public func write(
        _ reader: AudioReader, to sink: any ByteSink, progress: (Int) -> Void = { _ in }
    ) throws -> LatentReport {
        var resampler = try Resampler.between(reader.sampleRate, sampleRate, channels: 1)
        var analysis = STFTAnalysis(logMel.stft)
        var frames = Frames(channels: cepstrum?.count ?? logMel.filters.bands)
        var samples = 0
        while true {
            let block = try reader.read(upTo: StepSize.samples)
            if block.isEmpty { break }
            samples += block.sampleCount
            let mono = block.mean()
            frames.append(features(try analysis.push((resampler?.push(mono) ?? mono).channel(0))))
            progress(samples)
        }
        if let rest = try resampler?.finish() { frames.append(features(try analysis.push(rest.channel(0)))) }
        if samples > 0 { frames.append(features(try analysis.finish())) }
        let report = LatentReport(
            model: name, tracks: 1, frames: frames.count, dimension: frames.channels,
            frameRate: Double(sampleRate) / Double(logMel.stft.hopLength), samples: samples, sampleRate: reader.sampleRate,
            byteCount: 0, warnings: reader.encodingWarnings)
        return try format.write([frames], name: "features", report, metadata: ["features": name], to: sink)
    }

    private func features(_ spectrum: Spectrum) -> Frames {
        let mel = logMel.apply(spectrum)
        return cepstrum?.apply(mel) ?? mel
    }
}
