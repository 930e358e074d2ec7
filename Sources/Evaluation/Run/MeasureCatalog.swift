import Metrics

extension MeasureDescription {
    /// The description of one of the toolkit's own measures.
    init(_ measure: Measure) {
        let about = measure.definition
        let moreIsBetter: Bool?
        switch about.direction {
        case .moreIsBetter: moreIsBetter = true
        case .lessIsBetter: moreIsBetter = false
        case .nearerZeroIsBetter, .descriptive: moreIsBetter = nil
        }
        self.init(
            name: measure.rawValue, title: about.title, unit: about.unit, moreIsBetter: moreIsBetter, decimals: about.decimals)
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
