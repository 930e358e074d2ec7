import Codetta
import Evaluation
import Foundation
import TestSupport
import Testing

@Suite struct EvaluatorTests {
    private let place: ScratchFolder

    init() throws { place = try ScratchFolder() }

    private func evaluator(
        _ files: [Evaluator.File], _ systems: [any CodingSystem], scorers: [Scorer] = [], jobs: Int = 1, kept: String? = nil,
        seed: UInt64 = 1
    ) throws -> Evaluator {
        try Evaluator(
            producer: "test", name: "clips", files: files, systems: systems, scorers: scorers,
            settings: EvaluationSettings(resamples: 200, seed: seed), jobs: jobs, keptAudio: kept.map { PathName(place.path($0)) })
    }

    private func clips(_ count: Int) throws -> [Evaluator.File] {
        try (0..<count).map { try place.clip("\($0).wav", seed: UInt64($0)) }
    }

    @Test func everyClipGetsEveryMeasureOfEverySystemInOrder() throws {
        let files = try clips(3)
        let results = try evaluator(files.reversed(), [RoundingSystem(steps: 16), RoundingSystem(steps: 256)]).run()
        #expect(results.dataset.items.map(\.id) == ["0.wav", "1.wav", "2.wav"])
        #expect(results.dataset.items.allSatisfy { $0.seconds == 0.6 && $0.sampleRate == 16000 && $0.channels == 1 })
        #expect(results.scores.map(\.item) == ["0.wav", "0.wav", "1.wav", "1.wav", "2.wav", "2.wav"])
        #expect(results.scores.map(\.system).prefix(2) == ["rounding@16", "rounding@256"])
        for score in results.scores { #expect(Set(score.measures.keys) == Set(Measure.allCases.map(\.rawValue))) }

        let snr = try results.summaries.map { try #require($0.measures.first { $0.measure == "snr" }) }
        // Sixteen times finer steps are 24 dB.
        #expect(abs(try #require(snr[1].mean) - (try #require(snr[0].mean)) - 24.1) < 1)
        #expect(snr[0].count == 3)
        let interval = try #require(snr[0].interval)
        #expect(interval.low < snr[0].mean! && snr[0].mean! < interval.high)
        let comparison = try #require(results.comparisons.first { $0.measure == "snr" })
        #expect(comparison.count == 3 && abs(comparison.difference! + 24.1) < 1 && comparison.interval!.high < 0)
        #expect(try EvaluationResults(json: results.json()) == results)
    }

    @Test func ratesAreWeightedByLengthAndCodebooksAddUp() throws {
        let files = [try place.clip("a.wav", seed: 1, seconds: 0.5), try place.clip("b.wav", seed: 2, seconds: 1.5)]
        let results = try evaluator(files, [RoundingSystem()]).run()
        let summary = results.summaries[0]
        #expect(summary.rates?.payload == 64 && summary.encodingSpeed == 1 && summary.decodingSpeed == 0.5)
        #expect(summary.codebooks.map(\.total) == [32000])
        #expect(results.scores.map { $0.codebooks[0].codes } == [8000, 24000])
    }

    @Test func theNumberOfJobsChangesNothing() throws {
        let files = try clips(5)
        let systems = [RoundingSystem(steps: 16), RoundingSystem(steps: 64)]
        let one = try evaluator(files, systems).run()
        for jobs in [2, 7] { #expect(try evaluator(files, systems, jobs: jobs).run() == one) }
    }

    @Test(arguments: [0, 37, 600])
    func aDelayThatNobodyStatesIsFoundReportedAndTakenOut(lag: Int) throws {
        let files = try clips(1)
        let late = try evaluator(files, [RoundingSystem(lag: lag, mayLag: true)], kept: "out").run()
        #expect(late.scores[0].delay?.samples == lag)
        // What is late pushes nothing out of the end, so that all samples are compared.
        let direct = try evaluator(files, [RoundingSystem()], kept: "direct").run()
        #expect(late.scores[0].measures == direct.scores[0].measures)
        let audio = try [late, direct].map { try AudioReader(path: try #require($0.scores[0].audio)).readAll() }
        #expect(audio[0] == audio[1])
    }

    @Test func oneBadFileAndOneBadSystemStopNothing() throws {
        try place.write("RIFFnot audio at all, surely", to: "bad.wav")
        let files = try clips(2) + [Evaluator.File(id: "bad.wav", path: PathName(place.path("bad.wav")))]
        let refusing = RoundingSystem(name: "refusing", coded: { throw Refusal() })
        let results = try evaluator(files, [RoundingSystem(), refusing]).run()
        let bad = try #require(results.dataset.items.first { $0.id == "bad.wav" })
        #expect(bad.failure?.contains("bad.wav") == true && bad.seconds == nil)
        #expect(results.scores.filter { $0.failure == nil }.map(\.item) == ["0.wav", "1.wav"])
        #expect(results.summaries.map(\.coded) == [2, 0] && results.summaries.map(\.failed) == [1, 3])
        let snr = try #require(results.summaries[1].measures.first { $0.measure == "snr" })
        #expect(snr.mean == nil && snr.count == 0 && snr.absent == ["refused": 2, bad.failure!: 1])
    }

    @Test func emptyAndOverlongClipsAreRefusedByName() throws {
        let empty = try place.clip("empty.wav", seed: 1, seconds: 0)
        let long = place.path("long.raw.wav")
        let writer = try AudioWriter(path: long, settings: AudioWriter.Settings(sampleRate: 48000, channelCount: 8, sampleFormat: .pcmU8))
        for _ in 0..<33 { try writer.write(AudioBlock(channels: Array(repeating: Array(repeating: 0.1, count: 65536), count: 8))) }
        try writer.finish()
        let results = try evaluator([empty, Evaluator.File(id: "long", path: PathName(long))], [RoundingSystem()]).run()
        #expect(results.dataset.items.map(\.failure) == [
            "holds no samples", EvaluationError.clipTooLong(samples: 33 * 65536 * 8, limit: Clip.sampleLimit).description,
        ])
    }

    @Test func aSystemIsNotTakenTwice() throws {
        let files = try clips(1)
        #expect(throws: EvaluationError.sameSystem("rounding@64")) { try evaluator(files, [RoundingSystem(), RoundingSystem()]) }
    }

    // MARK: Journals

    private func journal(_ mode: Journal.Mode) -> Journal { Journal(PathName(place.path("journal")), mode: mode) }

    @Test func aResumedRunDoesWhatIsLeftAndEqualsAnUninterruptedOne() throws {
        let files = try clips(4)
        let whole = try evaluator(files, [RoundingSystem()]).run()
        let calls = Locked(0)
        // The third clip fails the first time round, as in a run that was interrupted there.
        let failing = RoundingSystem(coded: { if calls.update({ count in count += 1; return count }) == 3 { throw Refusal() } })
        let first = try evaluator(files, [failing]).run(journal: journal(.new))
        #expect(first.scores.map { $0.failure != nil } == [false, false, true, false])
        // And the last line was cut short.
        let lines = try place.text("journal")
        try place.write(String(lines.dropLast(30)), to: "journal")
        let again = Locked(0)
        let second = try evaluator(files, [RoundingSystem(coded: { again.update { $0 += 1 } })]).run(journal: journal(.resume))
        #expect(second == whole)
        #expect(again.value == 2)
        #expect(!place.exists("journal"), "a run without failures leaves no journal")
    }

    @Test func aJournalOfAnotherRunIsRefused() throws {
        let files = try clips(2)
        let failing = RoundingSystem(coded: { throw Refusal() })
        _ = try evaluator(files, [failing]).run(journal: journal(.new))
        #expect(throws: EvaluationError.unfinished) { try evaluator(files, [failing]).run(journal: journal(.new)) }
        #expect(throws: EvaluationError.otherSettings("settings")) {
            try evaluator(files, [failing], seed: 2).run(journal: journal(.resume))
        }
        #expect(throws: EvaluationError.otherSettings("systems")) {
            try evaluator(files, [RoundingSystem(steps: 2)]).run(journal: journal(.resume))
        }
        #expect(throws: EvaluationError.otherSettings("recordings")) {
            try evaluator(try clips(3), [failing]).run(journal: journal(.resume))
        }
        let replaced = try evaluator(files, [RoundingSystem(steps: 2)]).run(journal: journal(.replace))
        #expect(replaced.scores.allSatisfy { $0.failure == nil })
    }

    /// A recording that changed is coded again, the others are not; and so in a third run.
    @Test func aRecordingThatChangedIsDoneAgain() throws {
        let files = try clips(3)
        let calls = Locked(0)
        let counting: @Sendable () -> Void = { calls.update { $0 += 1 } }
        let failing = RoundingSystem(coded: { if calls.update({ count in count += 1; return count }) == 3 { throw Refusal() } })
        _ = try evaluator(files, [failing]).run(journal: journal(.new))
        // As many bytes, and as old.
        let name = files[0].path.description
        let date = try FileManager.default.attributesOfItem(atPath: name)[.modificationDate] as Any
        var bytes = try Data(contentsOf: URL(fileURLWithPath: name))
        for i in bytes.indices.suffix(1000) { bytes[i] = 0 }
        try bytes.write(to: URL(fileURLWithPath: name))
        try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: name)
        calls.update { $0 = 0 }
        let again = try evaluator(files, [RoundingSystem(coded: { counting(); if calls.value == 2 { throw Refusal() } })]).run(journal: journal(.resume))
        #expect(calls.value == 2 && again.scores.count { $0.failure != nil } == 1)
        calls.update { $0 = 0 }
        let third = try evaluator(files, [RoundingSystem(coded: counting)]).run(journal: journal(.resume))
        #expect(calls.value == 1)
        #expect(third == (try evaluator(files, [RoundingSystem()]).run()))
    }

    @Test func aDamagedJournalIsNamed() throws {
        let files = try clips(1)
        _ = try evaluator(files, [RoundingSystem(coded: { throw Refusal() })]).run(journal: journal(.new))
        try place.write(try place.text("journal") + "{\"score\": 7}\n", to: "journal")
        #expect(throws: EvaluationError.self) { try evaluator(files, [RoundingSystem()]).run(journal: journal(.resume)) }
    }

    /// A journal from elsewhere: numbers that no run has, scores of measures and systems that this run has not, and audio elsewhere.
    @Test func everyNumberOfAJournalIsChecked() throws {
        let files = try clips(2)
        let failing = RoundingSystem(coded: { throw Refusal() })
        _ = try evaluator(files, [failing]).run(journal: journal(.new))
        let plan = try #require(place.text("journal").split(separator: "\n").first)
        let score = #""item":"0.wav","system":"rounding@64","measures":{},"codebooks":[]"#
        for (line, isRefused) in [
            ("{\"score\":{\(score)},\"codebooks\":[]}", false), ("{\"score\":{\(score),\"encodeSeconds\":-1}}", true),
            ("{\"score\":{\(score),\"rates\":{\"nominal\":1,\"payload\":-5,\"file\":1}}}", true),
            ("{\"score\":{\(score.replacingOccurrences(of: "rounding@64", with: "other"))}}", true),
            ("{\"score\":{\(score.replacingOccurrences(of: "{}", with: "{\"mine\":{\"value\":1}}"))}}", true),
            ("{\"score\":{\(score),\"delay\":{\"samples\":-9223372036854775808,\"correlation\":{\"value\":1}}}}", true),
            ("{\"score\":{\(score)},\"codebooks\":[{\"size\":0,\"total\":0,\"codes\":[],\"counts\":[]}]}", true),
            ("{\"item\":{\"id\":\"0.wav\",\"path\":\"0.wav\",\"seconds\":1e300}}", true),
        ] {
            try place.write("\(plan)\n\(line)\n", to: "journal")
            do {
                _ = try evaluator(files, [RoundingSystem()]).run(journal: journal(.resume))
                #expect(!isRefused, "\(line)")
            } catch let error as EvaluationError {
                #expect(isRefused && error == .damagedJournal(offset: plan.utf8.count + 1), "\(line): \(error)")
            }
        }
        let read = try Journal.check(Data("\(plan)\n{}\n{".utf8))
        #expect(read == plan.utf8.count + 4)
        #expect(throws: EvaluationError.damagedJournal(offset: 0)) { try Journal.check(Data("{}\n".utf8)) }
    }

    @Test func keptAudioThatAJournalNamesElsewhereIsMadeAgain() throws {
        let files = try clips(2)
        let calls = Locked(0)
        let counted = RoundingSystem(coded: { if calls.update({ $0 += 1; return $0 }) == 2 { throw Refusal() } })
        _ = try evaluator(files, [counted], kept: "kept").run(journal: journal(.new))
        let text = try place.text("journal").replacingOccurrences(of: "/kept/", with: "/elsewhere/")
        try place.write(text, to: "journal")
        try FileManager.default.copyItem(atPath: place.path("kept"), toPath: place.path("elsewhere"))
        let again = Locked(0)
        let results = try evaluator(files, [RoundingSystem(coded: { again.update { $0 += 1 } })], kept: "kept").run(journal: journal(.resume))
        #expect(again.value == 2 && results.scores.allSatisfy { $0.audio?.contains("/kept/") == true })
    }

    /// Names that could be taken for each other: with slashes and what stands for them, and bytes that are no text beside their spelling.
    @Test func noTwoItemsOrSystemsShareAFile() throws {
        let (raw, spelled) = (PathName(bytes: Array("c/\u{1B}".utf8) + [0xFF]), PathName("c/\\x1B\\xFF"))
        let ids = [raw, spelled, PathName("c/x.y"), PathName("c\\x2Fx.y")].map(\.description)
        #expect(Set(ids).count == 4)
        let run = try evaluator([], [])
        let systems = ["a/b@3", "a_b@3", "a\\x2Fb@3", "..", ".", "a\u{202E}b", "a\\xE2\\x80\\xAEb"]
        let paths = ids.flatMap { item in
            systems.flatMap { system in
                run.kept(in: PathName("k"), item: item, system: system).map { [$0.audio, $0.tokens] } ?? []
            }
        }
        #expect(Set(paths).count == 2 * ids.count * systems.count)
        for path in paths {
            let parts = path.bytes.split(separator: UInt8(ascii: "/"))
            #expect(path.bytes.starts(with: "k/".utf8) && !parts.contains { $0 == Array("..".utf8)[...] || $0 == Array(".".utf8)[...] })
        }
        #expect(run.kept(in: PathName("k"), item: ids[0], system: "m@3")?.audio.bytes == Array("k/m@3/".utf8) + raw.bytes + Array(".wav".utf8))
    }

    // MARK: Scorers

    /// Says how many bytes each file has, and whether they are the same.
    private static let counting = """
        while IFS="$(printf '\\t')" read -r a b; do
          if [ "$(wc -c < "$a")" = "$(wc -c < "$b")" ]; then echo '{"scorer": "x", "scores": {"same": {"value": 1, "direction": "higher"}, "one": '"$1"'}}'
          else echo '{"error": "lengths differ"}'; fi
        done
        """

    @Test func aScorerGetsPairsOfTheSameLengthAndItsScoresAreMeasures() throws {
        let scorer = try Scorer(name: "count", command: "'\(try place.script("a scorer", Self.counting))' 1")
        let results = try evaluator(try clips(2), [RoundingSystem(lag: 5, mayLag: true)], scorers: [scorer]).run()
        #expect(results.measures.suffix(2).map(\.name) == ["count.one", "count.same"])
        #expect(results.measures.suffix(2).map(\.moreIsBetter) == [nil, true])
        #expect(results.scores.allSatisfy { $0.measures["count.same"] == .value(1) && $0.audio == nil })
        #expect(results.summaries[0].measures.last?.mean == 1)
        #expect(results.settings.scorers.keys.sorted() == ["count"])
    }

    @Test(arguments: [
        ("cat > /dev/null; echo '{\"error\": \"no model\"}'; echo '{\"scores\": {\"x\": 2}}'", "s.x", ["no model", nil]),
        ("echo '{\"scores\": {\"x\": 2}}'; echo oops >&2; exit 3", "s.x", [nil, "exited with 3: oops"]),
        ("exit 4", "s", ["exited with 4", "exited with 4"]),
        ("echo nonsense; echo '{\"scores\": {\"x\": null}}'", "s.x", ["not its protocol", "gave none"]),
    ])
    func aScorerThatFailsLeavesReasons(script: String, measure: String, reasons: [String?]) throws {
        let scorer = try Scorer(name: "s", command: try place.script("scorer", script))
        let results = try evaluator(try clips(2), [RoundingSystem()], scorers: [scorer]).run()
        for (score, reason) in zip(results.scores, reasons) {
            let value = try #require(score.measures[measure])
            #expect(reason.map { value.reason.map { "\($0)" }?.contains($0) == true } ?? (value == .value(2)), "\(value)")
            #expect(score.measures["snr"]?.number != nil)
        }
    }

    @Test(arguments: ["", "  ", "'open", "no-such-program-anywhere x"])
    func aCommandThatCannotRunIsRefusedAtOnce(command: String) {
        #expect(throws: EvaluationError.self) { try Scorer(name: "s", command: command) }
    }
}
