import Codetta

extension ReconstructionReport {
    /// The measures in words: what, how much, which way is better.
    var rows: [(String, String)] {
        var rows = [
            ("SNR", text(.snr, "dB")),
            ("Segmental SNR", text(.segmentalSNR, "dB")),
            ("SI-SDR", text(.siSDR, "dB")),
            ("Multi-resolution STFT", text(.multiResolutionSTFT, "", digits: 3)),
            ("Mel distance", text(.melDistance, "", digits: 3)),
            ("Log-spectral distance", text(.logSpectralDistance, "dB")),
            ("STOI", text(.stoi, "", digits: 3)),
            ("ESTOI", text(.estoi, "", digits: 3)),
        ]
        if delay.samples != 0 {
            let milliseconds = Format.decimal(1000 * Double(delay.samples) / Double(sampleRate), 1)
            rows.append(("Delay", "\(delay.samples) samples (\(milliseconds) ms)"))
        }
        if referenceSamples != degradedSamples {
            rows.append(("Length", "\(referenceSamples) and \(degradedSamples) samples"))
        }
        return rows
    }

    private func text(_ measure: Measure, _ unit: String, digits: Int = 2) -> String {
        switch overall[measure] {
        case .value(let number):
            let better = [.snr, .segmentalSNR, .siSDR, .stoi, .estoi].contains(measure) ? "more is better" : "less is better"
            return "\(Format.decimal(number, digits))\(unit.isEmpty ? "" : " " + unit)  (\(better))"
        case .undefined(let reason): return "– (\(reason))"
        }
    }
}
