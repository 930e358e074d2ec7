import Codetta
import Evaluation
import Foundation
import Testing

/// A document with one of everything.
let sampleResults = EvaluationResults(
    producer: "codetta 0.1.0", settings: EvaluationSettings(scorers: ["dnsmos": "python3 dnsmos.py"]),
    dataset: EvaluatedDataset(
        name: "clips",
        items: [
            EvaluatedDataset.Item(id: "a.wav", path: "clips/a.wav", seconds: 1.5, sampleRate: 24000, channels: 1),
            EvaluatedDataset.Item(id: "b.wav", path: "clips/b.wav", failure: "no such file"),
        ]),
    measures: [MeasureDefinition(name: "stoi", title: "STOI", moreIsBetter: true)],
    systems: [
        EvaluatedSystem(
            id: "m@3", name: "m", kind: .model, setting: "3", nominalRate: 3, parameters: ["codebooks": "6"], sampleRate: 24000,
            parameterCount: 12),
        EvaluatedSystem(id: "opus@12", name: "opus", kind: .peer, setting: "12", nominalRate: 12),
    ],
    scores: [
        ItemScore(
            item: "a.wav", system: "m@3", rates: ItemRates(nominal: 3, payload: 3.1, file: 3.4, entropy: 2.9),
            delay: ItemDelay(samples: 2, correlation: .value(0.9)), measures: ["stoi": .value(0.8)],
            codebooks: [CodeCounts(size: 4, histogram: [0: 1, 2: 2]).use], encodeSeconds: 0.1, decodeSeconds: 0.2,
            audio: "out/a.wav", tokens: "out/a.codetta"),
        ItemScore(
            item: "a.wav", system: "opus@12", rates: ItemRates(nominal: 12, payload: 11, file: 12),
            measures: ["stoi": .undefined(.stated("the reference is silent"))]),
        ItemScore(item: "b.wav", system: "m@3", failure: "no such file"),
    ],
    summaries: [
        SystemSummary(
            system: "m@3", coded: 1, failed: 1, rates: ItemRates(nominal: 3, payload: 3.1, file: 3.4), encodingSpeed: 15,
            decodingSpeed: 7.5,
            measures: [
                MeasureSummary(
                    measure: "stoi", mean: 0.8, interval: ConfidenceInterval(low: 0.7, high: 0.9), count: 1,
                    absent: ["no such file": 1])
            ], codebooks: [CodeCounts(size: 4, histogram: [0: 1, 2: 2])])
    ],
    comparisons: [PairedComparison(first: "m@3", second: "opus@12", measure: "stoi", difference: nil, interval: nil, count: 0)])

@Suite struct ResultsTests {
    @Test func aDocumentSurvivesJSONAndGivesTheSameBytes() throws {
        let json = try sampleResults.json()
        let read = try EvaluationResults(json: json)
        #expect(read == sampleResults)
        #expect(try read.json() == json)
    }

    @Test func anotherSchemaIsRefusedBeforeItsContent() {
        let error = EvaluationError.unknownSchema("codetta-evaluation/2")
        #expect(throws: error) { try EvaluationResults(json: Data(#"{"schema":"codetta-evaluation/2"}"#.utf8)) }
        #expect(error.description.contains("codetta-evaluation/1"))
    }

    @Test(arguments: ["", "[]", "{}", #"{"schema":"codetta-evaluation/1"}"#, #"{"schema":7}"#])
    func whatIsNoDocumentIsRefusedOnOneLine(text: String) {
        let error = #expect(throws: EvaluationError.self) { try EvaluationResults(json: Data(text.utf8)) }
        #expect(error?.description.contains("\n") == false)
        #expect(error?.description.hasPrefix("not a sound evaluation") == true)
    }

    @Test(arguments: [
        (#""system" : "opus@12""#, #""system" : "other""#, "system \"other\" is referred to"),
        (#""id" : "b.wav""#, #""id" : "a.wav""#, "item \"a.wav\" is listed twice"),
        (#""value" : 0.8"#, #""value" : "0.8""#, ".scores[0].measures.stoi.value"),
    ])
    func brokenReferencesAndTypesAreNamed(old: String, new: String, message: String) throws {
        let text = String(decoding: try sampleResults.json(), as: UTF8.self)
        #expect(text.contains(old))
        let broken = Data(text.replacingOccurrences(of: old, with: new).utf8)
        let error = #expect(throws: EvaluationError.self) { try EvaluationResults(json: broken) }
        #expect(error?.description.contains(message) == true, "\(error as Any)")
    }

    /// Each number of the document out of its bounds, one at a time: below, above, and where it would overflow or trap.
    @Test func everyNumberIsChecked() throws {
        let document = try #require(JSONSerialization.jsonObject(with: sampleResults.json()) as? [String: Any])
        var places: [[Any]] = []
        Self.findNumbers(document, [], &places)
        #expect(places.count > 40)
        for place in places {
            // Any seed is one, and the sum of a histogram is checked by adding it up.
            if place.last as? String == "seed" { continue }
            for value in [-1e300, 1e300, 1e16, Double(Int.min), 9.2e18] {
                let bad = try JSONSerialization.data(withJSONObject: Self.setting(place[...], of: document, to: value))
                let error = #expect(throws: EvaluationError.self, "\(place) = \(value)") { try EvaluationResults(json: bad) }
                #expect(error?.kind == .badData && error?.description.contains("\n") == false)
            }
        }
        for (place, value) in [
            (["scores", 0, "rates", "payload"], -0.1), (["summaries", 0, "coded"], -1), (["settings", "confidence"], 1.5),
            (["measures", 0, "decimals"], 18), (["scores", 0, "codebooks", 0, "used"], 5), (["systems", 0, "sampleRate"], 0),
            (["summaries", 0, "codebooks", 0, "size"], 0), (["summaries", 0, "measures", 0, "interval", "low"], 0.95),
            (["summaries", 0, "codebooks", 0, "counts", 0], 0), (["dataset", "items", 0, "channels"], 0),
        ] as [([Any], Double)] {
            let number: Any = value == value.rounded() ? Int(value) : value
            let bad = try JSONSerialization.data(withJSONObject: Self.setting(place[...], of: document, to: number))
            let error = #expect(throws: EvaluationError.self, "\(place)") { try EvaluationResults(json: bad) }
            #expect(error?.description.contains("at .\(place[0])") == true, "\(error as Any)")
        }
    }

    private static func findNumbers(_ value: Any, _ place: [Any], _ places: inout [[Any]]) {
        switch value {
        case let object as [String: Any]: for (key, member) in object { findNumbers(member, place + [key], &places) }
        case let list as [Any]: for (index, member) in list.enumerated() { findNumbers(member, place + [index], &places) }
        case is String: return
        case let number as NSNumber where CFGetTypeIDIsBoolean(number): return
        case is NSNumber: places.append(place)
        default: return
        }
    }

    private static func CFGetTypeIDIsBoolean(_ number: NSNumber) -> Bool { String(cString: number.objCType) == "c" }

    private static func setting(_ place: ArraySlice<Any>, of value: Any, to new: Any) -> Any {
        guard let first = place.first else { return new }
        if var object = value as? [String: Any], let key = first as? String {
            object[key] = setting(place.dropFirst(), of: object[key] as Any, to: new)
            return object
        }
        guard var list = value as? [Any], let index = first as? Int else { return value }
        list[index] = setting(place.dropFirst(), of: list[index], to: new)
        return list
    }

    @Test func namesThatAreFarTooLongAndRepeatedScoresAreRefused() throws {
        var results = sampleResults
        results.dataset.name = String(repeating: "x", count: 20_000)
        #expect(throws: EvaluationError.self) { try EvaluationResults(json: results.json()) }
        results = sampleResults
        results.scores.append(results.scores[0])
        #expect(throws: EvaluationError.malformed("item \"a.wav\" has two scores of system \"m@3\"")) { try EvaluationResults(json: results.json()) }
    }

    @Test func documentsHoldNothingThatATerminalObeys() throws {
        var results = sampleResults
        results.dataset.name = "a\u{202E}\u{9B}\u{7F}\u{200F}b\t"
        let json = try results.json()
        #expect(String(decoding: json, as: UTF8.self).contains(#""name" : "a\u202E\u009B\u007F\u200Fb\t""#))
        #expect(try EvaluationResults(json: json) == results)
    }

    @Test func codebookUseAddsUpAndHasItsEntropy() {
        var use = CodeCounts(size: 8, histogram: [1: 2, 5: 1])
        use.add(CodeCounts(size: 8, histogram: [5: 1, 7: 4]))
        #expect(use == CodeCounts(size: 8, histogram: [1: 2, 5: 2, 7: 4]))
        #expect(use.use == CodebookUse(size: 8, codes: 8, used: 3, entropy: 1.5))
        #expect(CodeCounts(size: 8).entropy == 0)
    }

    @Test func aNumberThatIsNotFiniteBecomesAnAbsentValue() throws {
        let json = try JSONEncoder().encode(["x": MetricValue.value(.infinity)])
        #expect(try JSONDecoder().decode([String: MetricValue].self, from: json) == ["x": .undefined(.stated("inf is not finite"))])
    }
}
