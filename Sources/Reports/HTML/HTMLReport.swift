import Codetta
import Evaluation
import Plots

/// An evaluation as one HTML page that needs nothing else: curves, tables, pictures and players. It loads nothing from
/// anywhere, which its content security policy also forbids.
public struct HTMLReport {
    /// What a report holds beside the numbers.
    public struct Options: Sendable {
        /// Items to see and hear.
        public var items: Int
        /// Bytes of pictures and audio in all, as embedded.
        public var budget: Int
        /// Seconds of each item.
        public var seconds: Double
        /// Where audio and tokens lie, when not where the results say.
        public var folder: PathName?

        /// Options as they are by default, but for those given.
        public init(items: Int = 4, budget: Int = 48_000_000, seconds: Double = 15, folder: PathName? = nil) {
            (self.items, self.budget, self.seconds, self.folder) = (items, budget, seconds, folder)
        }
    }

    private let results: EvaluationResults
    private let options: Options
    private let media: Media

    /// Cells of a table, beyond which no browser shows a page.
    private static let maximumCells = 1 << 21

    /// The report of `results`. Audio is read when it is rendered.
    public init(_ results: EvaluationResults, options: Options = Options()) {
        self.results = results
        self.options = options
        media = Media(budget: options.budget, folder: options.folder, seconds: options.seconds)
    }

    /// The page. Audio that is missing or unreadable is left out; the page says so, and so does `warn`.
    /// - Parameter warn: gets what was left out and why, a line each.
    /// - Throws: `CodettaError` of kind `cannotCreate` where no temporary file can be made.
    public func render(warn: (String) -> Void = { _ in }) throws -> String {
        let title = Markup.escape("Evaluation of \(results.dataset.name)")
        let sections = [summarySection, curvesSection, try itemSection(), codebookSection, comparisonSection, scoreSection]
        for failure in media.failures { warn(failure) }
        if media.isExhausted { warn("some pictures or sounds were left out to keep the page small") }
        return """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><title>\(title)</title>
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; media-src data:; \
            style-src 'unsafe-inline'; script-src 'unsafe-inline'">
            <style>\(ReportStyle.css)</style></head><body>
            <header><h1>\(title)</h1><p>\(Markup.escape(facts))</p></header><main>
            \(sections.joined(separator: "\n"))
            </main><footer><p>Made by \(Markup.escape(results.producer)).</p></footer>
            <script>\(ReportScript.javaScript)</script></body></html>

            """
    }

    private var facts: String {
        let seconds = results.dataset.items.compactMap(\.seconds).reduce(0, +)
        let length = seconds >= 120 ? "\(fixed(seconds / 60, 1)) min" : "\(fixed(seconds, 1)) s"
        return "\(results.dataset.items.count) items, \(length), \(results.systems.count) systems. Intervals cover "
            + "\(fixed(results.settings.confidence * 100, 0)) % (bootstrap over items, \(results.settings.resamples) resamples)."
    }

    // MARK: Numbers

    private var summarySection: String {
        section("summary", "Summary", HTMLTable(.summary(results, measures: results.measures), id: "summary-table", headings: 1).markup)
    }

    private var comparisonSection: String {
        if results.comparisons.isEmpty { return "" }
        let note = "<p>Means over the items that both systems have a value for. An interval without 0 is a difference.</p>"
        return section("comparisons", "Paired differences", note + HTMLTable(.comparisons(results, rows: Self.maximumCells / 5), id: "comparison-table", headings: 1).markup)
    }

    private var scoreSection: String {
        let filter = "<p><label>Show rows with <input type=\"search\" id=\"filter\" autocomplete=\"off\"></label> "
            + "<span id=\"shown\" role=\"status\"></span></p>"
        let shown = min(results.scores.count, max(1, Self.maximumCells / max(1, results.measures.count)))
        let note = shown < results.scores.count ? "<p>The first \(shown) of \(results.scores.count) rows.</p>" : ""
        return section("files", "Every file", filter + note + HTMLTable(.scores(results, rows: shown), id: "score-table", headings: 1).markup)
    }

    private var curvesSection: String {
        let charts = results.measures.map { measure -> String in
            let chart = RateDistortionChart(
                title: "", label: measure.unit.isEmpty ? measure.title : "\(measure.title) (\(measure.unit))",
                rateLabel: "Bitrate sent (kb/s)", curves: curves(measure))
            let better = measure.moreIsBetter.map { $0 ? "more is better" : "less is better" } ?? ""
            let painter = MarkupPainter(width: 620, height: 420, label: "\(measure.title) over bitrate, \(better); numbers in the summary")
            chart.draw(on: painter)
            let caption = Markup.escape(measure.title) + (better.isEmpty ? "" : " <small>\(better)</small>")
            return "<figure class=\"chart\"><figcaption>\(caption)</figcaption>\(painter.markup)</figure>"
        }
        return section("curves", "Rate and distortion", "<div class=\"grid\">\(charts.joined())</div>")
    }

    /// One per codec, through its settings.
    private func curves(_ measure: MeasureDefinition) -> [RateDistortionChart.Curve] {
        let summaries = Dictionary(results.summaries.map { ($0.system, $0) }, uniquingKeysWith: { first, _ in first })
        let systems = Dictionary(grouping: results.systems, by: \.name)
        var seen: Set<String> = []
        let names = results.systems.map(\.name).filter { seen.insert($0).inserted }
        return names.enumerated().map { style, name in
            let points = (systems[name] ?? []).compactMap { system -> RateDistortionChart.Point? in
                guard let summary = summaries[system.id], let rates = summary.rates,
                    let value = summary.measures.first(where: { $0.measure == measure.name }), let mean = value.mean
                else { return nil }
                let interval = value.interval.flatMap { $0.low <= $0.high ? $0.low...$0.high : nil }
                return RateDistortionChart.Point(rate: rates.payload, value: mean, interval: interval)
            }
            return RateDistortionChart.Curve(name: name, points: points, style: style)
        }
    }

    private var codebookSection: String {
        let figures = results.summaries.filter { !$0.codebooks.isEmpty }.map { summary -> String in
            let counts = summary.codebooks
            let rows = Double((min(counts.count, HistogramPicture.maximumPanels) + 3) / 4)
            let painter = MarkupPainter(width: 1200, height: rows * 240, label: "Use of the codebooks of \(summary.system)")
            HistogramPicture().draw(counts, title: "", on: painter)
            return "<details><summary>\(Markup.escape(summary.system))</summary><figure>\(painter.markup)</figure></details>"
        }
        if figures.isEmpty { return "" }
        let note = "<p>Share of each codeword relative to an even one, the commonest first; the line is an even share.</p>"
        return section("codebooks", "Codebook use", note + figures.joined())
    }

    // MARK: Items

    private func itemSection() throws -> String {
        guard options.items > 0 else { return "" }
        let chosen = chosenItems
        guard !chosen.isEmpty else {
            return section("items", "Items", "<p>No decoded audio is at hand: it was not kept, or lies elsewhere.</p>")
        }
        let parts = try chosen.enumerated().map { try ItemMarkup(results, $1, index: $0, media: media).markup() }
        var left = media.isExhausted ? "<p>Some pictures or sounds were left out to keep the page small.</p>" : ""
        if !media.failures.isEmpty {
            left += "<ul>" + media.failures.map { "<li>\(Markup.escape($0))</li>" }.joined() + "</ul>"
        }
        let note = "<p>At most the first \(fixed(options.seconds, 0)) s of each. Switching keeps the place: keys 1 to 9 choose, "
            + "space plays and pauses.</p>"
        return section("items", "Items", note + left + parts.joined())
    }

    /// Items whose recording and at least one result can be heard, evenly spread over the data set.
    private var chosenItems: [EvaluatedDataset.Item] {
        let kept = results.scores.filter { $0.audio != nil }
        if kept.isEmpty { return [] }
        let heard = kept.filter { media.locate($0.audio) != nil }
        let known = Set(heard.map(\.item))
        let candidates = results.dataset.items.filter { known.contains($0.id) && media.locate($0.path) != nil }
        if heard.count < kept.count { media.note("\(kept.count - heard.count) of \(kept.count) decoded recordings are not where the results say") }
        if candidates.count < known.count { media.note("\(known.count - candidates.count) of \(known.count) recordings are not where the results say") }
        let count = min(options.items, candidates.count)
        return (0..<max(0, count)).map { candidates[$0 * candidates.count / count] }
    }

    private func section(_ id: String, _ title: String, _ content: String) -> String {
        "<section id=\"\(id)\" aria-labelledby=\"\(id)-title\"><h2 id=\"\(id)-title\">\(title)</h2>\(content)</section>"
    }
}
