import Codetta
import Evaluation
import Plots

/// One item to see and hear: players that switch in step, a blind test, spectrograms, differences and token maps.
struct ItemMarkup {
    private let item: EvaluatedDataset.Item
    private let scores: [ItemScore]
    private let index: Int
    private let media: Media

    init(_ results: EvaluationResults, _ item: EvaluatedDataset.Item, index: Int, media: Media) {
        (self.item, self.index, self.media) = (item, index, media)
        scores = results.scores.filter { $0.item == item.id }
    }

    /// - Throws: `TemporaryFolder.Unmade`.
    func markup() throws -> String {
        let sources = [("Original", media.locate(item.path))] + scores.map { ($0.system, media.locate($0.audio)) }
        let known = sources.compactMap { name, path in path.map { (name: name, path: $0) } }
        return "<article class=\"item\" aria-label=\"\(Markup.escape(item.id))\"><h3>\(Markup.escape(item.id))</h3>"
            + (try players(known)) + "<div class=\"pairs\">\(pictures(known))</div>\(tokenMaps)</article>"
    }

    // MARK: Sound

    private func players(_ sources: [(name: String, path: PathName)]) throws -> String {
        let sounds = try sources.compactMap { source in try media.audio(source.path).map { (name: source.name, data: $0) } }
        guard !sounds.isEmpty else { return "<p>The sound was left out.</p>" }
        let choices = sounds.enumerated().map { number, sound in
            "<label><input type=\"radio\" name=\"source-\(index)\" value=\"\(number)\"\(number == 0 ? " checked" : "")> "
                + "<kbd>\(number + 1)</kbd> \(Markup.escape(sound.name))</label>"
        }.joined()
        let audio = sounds.map { "<audio preload=\"auto\" src=\"\($0.data)\"></audio>" }.joined()
        let controls = "<button type=\"button\" class=\"play\" aria-label=\"Play or pause\">Play</button> "
            + "<input type=\"range\" class=\"seek\" min=\"0\" max=\"1\" step=\"0.001\" value=\"0\" aria-label=\"Place in the recording\"> "
            + "<output class=\"time\">0.0 s</output>"
        return "<div class=\"player\" tabindex=\"0\" role=\"group\" aria-label=\"Player of \(Markup.escape(item.id))\">\(controls)"
            + "<fieldset><legend>Hear</legend>\(choices)</fieldset>\(audio)</div>" + blindTest(sounds.map(\.name))
    }

    private func blindTest(_ names: [String]) -> String {
        guard names.count > 1 else { return "" }
        func select(_ label: String, _ chosen: Int) -> String {
            let entries = names.enumerated().map { number, name in
                "<option value=\"\(number)\"\(number == chosen ? " selected" : "")>\(Markup.escape(name))</option>"
            }.joined()
            return "<label>\(label) <select class=\"\(label.lowercased())\">\(entries)</select></label> "
        }
        let buttons = ["A", "B", "X"].map { "<button type=\"button\" data-play=\"\($0)\">Play \($0)</button> " }.joined()
        let answers = ["A", "B"].map { "<button type=\"button\" data-answer=\"\($0)\">X is \($0)</button> " }.joined()
        return "<details class=\"abx\"><summary>Blind test (ABX)</summary><p>X is A or B, drawn anew for each trial. "
            + "Decide on the number of trials beforehand.</p><p>\(select("A", 0))\(select("B", 1))</p><p>\(buttons)</p>"
            + "<p>\(answers)<button type=\"button\" class=\"restart\">Start again</button></p>"
            + "<p class=\"verdict\" role=\"status\">No trials yet.</p></details>"
    }

    // MARK: Pictures

    private func pictures(_ sources: [(name: String, path: PathName)]) -> String {
        guard let original = sources.first, let reference = media.spectrogram(original.path) else { return "" }
        let drawing = SpectrogramPicture(width: 600, height: 260, step: 2)
        let first = figure("Original", "Spectrogram of the original") { try drawing.render(reference, title: "", format: .png) }
        var figures = "<div class=\"pair\">\(first)</div>"
        for source in sources.dropFirst() {
            guard let degraded = media.spectrogram(source.path) else { continue }
            var pair = figure(source.name, "Spectrogram of \(source.name)") {
                try drawing.render(degraded, title: "", duration: reference.duration, format: .png)
            }
            if degraded.sampleRate == reference.sampleRate {
                pair += figure("\(source.name) less the original", "Difference of the spectrograms of \(source.name) and the original") {
                    try drawing.renderDifference(reference: reference, degraded: degraded, title: "", format: .png)
                }
            }
            figures += "<div class=\"pair\">\(pair)</div>"
        }
        return figures
    }

    private var tokenMaps: String {
        let figures = scores.map { score -> String in
            guard let path = media.locate(score.tokens) else { return "" }
            return figure("Codes of \(score.system)", "Codes of \(score.system) over time") {
                try FilePicture(kind: .tokens, width: 1200, height: 300).render(try InputFile(path))
            }
        }.joined()
        return figures.isEmpty ? "" : "<details><summary>Codes over time</summary>\(figures)</details>"
    }

    private func figure(_ caption: String, _ description: String, _ draw: () throws -> [UInt8]) -> String {
        guard let data = media.picture("\(item.id): \(description)", draw) else { return "" }
        return "<figure><figcaption>\(Markup.escape(caption))</figcaption>"
            + "<img src=\"\(data)\" alt=\"\(Markup.escape(description))\"></figure>"
    }
}
