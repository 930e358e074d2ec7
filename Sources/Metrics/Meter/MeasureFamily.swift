import Spectral

/// The running state of some measures over aligned pairs of one channel. Its sums go sample by sample or frame by frame in
/// double precision, so that any cut of the signals gives the same bits.
///
/// Its owner has ruled out silent references and samples that are not finite before it asks for the values.
protocol PairAccumulator: Sendable {
    /// Takes as many samples of both signals.
    mutating func push(reference: [Float], degraded: [Float])
    /// The measures over all that was pushed.
    mutating func finish() -> [Measure: MetricValue]
}

/// Measures that one pass over a channel computes together, and how to make what computes them. All of a family's definitions
/// name the same sample rate, and the signals arrive at that rate.
struct MeasureFamily: Sendable {
    let measures: [Measure]
    /// The accumulator for signals at `rate` Hz.
    let make: @Sendable (_ rate: Int) throws(SpectralError) -> any PairAccumulator

    var sampleRate: Int? { measures[0].definition.sampleRate }

    /// Every measure of one channel is in one family; `Loudness` has those of all channels together.
    static let all: [MeasureFamily] = [
        MeasureFamily(measures: [.snr, .siSDR]) { _ in WaveformSums() },
        MeasureFamily(measures: [.segmentalSNR]) { SegmentalSNR(sampleRate: $0) },
        MeasureFamily(measures: [.multiResolutionSTFT]) { _ throws(SpectralError) in try MultiResolutionSTFT() },
        MeasureFamily(measures: [.melDistance, .stftDistance, .logSpectralDistance]) { rate throws(SpectralError) in
            try CentredDistances(sampleRate: rate)
        },
        MeasureFamily(measures: [.encodecMelDistance]) { rate throws(SpectralError) in
            try EncodecMelDistance(sampleRate: rate)
        },
        MeasureFamily(measures: [.melCepstralDistortion]) { rate throws(SpectralError) in
            try MelCepstralDistortion(sampleRate: rate)
        },
        MeasureFamily(measures: [.stoi, .estoi]) { _ throws(SpectralError) in try Intelligibility() },
        MeasureFamily(measures: [.pesqNarrowband]) { _ throws(SpectralError) in try PESQAccumulator(.narrowband) },
        MeasureFamily(measures: [.pesqWideband]) { _ throws(SpectralError) in try PESQAccumulator(.wideband) },
        MeasureFamily(measures: [.visqolSpeech, .visqolSpeechMOS]) { _ throws(SpectralError) in try ViSQOLAccumulator(.speech) },
        MeasureFamily(measures: [.visqolAudio]) { _ throws(SpectralError) in try ViSQOLAccumulator(.audio) },
        MeasureFamily(measures: [.f0ErrorCents, .f0ErrorHertz, .grossPitchError, .voicingDecisionError]) {
            _ throws(SpectralError) in try PitchErrors()
        },
        MeasureFamily(measures: [.bandwidthReference, .bandwidthDegraded]) { rate throws(SpectralError) in
            try Bandwidth(sampleRate: rate)
        },
        MeasureFamily(measures: [.clippingReference, .clippingDegraded]) { _ in Clipping() },
    ]
}
