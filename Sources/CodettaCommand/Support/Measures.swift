import Codetta

extension ReconstructionReport {
    /// The measures in words, by kind: what, how much, which way is better. Ones that were not asked for are left out.
    var rows: [(String, String)] {
        var rows: [(String, String)] = []
        for kind in MeasureDefinition.Kind.allCases {
            let measured = Measure.allCases.filter { $0.definition.kind == kind && overall[$0] != .undefined(.notMeasured) }
            if measured.isEmpty { continue }
            rows.append((kind.title, ""))
            rows += measured.map { ("  " + $0.definition.title, text($0)) }
        }
        if delay.samples != 0 {
            let milliseconds = Format.decimal(1000 * Double(delay.samples) / Double(sampleRate), 1)
            rows.append(("Delay", "\(delay.samples) samples (\(milliseconds) ms)"))
        }
        if delay.isInverted { rows.append(("Polarity", "inverted")) }
        if let correlation = delay.correlation.number, delay.isWeak {
            rows.append(("Alignment", "uncertain: the signals correlate by \(Format.decimal(correlation, 2)) at best"))
        }
        if referenceSamples != degradedSamples {
            rows.append(("Length", "\(referenceSamples) and \(degradedSamples) samples, \(comparedSamples) compared"))
        }
        return rows
    }

    private func text(_ measure: Measure) -> String {
        let definition = measure.definition
        switch overall[measure] {
        case .value(let number):
            let unit = definition.unit.isEmpty ? "" : " " + definition.unit
            return "\(Format.decimal(number, definition.decimals))\(unit)\(definition.direction.note)"
        case .undefined(let reason): return "– (\(reason))"
        }
    }
}

extension MeasureDefinition.Direction {
    fileprivate var note: String {
        switch self {
        case .moreIsBetter: return "  (more is better)"
        case .lessIsBetter: return "  (less is better)"
        case .nearerZeroIsBetter: return "  (nearer 0 is better)"
        case .descriptive: return ""
        }
    }
}
