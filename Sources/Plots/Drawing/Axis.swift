import Platform

/// A scale with its label and the values that are worth a tick.
public struct Axis: Sendable {
    /// How values are spread along the axis.
    public enum Scale: Sendable, Hashable {
        /// Equal differences take equal lengths.
        case linear
        /// Equal ratios take equal lengths; the lower bound must be above 0.
        case logarithmic
        /// Hz to O'Shaughnessy's mel, 2595·log₁₀(1 + f/700).
        case mel
    }

    /// How ticks are written.
    public enum Notation: Sendable, Hashable {
        /// As they are.
        case number
        /// Hz, written in kHz.
        case kilohertz
        /// Seconds; minutes and seconds where there are many.
        case time
    }

    /// The values at the ends.
    public var range: ClosedRange<Double>
    /// What is measured and its unit.
    public var label: String
    /// How values are spread.
    public var scale: Scale
    /// How ticks are written.
    public var notation: Notation

    /// A range without extent is widened, so that there is something to draw.
    public init(_ range: ClosedRange<Double>, label: String, scale: Scale = .linear, notation: Notation = .number) {
        let isEmpty = !(range.upperBound > range.lowerBound)
        let margin = max(abs(range.lowerBound) * 0.1, 1e-3)
        self.range = isEmpty ? range.lowerBound - (scale == .linear ? margin : 0)...range.lowerBound + margin : range
        self.label = label
        self.scale = scale
        self.notation = notation
    }

    /// Where `value` lies between the range's ends, 0…1 within it.
    public func fraction(_ value: Double) -> Double {
        let (low, high) = (warp(range.lowerBound), warp(range.upperBound))
        return (warp(value) - low) / (high - low)
    }

    /// The value at a fraction of the axis, the inverse of `fraction`.
    public func value(at fraction: Double) -> Double {
        let (low, high) = (warp(range.lowerBound), warp(range.upperBound))
        return unwarp(low + fraction * (high - low))
    }

    private func warp(_ value: Double) -> Double {
        switch scale {
        case .linear: return value
        case .logarithmic: return log10(max(value, .leastNormalMagnitude))
        case .mel: return 2595 * log10(1 + value / 700)
        }
    }

    private func unwarp(_ value: Double) -> Double {
        switch scale {
        case .linear: return value
        case .logarithmic: return pow(10, value)
        case .mel: return 700 * (pow(10, value / 2595) - 1)
        }
    }

    /// At most about `count` round values within the range, with their texts.
    public func ticks(_ count: Int) -> [(value: Double, text: String)] {
        let values = scale == .linear ? linearTicks(count) : roundTicks(count)
        // Round values that do not lie at equal distances need no common number of decimals.
        return values.map { ($0, text($0, among: scale == .linear ? values : [$0])) }
    }

    private func linearTicks(_ count: Int) -> [Double] {
        let step = step(count)
        let (first, last) = ((range.lowerBound / step - 1e-9).rounded(.up), (range.upperBound / step + 1e-9).rounded(.down))
        guard last >= first, last - first < 1000 else { return [] }
        return (0...Int(last - first)).map { (first + Double($0)) * step }
    }

    /// The least round step that gives at most `count` intervals.
    private func step(_ count: Int) -> Double {
        let wanted = (range.upperBound - range.lowerBound) / Double(max(count, 1))
        if notation == .time, range.upperBound > 120 {
            let steps: [Double] = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 18000, 36000]
            if let step = steps.first(where: { $0 >= wanted }) { return step }
        }
        let power = pow(10, log10(wanted).rounded(.down))
        return ([1, 2, 5].first { $0 * power >= wanted * (1 - 1e-9) } ?? 10) * power
    }

    /// 1, 2 and 5 times powers of ten, thinned out until they do not crowd.
    private func roundTicks(_ count: Int) -> [Double] {
        // The mel scale is nearly linear near 0, where powers of ten would crowd.
        let low = max(range.lowerBound, range.upperBound * (scale == .mel ? 1e-3 : 1e-6))
        let powers = Int(log10(low).rounded(.down))...Int(log10(range.upperBound).rounded(.up))
        let values = powers.flatMap { power in [1, 1.5, 2, 3, 4, 6, 8].map { $0 * pow(10, Double(power)) } }
            .filter { range.contains($0) }
        var kept: [Double] = scale == .mel && range.contains(0) ? [0] : []
        for value in values where kept.last.map({ fraction(value) - fraction($0) >= 1 / Double(max(count, 1)) * 0.8 }) ?? true {
            kept.append(value)
        }
        return kept
    }

    private func text(_ value: Double, among values: [Double]) -> String {
        if notation == .time, range.upperBound > 120 {
            let whole = Int(value.rounded())
            let (minutes, seconds) = (whole / 60, whole % 60)
            let tail = (seconds < 10 ? "0" : "") + "\(seconds)"
            return minutes < 60 ? "\(minutes):\(tail)" : "\(minutes / 60):\(minutes % 60 < 10 ? "0" : "")\(minutes % 60):\(tail)"
        }
        let unit = notation == .kilohertz ? 1000.0 : 1
        let digits = (0...6).first { digits in
            let scale = pow(10, Double(digits))
            return values.allSatisfy { abs(($0 / unit * scale).rounded() / scale - $0 / unit) < 1e-9 * max(1, abs($0 / unit)) }
        }
        return decimal(value / unit, digits ?? 6)
    }
}

/// `value` with `digits` decimals and a true minus sign.
func decimal(_ value: Double, _ digits: Int) -> String {
    let scale = pow(10, Double(digits))
    let scaled = (abs(value) * scale).rounded()
    guard scaled.isFinite, scaled < 1e15 else { return "\(value)" }
    let whole = Int(scaled)
    var text = "\(whole / Int(scale))"
    if digits > 0 {
        let rest = "\(whole % Int(scale))"
        text += "." + String(repeating: "0", count: digits - rest.count) + rest
    }
    return (value < 0 && whole > 0 ? "−" : "") + text
}
