import Metrics
import Platform
import Tokens

/// What a document from elsewhere may say: every number within bounds in which nothing that is made of it overflows, and texts of a length
/// that a table can show.
struct DocumentChecks {
    /// Where in the document, e.g. `.scores[3]`.
    var place: String

    /// Beyond all measures and rates; far below where sums and axes lose their meaning.
    static let largest = 1e15
    static let any = -largest...largest
    static let positive = 0...largest
    static let counts = 0...1 << 48
    private static let nameLimit = 1 << 14
    private static let textLimit = 1 << 16
    private static let measureLimit = 128
    private static let systemLimit = 512

    /// - Throws: `EvaluationError.malformed` unless the number, if there is one, is finite and in `range`.
    func number(_ name: String, _ value: Double?, in range: ClosedRange<Double> = positive) throws(EvaluationError) {
        guard let value, !range.contains(value) else { return }
        throw refusal(name, "\(value) is not in \(range.lowerBound)...\(range.upperBound)")
    }

    /// - Throws: `EvaluationError.malformed` unless the number, if there is one, is in `range`.
    func count(_ name: String, _ value: Int?, in range: ClosedRange<Int> = counts) throws(EvaluationError) {
        guard let value, !range.contains(value) else { return }
        throw refusal(name, "\(value) is not in \(range.lowerBound)...\(range.upperBound)")
    }

    /// - Throws: `EvaluationError.malformed` for text that is too long for a name.
    func name(_ name: String, _ text: String) throws(EvaluationError) {
        if text.utf8.count > Self.nameLimit { throw refusal(name, "a name of \(text.utf8.count) bytes, at most \(Self.nameLimit) are read") }
    }

    /// - Throws: `EvaluationError.malformed` for text that is too long to be shown.
    func text(_ name: String, _ text: String?) throws(EvaluationError) {
        guard let text, text.utf8.count > Self.textLimit else { return }
        throw refusal(name, "a text of \(text.utf8.count) bytes, at most \(Self.textLimit) are read")
    }

    private func refusal(_ name: String, _ reason: String) -> EvaluationError { .malformed("at \(place)\(name): \(reason)") }

    /// - Throws: `EvaluationError.malformed` for the first number that is out of its bounds.
    static func check(_ results: EvaluationResults) throws(EvaluationError) {
        let top = DocumentChecks(place: "")
        try top.settings(results.settings)
        try top.name(".producer", results.producer)
        try top.name(".dataset.name", results.dataset.name)
        try top.count(".measures", results.measures.count, in: 0...measureLimit)
        try top.count(".systems", results.systems.count, in: 0...systemLimit)
        for (i, item) in results.dataset.items.enumerated() { try DocumentChecks(place: ".dataset.items[\(i)]").item(item) }
        for (i, measure) in results.measures.enumerated() { try DocumentChecks(place: ".measures[\(i)]").measure(measure) }
        for (i, system) in results.systems.enumerated() { try DocumentChecks(place: ".systems[\(i)]").system(system) }
        for (i, score) in results.scores.enumerated() { try DocumentChecks(place: ".scores[\(i)]").score(score) }
        for (i, summary) in results.summaries.enumerated() { try DocumentChecks(place: ".summaries[\(i)]").summary(summary) }
        for (i, comparison) in results.comparisons.enumerated() {
            try DocumentChecks(place: ".comparisons[\(i)]").comparison(comparison)
        }
    }

    // MARK: The parts

    private func settings(_ settings: EvaluationSettings) throws(EvaluationError) {
        try number(".settings.maximumDelay", settings.maximumDelay, in: 0...1e6)
        try number(".settings.confidence", settings.confidence, in: 0...1)
        try count(".settings.resamples", settings.resamples, in: 0...1 << 31)
    }

    /// - Throws: `EvaluationError.malformed`.
    func item(_ item: EvaluatedDataset.Item) throws(EvaluationError) {
        try name(".id", item.id)
        try name(".path", item.path)
        try number(".seconds", item.seconds)
        try count(".sampleRate", item.sampleRate, in: 1...1 << 32)
        try count(".channels", item.channels, in: 1...1 << 16)
        try text(".failure", item.failure)
    }

    private func measure(_ measure: MeasureDefinition) throws(EvaluationError) {
        try name(".name", measure.name)
        try name(".title", measure.title)
        try name(".unit", measure.unit)
        try count(".decimals", measure.decimals, in: 0...17)
    }

    private func system(_ system: EvaluatedSystem) throws(EvaluationError) {
        try name(".id", system.id)
        try name(".name", system.name)
        try name(".setting", system.setting)
        try number(".nominalRate", system.nominalRate)
        try count(".sampleRate", system.sampleRate, in: 1...1 << 32)
        try count(".parameterCount", system.parameterCount)
    }

    /// - Throws: `EvaluationError.malformed`.
    func score(_ score: ItemScore) throws(EvaluationError) {
        try text(".failure", score.failure)
        try rates(score.rates)
        try count(".delay.samples", score.delay?.samples, in: -Self.counts.upperBound...Self.counts.upperBound)
        try number(".delay.correlation", score.delay?.correlation.number, in: Self.any)
        for (name, value) in score.measures {
            try number(".measures.\(name)", value.number, in: Self.any)
            if case .stated(let reason)? = value.reason { try text(".measures.\(name)", reason) }
        }
        for (k, use) in score.codebooks.enumerated() {
            try count(".codebooks[\(k)].size", use.size, in: CodeCounts.sizes)
            try count(".codebooks[\(k)].total", use.codes)
            try count(".codebooks[\(k)].used", use.used, in: 0...use.size)
            try number(".codebooks[\(k)].entropy", use.entropy, in: 0...64)
        }
        try number(".encodeSeconds", score.encodeSeconds)
        try number(".decodeSeconds", score.decodeSeconds)
        try text(".audio", score.audio)
        try text(".tokens", score.tokens)
    }

    private func rates(_ rates: ItemRates?) throws(EvaluationError) {
        try number(".rates.nominal", rates?.nominal)
        try number(".rates.payload", rates?.payload)
        try number(".rates.file", rates?.file)
        try number(".rates.entropy", rates?.entropy)
    }

    private func summary(_ summary: SystemSummary) throws(EvaluationError) {
        try count(".coded", summary.coded)
        try count(".failed", summary.failed)
        try rates(summary.rates)
        try number(".encodingSpeed", summary.encodingSpeed)
        try number(".decodingSpeed", summary.decodingSpeed)
        for (i, measure) in summary.measures.enumerated() {
            try number(".measures[\(i)].mean", measure.mean, in: Self.any)
            try interval(".measures[\(i)].interval", measure.interval)
            try count(".measures[\(i)].count", measure.count)
            for (reason, number) in measure.absent {
                try text(".measures[\(i)].absent", reason)
                try count(".measures[\(i)].absent", number)
            }
        }
    }

    private func comparison(_ comparison: PairedComparison) throws(EvaluationError) {
        try number(".difference", comparison.difference, in: Self.any)
        try interval(".interval", comparison.interval)
        try count(".count", comparison.count)
    }

    private func interval(_ name: String, _ interval: ConfidenceInterval?) throws(EvaluationError) {
        guard let interval else { return }
        try number("\(name).low", interval.low, in: Self.any)
        try number("\(name).high", interval.high, in: Self.any)
        if interval.low > interval.high { throw refusal(name, "\(interval.low) is above \(interval.high)") }
    }
}
