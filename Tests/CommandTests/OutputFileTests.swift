import Codetta
import Foundation
import TestSupport
import Testing

@Suite struct OutputFileTests {
    private let scratch: ScratchFolder

    init() throws { scratch = try ScratchFolder() }

    private func output(_ name: String, overwrite: Bool = false) throws -> OutputFile {
        try OutputFile(PathName(scratch.path(name)), overwrite: overwrite)
    }

    private func write(_ text: String, to file: OutputFile) throws {
        try Array(text.utf8).withUnsafeBytes { try file.write($0) }
    }

    @Test func aFileAppearsOnlyWhenItIsCommitted() throws {
        let file = try output("a")
        try write("whole", to: file)
        #expect(!scratch.exists("a"))
        try file.commit()
        #expect(try scratch.bytes("a") == Array("whole".utf8))
        #expect(try scratch.entries() == ["a"])
    }

    @Test func aDiscardedFileLeavesTheOldOneAndNoTemporary() throws {
        try scratch.write("old".utf8, to: "a")
        do {
            let file = try output("a", overwrite: true)
            try write("new", to: file)
        }
        #expect(try scratch.bytes("a") == Array("old".utf8))
        #expect(try scratch.entries() == ["a"])
    }

    @Test func anExistingFileIsReplacedOnlyWhenAskedFor() throws {
        try scratch.write("old".utf8, to: "a")
        #expect(throws: PipelineError.exists) { try output("a") }
        let file = try output("a", overwrite: true)
        try write("new", to: file)
        try file.commit()
        #expect(try scratch.bytes("a") == Array("new".utf8))
    }

    @Test func aFileThatAppearsMeanwhileIsNotReplaced() throws {
        let file = try output("a")
        try scratch.write("other".utf8, to: "a")
        #expect(throws: PipelineError.exists) { try file.commit() }
        #expect(try scratch.bytes("a") == Array("other".utf8))
        #expect(try scratch.entries() == ["a"])
    }

    @Test func theInputIsNeverTheOutputByWhateverName() throws {
        try scratch.write("old".utf8, to: "a")
        try FileManager.default.createSymbolicLink(atPath: scratch.path("link"), withDestinationPath: scratch.path("a"))
        let input = try InputFile(PathName(scratch.path("a")))
        for name in ["a", "link", "./a"] {
            #expect(throws: PipelineError.isInput) {
                try OutputFile(PathName(scratch.path(name)), overwrite: true, input: input)
            }
        }
    }

    @Test func replacingThroughALinkKeepsTheLink() throws {
        try scratch.write("old".utf8, to: "a")
        try FileManager.default.createSymbolicLink(atPath: scratch.path("link"), withDestinationPath: scratch.path("a"))
        let file = try output("link", overwrite: true)
        try write("new", to: file)
        try file.commit()
        #expect(try scratch.bytes("a") == Array("new".utf8))
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: scratch.path("link")) == scratch.path("a"))
    }

    @Test func replacingKeepsPermissions() throws {
        try scratch.write("old".utf8, to: "a")
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: scratch.path("a"))
        let file = try output("a", overwrite: true)
        try file.commit()
        let attributes = try FileManager.default.attributesOfItem(atPath: scratch.path("a"))
        #expect(attributes[.posixPermissions] as? Int == 0o640)
    }

    @Test func aMissingFolderIsNamed() throws {
        #expect { try output("none/a") } throws: { ($0 as? PipelineError)?.kind == .cannotCreate }
    }

    @Test func pathsHaveTheirParts() {
        #expect(PathName("a/b.tar.gz").lastComponent == PathName("b.tar.gz"))
        #expect(PathName("a/b/").lastComponent == PathName("b"))
        #expect(PathName("/").lastComponent == PathName("/"))
        #expect(PathName("a/b").parent == PathName("a"))
        #expect(PathName("b").parent == PathName("."))
        #expect(PathName("/b").parent == PathName("/"))
        #expect(PathName("a.d/b").fileExtension == "")
        #expect(PathName("a/.wav").fileExtension == "")
        #expect(PathName("a.WAV").fileExtension == "wav")
        #expect(PathName("a.wav").replacingExtension(with: "codetta") == PathName("a.codetta"))
        #expect(PathName("a.d/b").replacingExtension(with: "codetta") == PathName("a.d/b.codetta"))
    }

    @Test func namesPrintReadably() {
        #expect(PathName("grüße.wav").description == "grüße.wav")
        #expect(PathName(bytes: [0x61, 0xFF, 0x0A, 0xE2, 0x82]).description == "a\\xFF\\x0A\\xE2\\x82")
        #expect(PathName("\u{1B}[31m\u{9B}").description == "\\x1B[31m\\xC2\\x9B")
    }

    @Test func everyArgumentSurvivesItsWayThroughText() {
        var samples: [[UInt8]] = [[], Array("plain".utf8), Array("grüße 🎧".utf8), [0xFF], [0xC0, 0xAF], [0xED, 0xA0, 0x80]]
        samples.append(Array("\u{10FF80}\u{10FFFF}".utf8))
        samples += (1...255).map { [0x61, $0, 0x62] }
        for bytes in samples { #expect(ArgumentText.decode(ArgumentText.encode(bytes)) == bytes) }
        #expect(ArgumentText.encode(Array("--quiet".utf8)) == "--quiet")
    }
}
