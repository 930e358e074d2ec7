import Metrics

extension MeasureDescription {
    /// What is said of the toolkit's own measures beside their names.
    private static let known: [Measure: (title: String, unit: String, moreIsBetter: Bool, decimals: Int)] = [
        .snr: ("SNR", "dB", true, 2),
        .segmentalSNR: ("Segmental SNR", "dB", true, 2),
        .siSDR: ("SI-SDR", "dB", true, 2),
        .multiResolutionSTFT: ("Multi-resolution STFT", "", false, 3),
        .melDistance: ("Mel distance", "", false, 3),
        .logSpectralDistance: ("Log-spectral distance", "dB", false, 2),
        .stoi: ("STOI", "", true, 3),
        .estoi: ("ESTOI", "", true, 3),
    ]

    /// The description of one of the toolkit's own measures.
    init(_ measure: Measure) {
        let about = Self.known[measure]
        self.init(
            name: measure.rawValue, title: about?.title ?? measure.rawValue, unit: about?.unit ?? "",
            moreIsBetter: about?.moreIsBetter, decimals: about?.decimals ?? 3)
    }
}

extension ScoreValue {
    init(_ value: MetricValue) {
        switch value {
        case .value(let number): self = .value(number)
        case .undefined(let reason): self = .absent("\(reason)")
        }
    }
}
