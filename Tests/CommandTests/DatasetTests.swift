import Codetta
import Evaluation
import Foundation
import Platform
import TestSupport
import Testing

/// `codetta evaluate --dataset`, with a tiny model and a peer whose programs are a few lines of shell.
@Suite struct DatasetTests {
    private let scratch: ScratchFolder

    init() throws {
        scratch = try ScratchFolder()
        for folder in ["clips", "bin", "tmp"] {
            try FileManager.default.createDirectory(atPath: scratch.path(folder), withIntermediateDirectories: true)
        }
        for (name, channels) in [("a.wav", 1), ("b.wav", 2)] {
            try scratch.writeAudio("clips/" + name, tones(12_000, channels: channels, rate: 24000), rate: 24000)
        }
    }

    private func program(_ name: String, _ script: String) throws {
        try scratch.write(("#!/bin/sh\n" + script + "\n").utf8, to: "bin/" + name)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: scratch.path("bin/" + name))
    }

    /// A codec2 that keeps every sample, and tells an odd name in its arguments from another's.
    private func installCodec2(encoder: String = "[ $# = 3 ] && exec /bin/cp \"$2\" \"$3\"") throws {
        try program("c2enc", encoder)
        try program("c2dec", "[ \"$1\" = 3200 ] && exec /bin/cp \"$2\" \"$3\"")
    }

    /// Finds no programs but those of the test.
    private var environment: [String: String] { ["PATH": scratch.path("bin"), "TMPDIR": scratch.path("tmp")] }

    private func evaluate(_ arguments: String...) throws -> CommandResult {
        try Command.run(
            ["evaluate", "--dataset", "clips"] + arguments, in: scratch.url, environment: environment)
    }

    private func results() throws -> EvaluationResults { try EvaluationResults(json: Data(try scratch.bytes("r.json"))) }

    @Test func aDataSetGivesATableACSVADocumentAndTheAudio() throws {
        try installCodec2()
        let run = try evaluate(
            "--model", Command.tinyModel, "--codebooks", "1,2", "--peer", "codec2:3200", "--json", "r.json", "--csv", "r.csv",
            "--keep-audio", "kept", "--jobs", "2")
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.lines.count == 6 && run.lines.dropLast().allSatisfy { $0.hasPrefix("|") })
        let results = try results()
        #expect(results.systems.map(\.name) == ["tiny-waveform-causal", "tiny-waveform-causal", "codec2"])
        #expect(results.scores.count == 6 && results.scores.allSatisfy { $0.failure == nil })
        let csv = String(decoding: try scratch.bytes("r.csv"), as: UTF8.self).split(separator: "\n")
        #expect(csv.count == 1 + 6 * results.measures.count)
        for score in results.scores {
            let kept = try scratch.readAudio(try #require(score.audio))
            #expect(kept.audio.sampleCount == 12_000 && kept.rate == 24000)
        }
        // 16 bits at 8 kHz for half a second and its padding, once a channel.
        let rates = results.scores.filter { $0.system == "codec2@3200" }.compactMap { $0.rates?.payload }
        #expect(rates.count == 2 && abs(rates[0] - 143.36) < 1e-9 && abs(rates[1] - 286.72) < 1e-9)
        #expect(try scratch.entries("tmp").isEmpty && !scratch.exists("r.json.journal"))
    }

    @Test func aMissingProgramAndABadFileAreNamedAndStopNothing() throws {
        try scratch.write("no audio in here".utf8, to: "clips/c.wav")
        let run = try evaluate("--model", Command.tinyModel, "--peer", "codec2:3200", "--json", "r.json")
        #expect(run.status == 1)
        #expect(run.errors.contains("warning: codec2:3200: c2enc is not installed; the package codec2 has it"))
        #expect(run.errorLines.contains { $0.contains("clips/c.wav") })
        let results = try results()
        #expect(results.summaries.map(\.coded) == [2, 0] && results.summaries.map(\.failed) == [1, 3])
        #expect(try evaluate("--model", Command.tinyModel, "--json", "r.json").status == 73)
    }

    @Test(arguments: ["echo no such mode >&2; exit 2", "exit 0", "kill -9 $$"])
    func aProgramThatFailsIsQuoted(script: String) throws {
        try installCodec2(encoder: script)
        let run = try evaluate("--peer", "codec2:3200", "--json", "r.json")
        #expect(run.status == 1)
        let failure = try #require(try results().scores.first?.failure)
        #expect(failure.contains("c2enc ") && ["2: no such mode", "wrote nothing", "signal 9"].contains { failure.hasSuffix($0) })
        #expect(try scratch.entries("tmp").isEmpty)
    }

    /// ThreadSanitizer puts signals off until the row of the interrupted clip is written.
    @Test(.disabled(if: ProcessInfo.processInfo.environment["CODETTA_SANITIZER"] == "thread"))
    func anInterruptedRunLeavesItsFinishedRowsAndNoOtherFile() throws {
        // The first clip is quick, the second takes very long.
        try installCodec2(
            encoder: """
                cd "\(scratch.url.path)"
                if [ -e once ]; then
                  trap 'echo > ended; exit 1' TERM
                  echo > reached
                  for i in $(/usr/bin/seq 200); do /bin/sleep 0.05; done
                fi
                echo > once; exec /bin/cp "$2" "$3"
                """)
        let arguments = "evaluate --dataset clips --peer codec2:3200 --json r.json --jobs 1"
        let run = try Command.shell(
            """
            export TMPDIR="$PWD/tmp"; run() { PATH="$PWD/bin" "$codetta" \(arguments) "$@"; }
            PATH="$PWD/bin" "$codetta" \(arguments) & child=$!
            while [ ! -e reached ]; do sleep 0.05; done
            kill -TERM $child; wait $child; echo "status $?"
            for i in $(seq 20); do [ -e ended ] || sleep 0.05; done
            [ -e ended ] && echo "program ended"
            ls -A tmp | wc -l; wc -l < r.json.journal; ls -A | grep -c partial
            run; echo "status $?"
            printf '#!/bin/sh\\nexec /bin/cp "$2" "$3"\\n' > bin/c2enc
            run --resume > table; echo "status $?"
            """, in: scratch.url)
        // Plan, clip and its row; then a new run is refused, and a resumed one done.
        #expect(run.lines.map { $0.trimmingCharacters(in: .whitespaces) } == [
            "status 143", "program ended", "0", "3", "0", "status 73", "status 0",
        ])
        #expect(run.errors.contains("r.json.journal: is of an unfinished run"))
        #expect(try results().scores.map { $0.failure == nil } == [true, true])
        #expect(!scratch.exists("r.json.journal"))
    }

    @Test func jsonAloneGoesToTheStandardOutput() throws {
        try installCodec2()
        let run = try evaluate("--peer", "codec2:3200", "--json")
        #expect(run.status == 0)
        #expect(try EvaluationResults(json: run.output).scores.count == 2)
    }

    @Test(arguments: [
        ["--bitrate", "3", "--codebooks", "2"], ["--bitrate", "3,"], ["--peer", "noise:3"], ["--scorer", "x"], ["--resume"],
        ["a.wav"], ["--json", "-", "--csv", "-"], ["--jobs", "0"], ["--bitrate", "999"], ["--peer", "mp3:32", "--peer", "mp3:32"],
    ])
    func wrongUsageExitsWith64(arguments: [String]) throws {
        let run = try Command.run(["evaluate", "--dataset", "clips"] + arguments, in: scratch.url, environment: environment)
        #expect(run.status == 64, "\(arguments): \(run.errors)")
    }

    @Test func whatIsForDataSetsNeedsOne() throws {
        #expect(try Command.run(["evaluate", "a.wav", "b.wav", "--peer", "opus:6"], in: scratch.url).status == 64)
        #expect(try Command.run(["evaluate", "--dataset", "none"], in: scratch.url).status == 66)
        #expect(try Command.run(["evaluate", "--dataset", "bin"], in: scratch.url).status == 66)
    }
}
