import Codetta
import Foundation
import TestSupport
import Testing

/// Folders of inputs: what is taken, what is passed over, and what cannot be read.
@Suite struct FolderTests {
    private let scratch: ScratchFolder

    init() throws {
        scratch = try ScratchFolder()
        for name in ["in/deep/x", "other"] {
            try FileManager.default.createDirectory(at: scratch.url.appendingPathComponent(name), withIntermediateDirectories: true)
        }
        for name in ["in/a.wav", "in/deep/b.WAV", "other/c.wav"] { try scratch.writeAudio(name, tones(2400, channels: 1, rate: 24_000), rate: 24_000) }
    }

    private func encode(_ arguments: String...) throws -> CommandResult {
        try Command.run(["encode"] + arguments + ["-m", Command.tinyModel], in: scratch.url)
    }

    private func inputs(_ result: CommandResult) throws -> [String] { try result.jsonLines().compactMap { $0["input"] as? String } }

    @Test func whatIsPassedOverIsSaid() throws {
        for name in ["in/notes.txt", "in/deep/more.txt", "in/deep/talk.m4a", "in/README", "in/.hidden"] { try scratch.write("text", to: name) }
        let result = try encode("in", "-o", "out", "--json")
        #expect(result.status == 0)
        #expect(result.errorLines == ["codetta: 4 files passed over: 2 .txt, 1 without an extension, 1 .m4a"])
        let passedOver = try #require(try result.jsonLines().last?["passedOver"] as? [String: Any])
        #expect(passedOver["count"] as? Int == 4)
        #expect(passedOver["extensions"] as? [String: Int] == ["txt": 2, "": 1, "m4a": 1])
        #expect(try encode("in", "-o", "quiet", "-q").errors.isEmpty)
        let none = try encode("in/deep/x", "-o", "out2")
        #expect(none.status == 66 && none.errors == "codetta: in/deep/x: holds no audio files\n")
        try scratch.write("text", to: "in/deep/x/only.m4a")
        #expect(try encode("in/deep/x", "-o", "out2").errors.contains("holds no audio files (1 file passed over: 1 .m4a)"))
    }

    @Test func outputsBesideTheirInputsAreNotPassedOver() throws {
        #expect(try encode("in").errorLines.count == 3)
        let again = try encode("in", "--resume", "--json")
        #expect(again.status == 0 && again.errors.isEmpty)
        #expect(try again.jsonLines().last?["passedOver"] == nil)
    }

    @Test func linkedFoldersAreFollowedOnceAndWithoutLoops() throws {
        try scratch.link("in/linked", to: scratch.path("other"))
        try scratch.link("in/again", to: scratch.path("other"))
        try scratch.link("in/deep/up", to: "..")
        try scratch.link("in/self", to: ".")
        try scratch.link("in/all", to: scratch.path)
        try scratch.link("other/back", to: scratch.path("in"))
        try scratch.link("in/alias", to: "deep")
        let result = try encode("in", "-o", "out", "--json")
        #expect(result.status == 0)
        // "deep" keeps its own name, and of two links to one folder the first in order is followed.
        #expect(try inputs(result) == ["in/a.wav", "in/again/c.wav", "in/deep/b.WAV"])
        let passedOver = try #require(try result.jsonLines().last?["passedOver"] as? [String: Any])
        let links = try #require(passedOver["links"] as? [String])
        #expect(Set(links) == ["in/linked", "in/deep/up", "in/self", "in/all", "in/alias", "in/again/back"])
        #expect(result.errors.contains("not followed"))
        #expect(scratch.exists("out/again/c.codetta"))
        let listed = try Command.run(["verify", "out", "--json"], in: scratch.url)
        #expect(try inputs(listed).count == 3)
    }

    @Test func aLinkThatLeadsNowhereIsAFailureOfItsOwn() throws {
        try scratch.link("in/gone.wav", to: "nowhere.wav")
        try scratch.link("in/gone.txt", to: "nowhere.txt")
        let result = try encode("in", "-o", "out", "--json")
        #expect(result.status == 66)
        #expect(try result.jsonLines().compactMap { $0["status"] as? String } == ["done", "done", "failed"])
        #expect(result.errors.contains("in/gone.wav: no such file"))
    }

    /// The command as somebody whom permissions bind, which they do not root.
    private func runAsNobody(_ script: String) throws -> CommandResult {
        let drop = getuid() == 0 ? "exec setpriv --reuid=65534 --clear-groups --inh-caps=-all " : "exec "
        try scratch.write(script, to: "script")
        try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: scratch.path)
        return try Command.shell(drop + "/bin/sh script", in: scratch.url)
    }

    private static let bindsPermissions = getuid() != 0 || FileManager.default.isExecutableFile(atPath: "/usr/bin/setpriv")

    @Test(.enabled(if: bindsPermissions)) func aFolderThatCannotBeReadDoesNotStopTheRest() throws {
        try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: scratch.path("in/deep/x"))
        defer { try? FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: scratch.path("in/deep/x")) }
        // The command and its model may lie where nobody else can read them.
        try FileManager.default.copyItem(atPath: Command.executable.path, toPath: scratch.path("codetta"))
        try FileManager.default.copyItem(atPath: Command.tinyModel, toPath: scratch.path("model"))
        let result = try runAsNobody("./codetta encode in -o out -m ./model --json; echo $?; ./codetta encode in/deep/x other -o out2 -m ./model -q; echo $?")
        let lines = result.lines
        #expect(lines.first?.contains("\"status\":\"done\"") == true && lines.dropFirst().first?.contains("\"status\":\"done\"") == true)
        #expect(lines.dropFirst(2).first?.contains("\"in/deep/x\"") == true && lines.dropFirst(2).first?.contains("\"code\":66") == true, "\(result.text)")
        #expect(lines.dropFirst(4) == ["66", "66"], "\(result.text)")
        #expect(result.errors.contains("codetta: in/deep/x: cannot be read: "))
        #expect(try scratch.entries("out").contains("a.codetta") && scratch.entries("out2").contains("c.codetta"))
    }

    @Test func anEmptyFolderAmongOthersDoesNotStopThem() throws {
        let result = try encode("in/deep/x", "other", "missing.wav", "-o", "out", "--json")
        #expect(try result.jsonLines().compactMap { $0["status"] as? String } == ["failed", "done", "failed"])
        #expect(result.status == 66 && result.errors.contains("in/deep/x: holds no audio files"))
    }

    @Test func twoInputsOfOneOutputAreBothNamedAndCanBeKeptApart() throws {
        try scratch.writeAudio("in/a.flac", tones(2400, channels: 1, rate: 24_000), rate: 24_000)
        let result = try encode("in", "-o", "out")
        #expect(result.status == 73)
        #expect(result.errors.contains("out/a.codetta: would be written for in/a.flac as well as for in/a.wav; --keep-extension"))
        let kept = try encode("in", "-o", "kept", "--keep-extension", "--json")
        #expect(kept.status == 0)
        #expect(try scratch.entries("kept").filter { !$0.hasPrefix(".") } == ["a.flac.codetta", "a.wav.codetta", "deep"])
        #expect(scratch.exists("kept/deep/b.WAV.codetta"))
        let decoded = try Command.run(["decode", "kept", "-o", "audio", "-m", Command.tinyModel], in: scratch.url)
        #expect(decoded.status == 0 && scratch.exists("audio/a.flac.wav"))
        let one = try encode("in/a.flac", "--keep-extension")
        #expect(one.status == 0 && scratch.exists("in/a.flac.codetta"))
        #expect(try Command.run(["plot", "in", "-o", "pictures", "--keep-extension"], in: scratch.url).status == 0)
        #expect(scratch.exists("pictures/a.wav.png") && scratch.exists("pictures/a.flac.png"))
    }
}
