import Foundation
import TestSupport
import Testing

/// `cut`, `join`, `tag` and decoding in part. The model of the files is not installed, and only `decode` is told where it is.
@Suite struct CutVerbTests {
    private let scratch: ScratchFolder

    init() throws {
        scratch = try ScratchFolder()
        try scratch.writeAudio("a.wav", tones(6 * 44_100, channels: 2, rate: 44_100), rate: 44_100)
    }

    @discardableResult
    private func run(_ arguments: String..., status: Int32 = 0) throws -> CommandResult {
        let result = try Command.run(arguments, in: scratch.url)
        #expect(result.status == status, "\(arguments.joined(separator: " ")): \(result.status) \(result.errors)")
        return result
    }

    private func encode(_ options: String...) throws {
        let result = try Command.run(["encode", "a.wav", "-m", Command.tinyModel, "-f", "-q"] + options, in: scratch.url)
        #expect(result.status == 0, "\(result.errors)")
    }

    /// Interleaved 16-bit samples of two channels.
    private func audio(_ tokens: String, _ options: String...) throws -> Data {
        let result = try Command.run(
            ["decode", tokens, "-o", "out.raw", "--subtype", "pcm16", "-m", Command.tinyModel, "-f", "-q"] + options, in: scratch.url)
        #expect(result.status == 0, "\(result.errors)")
        return try Data(scratch.bytes("out.raw"))
    }

    @Test(arguments: ["none", "adaptive"], ["archive", "stream"])
    func partsAndJoinsDecodeToTheSamplesOfTheWhole(entropy: String, preset: String) throws {
        try encode("--entropy", entropy, "--preset", preset)
        let whole = try audio("a.codetta")
        #expect(whole.count == 6 * 44_100 * 4)
        let part = whole.subdata(in: Int(1.25 * 44_100) * 4..<2 * 44_100 * 4)
        try run("cut", "a.codetta", "-o", "part.codetta", "--from", "1.25", "--to", "0:02")
        #expect(try audio("part.codetta") == part)
        #expect(try audio("a.codetta", "--from", "1.25", "--to", "2") == part)
        try run("cut", "a.codetta", "-o", "one.codetta", "--to", "3.3")
        try run("cut", "a.codetta", "-o", "two.codetta", "--from", "3.3")
        let report = try run("join", "one.codetta", "two.codetta", "-o", "both.codetta", "--json").json()
        #expect(report["recordings"] as? Int == 2)
        #expect(try audio("both.codetta") == whole)
        // A cut of a cut, and a cut across the joint.
        try run("cut", "part.codetta", "-o", "inner.codetta", "--from", "0.25", "--to", "0.5")
        #expect(try audio("inner.codetta") == part.subdata(in: 44_100..<2 * 44_100))
        try run("cut", "both.codetta", "-o", "across.codetta", "--from", "1.25", "--to", "2")
        #expect(try audio("across.codetta") == part)
        try run("cut", "both.codetta", "-o", "joint.codetta", "--from", "3", "--to", "3.6", "-f")
        #expect(try audio("joint.codetta") == whole.subdata(in: 3 * 44_100 * 4..<Int(3.6 * 44_100) * 4))
        let chain = try scratch.bytes("a.codetta") + scratch.bytes("part.codetta") + scratch.bytes("a.codetta")
        try scratch.write(Data(chain), to: "chain.codetta")
        #expect(try audio("chain.codetta") == whole + part + whole)
        for file in ["part", "both", "across", "joint", "chain"] { try run("verify", "\(file).codetta") }
    }

    @Test func picturesAndStatisticsShowAllRecordings() throws {
        try encode()
        try run("join", "a.codetta", "a.codetta", "-o", "both.codetta")
        func codes(_ file: String) throws -> Int? {
            let books = try run("quantizer", "statistics", file, "--json").json()["codebooks"] as? [[String: Any]]
            return (books?.first?["statistics"] as? [String: Any])?["codes"] as? Int
        }
        let one = try #require(try codes("a.codetta"))
        #expect(try codes("both.codetta") == 2 * one)
        try run("plot", "both.codetta", "-o", "both.svg", "--start", "7", "--seconds", "1")
        #expect(try Command.run(["plot", "a.codetta", "-o", "a.svg", "--start", "7"], in: scratch.url).status != 0)
    }

    @Test func fewerCodebooksAreReadAsTheyWereEncoded() throws {
        try encode("--codebooks", "1")
        let one = try audio("a.codetta")
        try encode("--codebooks", "2", "--preset", "stream")
        #expect(try audio("a.codetta", "--codebooks", "1") == one)
        #expect(try audio("a.codetta") != one)
    }

    @Test func tagsAreShownSetAndRemoved() throws {
        try encode("--tag", "speaker=Ann", "--tag", "language=en")
        let codes = try run("info", "a.codetta", "--json").json()["totals"] as? [String: Any]
        #expect(try run("tag", "a.codetta").lines == ["language=en", "speaker=Ann"])
        try run("tag", "a.codetta", "--set", "title=Öl = oil", "--remove", "speaker")
        #expect(try run("tag", "a.codetta").lines == ["language=en", "title=Öl = oil"])
        let after = try run("info", "a.codetta", "--json").json()["totals"] as? [String: Any]
        #expect(codes?["digest"] as? String == after?["digest"] as? String && codes?["digest"] != nil)
        try run("cut", "a.codetta", "-o", "b.codetta", "--from", "1")
        #expect(try run("tag", "b.codetta").lines == ["language=en", "title=Öl = oil"])
        try run("tag", "b.codetta", "--clear", "-o", "c.codetta")
        #expect(try run("tag", "c.codetta").text.isEmpty)
        for wrong in ["=x", "key"] { try run("tag", "b.codetta", "--set", wrong, status: 64) }
    }

    @Test func whatCannotBeCutOrJoinedIsSaidInOneLine() throws {
        try encode()
        let whole = try scratch.bytes("a.codetta")
        for (arguments, status) in [
            (["cut", "a.codetta", "-o", "b.codetta", "--from", "6"], 64),
            (["cut", "a.codetta", "-o", "a.codetta", "--from", "1"], 73), (["cut", "absent.codetta", "-o", "b.codetta", "--from", "1"], 66),
            (["cut", "a.wav", "-o", "b.codetta", "--from", "1"], 65), (["join", "a.codetta", "a.wav", "-o", "b.codetta"], 65),
        ] {
            let result = try Command.run(arguments, in: scratch.url)
            #expect(result.status == status && result.errorLines.count == 1, "\(arguments): \(result.status) \(result.errors)")
        }
        try run("cut", "a.codetta", "-o", "b.codetta", "--from", "3", "--to", "2", status: 64)
        try scratch.writeAudio("m.wav", tones(24_000, channels: 1, rate: 24_000), rate: 24_000)
        try run("encode", "m.wav", "-m", Command.tinyModel)
        #expect(try run("join", "a.codetta", "m.codetta", "-o", "b.codetta", status: 65).errorLines.count == 1)
        #expect(try !scratch.exists("b.codetta") && scratch.bytes("a.codetta") == whole)
    }
}
