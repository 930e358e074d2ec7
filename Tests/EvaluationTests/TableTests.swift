import Codetta
import Evaluation
import Testing

@Suite struct TableTests {
    @Test func theCSVHasARowAMeasureOfEveryScoreWithItsReason() {
        var results = sampleResults
        results.scores[1].measures["stoi"] = .undefined(.stated("a \"quoted\", reason"))
        var lines: [String] = []
        ScoreTable(results).forEachLine { lines.append($0) }
        #expect(lines == [
            "item,system,codec,kind,setting,nominal_kbps,payload_kbps,file_kbps,measure,value,absent\n",
            "a.wav,m@3,m,model,3,3.0,3.1,3.4,stoi,0.8,\n",
            "a.wav,opus@12,opus,peer,12,12.0,11.0,12.0,stoi,,\"a \"\"quoted\"\", reason\"\n",
            "b.wav,m@3,m,model,3,,,,stoi,,no such file\n",
        ])
    }

    @Test func theMarkdownTableHasARowASystemAndAlignedColumns() {
        let lines = MarkdownTable(sampleResults).text.split(separator: "\n")
        #expect(lines[0] == "| System | kb/s |  Clips |       STOI ↑ |")
        #expect(lines[1] == "| ------ | ---: | -----: | -----------: |")
        #expect(lines[2] == "| m@3    | 3.10 | 1 of 2 | 0.800 ±0.100 |")
        #expect(lines[3].contains("95 %"))
    }

    /// Separators with an accent on them are no separators to whoever looks at whole characters.
    @Test func namesThatHideSeparatorsKeepTheirCells() {
        var results = sampleResults
        results.systems[0].name = "a,\u{301}b\"\u{301}\r\n\u{301}"
        results.dataset.name = "[x](http://y) <b> a\\b \\* |"
        results.summaries[0].system = "m\\|3|\u{301}"
        var lines: [String] = []
        ScoreTable(results).forEachLine { lines.append($0) }
        #expect(lines[1].hasPrefix("a.wav,m@3,\"a,\u{301}b\"\"\u{301}\r\n\u{301}\",model,"))
        let table = MarkdownTable(results).text.split(separator: "\n")
        #expect(table[2].hasPrefix("| m\\\\\\|3\\|\u{301} |"), "\(table[2])")
        #expect(table[3].hasPrefix("[x\\](http://y) \\<b> a\\b \\\\\\* \\|: "), "\(table[3])")
    }

    @Test func aMeanOverFewerClipsSaysOverHowMany() {
        var results = sampleResults
        results.summaries[0].coded = 5
        results.summaries[0].measures[0].count = 3
        let lines = MarkdownTable(results).text.split(separator: "\n")
        #expect(lines[2].contains("0.800 ±0.100 (3) |") && lines[3].contains("in brackets"))
        results.summaries[0].measures[0].count = 5
        #expect(!MarkdownTable(results).text.contains("(5)"))
    }

    @Test func tablesShowTheMainMeasuresOfAllAndThoseOfScorers() {
        var results = sampleResults
        #expect(results.tableMeasures == results.measures)
        results.measures = Measure.allCases.map { MeasureDefinition(name: $0.rawValue, title: $0.rawValue) }
        results.measures.append(MeasureDefinition(name: "mos.mos", title: "mos.mos"))
        #expect(Set(results.tableMeasures.map(\.name)) == Set(Measure.main.map(\.rawValue) + ["mos.mos"]))
    }
}
