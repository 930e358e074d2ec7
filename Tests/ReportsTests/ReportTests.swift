import Codetta
import Evaluation
import Foundation
import Reports
import TestSupport
import Testing

/// Names that would break out of markup if they were not escaped.
private let hostile = #"<img src=x onerror="document.title='owned'">&'.wav"#

/// An evaluation of two items by two settings of one model, with or without audio in `folder`.
private func sample(in folder: ScratchFolder? = nil) throws -> EvaluationResults {
    func write(_ name: String, _ hertz: Double) throws -> String? {
        guard let folder else { return nil }
        return try folder.writeAudio(name, AudioBlock(mono: sine(hertz, rate: 16000, samples: 8000)), rate: 16000, format: nil)
    }
    func score(_ item: String, _ system: String, _ stoi: MetricValue, _ rate: Double) throws -> ItemScore {
        ItemScore(
            item: item, system: system, rates: ItemRates(nominal: rate, payload: rate, file: rate + 0.5), measures: ["stoi": stoi],
            audio: try write("\(system)-\(item.count).wav", 500))
    }
    func summary(_ system: String, _ mean: Double, _ rate: Double) -> SystemSummary {
        SystemSummary(
            system: system, coded: 2, failed: 0, rates: ItemRates(nominal: rate, payload: rate, file: rate + 0.5),
            encodingSpeed: 20, decodingSpeed: 30,
            measures: [
                MeasureSummary(
                    measure: "stoi", mean: mean, interval: ConfidenceInterval(low: mean - 0.05, high: mean + 0.05), count: 2,
                    absent: [:])
            ],
            codebooks: [CodeCounts(size: 16, histogram: [0: 5, 3: 2])])
    }
    return EvaluationResults(
        producer: "codetta test", settings: EvaluationSettings(),
        dataset: EvaluatedDataset(
            name: "clips & <more>",
            items: try [hostile, "b.wav"].map {
                EvaluatedDataset.Item(
                    id: $0, path: try write("item-\($0.count).wav", 1000) ?? $0, seconds: 0.5, sampleRate: 16000, channels: 1)
            }),
        measures: [MeasureDefinition(name: "stoi", title: "STOI", moreIsBetter: true)],
        systems: [3.0, 6].map { EvaluatedSystem(id: "m_1@\(Int($0))", name: "m_1", kind: .model, setting: "\($0)", nominalRate: $0) },
        scores: [
            try score(hostile, "m_1@3", .value(0.7), 3), try score(hostile, "m_1@6", .value(0.9), 6),
            try score("b.wav", "m_1@3", .undefined(.stated("the reference is silent")), 3), try score("b.wav", "m_1@6", .value(0.8), 6),
        ],
        summaries: [summary("m_1@3", 0.7, 3), summary("m_1@6", 0.85, 6)],
        comparisons: [
            PairedComparison(
                first: "m_1@3", second: "m_1@6", measure: "stoi", difference: -0.2,
                interval: ConfidenceInterval(low: -0.3, high: -0.1), count: 1)
        ])
}

@Suite struct ReportTests {
    private let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    @Test func thePageNeedsNothingFromOutside() throws {
        let page = try HTMLReport(try sample(in: folder)).render()
        for attribute in ["src=\"", "href=\""] {
            for part in page.components(separatedBy: attribute).dropFirst() { #expect(part.hasPrefix("data:")) }
        }
        #expect(!page.contains("http://") && !page.contains("https://") && !page.contains("@import"))
        #expect(page.contains("default-src 'none'"))
    }

    @Test func namesFromFilesAreEscaped() throws {
        let page = try HTMLReport(try sample(in: folder)).render()
        #expect(!page.contains("<img src=x") && page.contains("&lt;img src=x onerror=&quot;"))
        #expect(page.contains("clips &amp; &lt;more&gt;") && !page.contains("<more>"))
    }

    @Test func numbersIntervalsAndReasonsAreShown() throws {
        let page = try HTMLReport(try sample()).render()
        for text in ["0.850", "[0.800, 0.900]", "STOI ↑", "the reference is silent", "m_1@3 − m_1@6", "-0.200"] {
            #expect(page.contains(text), "\(text)")
        }
        #expect(page.contains("No decoded audio is at hand"))
    }

    @Test func theItemsAreHeardAndSeen() throws {
        let results = try sample(in: folder)
        let page = try HTMLReport(results).render()
        func count(_ text: String) -> Int { page.components(separatedBy: text).count - 1 }
        #expect(count("<article") == 2)
        #expect(count("data:audio/flac;base64,") == 6)
        #expect(count("data:image/png;base64,") == 2 * (1 + 2 * 2))
        let one = try HTMLReport(results, options: HTMLReport.Options(items: 1)).render()
        #expect(one.components(separatedBy: "<article").count == 2)
        #expect(try !HTMLReport(results, options: HTMLReport.Options(items: 0)).render().contains("<article"))
    }

    @Test func theBudgetBoundsWhatIsEmbedded() throws {
        let results = try sample(in: folder)
        let bare = try HTMLReport(results, options: HTMLReport.Options(items: 2, budget: 0)).render()
        #expect(!bare.contains("base64,") && bare.contains("left out to keep the page small"))
        let some = try HTMLReport(results, options: HTMLReport.Options(items: 2, budget: 40_000)).render()
        #expect(some.contains("base64,") && some.utf8.count < bare.utf8.count + 44_000)
    }

    @Test func audioIsFoundInAFolderGivenLater() throws {
        var results = try sample(in: folder)
        for i in results.scores.indices { results.scores[i].audio = "gone/" + (results.scores[i].audio.map { URL(fileURLWithPath: $0).lastPathComponent } ?? "") }
        #expect(try !HTMLReport(results).render().contains("<article"))
        let options = HTMLReport.Options(folder: PathName(folder.path))
        #expect(try HTMLReport(results, options: options).render().contains("<article"))
    }

    /// Names of every way out: up, from the root, by a link to a file and by a link to a folder.
    @Test func pathsOfResultsDoNotLeaveTheFolder() throws {
        let results = try sample(in: folder)
        let outside = try #require(results.scores[0].audio)
        let inside = try ScratchFolder()
        try inside.link("file.wav", to: outside)
        try inside.link("sub", to: folder.path)
        let name = URL(fileURLWithPath: outside).lastPathComponent
        for path in ["../\(folder.url.lastPathComponent)/\(name)", outside, "file.wav", "sub/\(name)", "x/../../\(folder.url.lastPathComponent)/\(name)"] {
            var hostile = results
            for i in hostile.scores.indices { hostile.scores[i].audio = path }
            for i in hostile.dataset.items.indices { hostile.dataset.items[i].path = path }
            var warnings: [String] = []
            let page = try HTMLReport(hostile, options: .init(folder: PathName(inside.path))).render { warnings.append($0) }
            #expect(!page.contains("base64,"), "\(path)")
            #expect(warnings.contains { $0.contains("are not where the results say") }, "\(path): \(warnings)")
        }
        // The same file is shown from a folder that holds it, by whatever part of its path is left.
        for path in [outside, "gone/\(name)", "./\(name)"] {
            var found = results
            for i in found.scores.indices { found.scores[i].audio = path }
            #expect(try HTMLReport(found, options: .init(folder: PathName(folder.path))).render().contains("data:audio/flac;base64,"), "\(path)")
        }
    }

    @Test func whatCannotBeShownIsSaid() throws {
        var results = try sample(in: folder)
        try folder.write("no audio", to: "broken.wav")
        results.scores[0].audio = folder.path("broken.wav")
        results.scores[1].tokens = folder.path("broken.wav")
        results.scores[3].audio = folder.path("missing.wav")
        var warnings: [String] = []
        let page = try HTMLReport(results).render { warnings.append($0) }
        for (part, count) in [("broken.wav: no sound of it", 1), ("broken.wav: no picture of it", 1), ("over time: no picture", 1), ("1 of 4 decoded recordings", 1)] {
            #expect(warnings.count { $0.contains(part) } == count, "\(part): \(warnings)")
        }
        #expect(page.contains("no sound of it") && page.contains("data:audio/flac;base64,"))
        #expect(try HTMLReport(try sample()).render { Issue.record("\($0)") }.contains("No decoded audio is at hand"))
        warnings = []
        let fresh = try ScratchFolder()
        _ = try HTMLReport(try sample(in: fresh), options: .init(budget: 0)).render { warnings.append($0) }
        #expect(warnings == ["some pictures or sounds were left out to keep the page small"])
    }

    /// Escape sequences, marks that turn text round, and characters that hide behind an accent from whoever looks at whole characters.
    @Test func whatSteersATerminalOrBreaksATableIsSpelledOut() throws {
        var results = try sample()
        let name = "a\u{1B}]0;x\u{7}\u{202E}b\u{9B}c\n| & \\ \u{200F}&\u{301}_\u{301}|\u{301}<\u{301}\"\u{301}"
        let old = results.systems[0].id
        results.systems[0].id = name
        results.dataset.name = name
        for i in results.scores.indices where results.scores[i].system == old { results.scores[i].system = name }
        results.summaries[0].system = name
        results.comparisons[0].first = name
        results.measures = [MeasureDefinition(name: "stoi", title: "S\u{1B}|", unit: "\u{202E}\n", moreIsBetter: true)]
        let page = try HTMLReport(results).render()
        let (markdown, latex) = (MarkdownTable(results).text, LaTeXTable(results).text)
        for text in [page, markdown, latex] {
            #expect(!text.unicodeScalars.contains { ($0.properties.generalCategory == .control && $0 != "\n" && $0 != "\t") || $0.properties.isBidiControl })
            #expect(text.contains("x1B") && text.contains("202E"))
        }
        #expect(!page.contains("<\u{301}") && !page.contains("\"\u{301}"))
        let rows = latex.split(separator: "\n")
        #expect(rows.count == 8 && rows[4].contains("\\&\u{301}\\_\u{301}"), "\(latex)")
        // Every row of Markdown has as many cells as its head, counted by pipes without a backslash before them.
        let table = markdown.split(separator: "\n").prefix { $0.hasPrefix("|") }
        #expect(table.count == 4)
        for row in table {
            let scalars = Array(row.unicodeScalars)
            let pipes = scalars.indices.count { scalars[$0] == "|" && ($0 == 0 || scalars[$0 - 1] != "\\") }
            #expect(pipes == 5, "\(row)")
        }
    }

    @Test func latexIsEscaped() throws {
        let table = LaTeXTable(try sample()).text
        #expect(table.contains("m\\_1@3 & 3.00 & 3.50 & 2 & 0.700 [0.650, 0.750] & 20.0 & 30.0 \\\\"))
        #expect(table.hasPrefix("\\begin{tabular}{lrrrrrr}") && table.contains("STOI $\\uparrow$"))
    }

    @Test(.enabled(if: Browser.path != nil, "no chromium or Chrome is installed"))
    func aBrowserRunsTheScriptsWithoutErrors() throws {
        try folder.write(HTMLReport(try sample(in: folder)).render(), to: "report.html")
        let document = try Browser.document(of: folder.url.appendingPathComponent("report.html"), fragment: "sort=score-table,3,descending")
        // The script's last line: the chance of 9 of 10 right by guessing, 11/1024.
        #expect(document.contains("data-ready=\"0.010742\""))
        #expect(!document.contains("data-error"))
        #expect(document.contains("4 of 4 rows"))
        #expect(document.contains("<title>Evaluation of clips &amp; &lt;more&gt;</title>"), "a name ran as a script")
        #expect(document.contains("<polyline"))
        let body = try #require(document.components(separatedBy: "id=\"score-table\"").last)
        let values = body.components(separatedBy: "<tr>").compactMap { row in
            row.components(separatedBy: "data-value=\"").dropFirst(2).first?.prefix(3)
        }
        #expect(values == ["0.9", "0.8", "0.7"])
        #expect(body.contains("aria-sort=\"descending\""))
    }
}

@Suite struct FilePictureTests {
    private let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    @Test func aSpanIsDrawnAndOneBehindTheEndRefused() throws {
        _ = try sample(in: folder)
        let path = PathName(folder.path("item-5.wav"))
        #expect(try FilePicture.Kind.suiting(path) == .spectrogram)
        for kind in [FilePicture.Kind.spectrogram, .waveform] {
            let picture = FilePicture(kind: kind, span: TimeSpan(start: 0.1, seconds: 0.2))
            #expect(try picture.render(InputFile(path)).starts(with: [0x89, 0x50, 0x4E, 0x47]))
            let late = FilePicture(kind: kind, span: TimeSpan(start: 9))
            #expect(throws: (any Error).self) { try late.render(InputFile(path)) }
        }
    }
}
