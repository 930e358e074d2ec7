import Foundation
import TestSupport
import Testing

/// Token files on a web server, from server.py.
@Suite struct WebFileTests {
    private let scratch: ScratchFolder
    private let server: LocalServer
    /// Of `a.codetta`, which holds two minutes of tones.
    private let address: String

    init() throws {
        scratch = try ScratchFolder()
        try FileManager.default.createDirectory(at: scratch.url.appendingPathComponent("www"), withIntermediateDirectories: true)
        server = try LocalServer(folder: scratch.path("www"), log: scratch.path("log"))
        address = "\(server.address)/file/ranges.1/a.codetta"
        try scratch.writeAudio("a.wav", tones(120 * 24_000, channels: 1, rate: 24_000), rate: 24_000)
        #expect(try run("encode", "a.wav", "-o", "www/a.codetta", "-m", Command.tinyModel).status == 0)
    }

    private func run(_ arguments: String...) throws -> CommandResult { try Command.run(arguments, in: scratch.url) }

    @Test func aPartIsDecodedOutOfAFewRanges() throws {
        let part = ["--from", "100.01", "--to", "100.5", "-m", Command.tinyModel]
        #expect(try Command.run(["decode", "www/a.codetta", "-o", "file.wav"] + part, in: scratch.url).status == 0)
        let before = server.requestCount()
        let decoded = try Command.run(["decode", address, "-o", "web.wav"] + part, in: scratch.url)
        #expect(decoded.status == 0, "\(decoded.errors)")
        // Beginning, end with the index, pages.
        #expect(server.requestCount() - before <= 3)
        #expect(try scratch.bytes("web.wav") == scratch.bytes("file.wav"))
        // What exists is not replaced.
        #expect(try Command.run(["decode", address] + part, in: scratch.url).status == 73)
    }

    @Test func theOutputOfAnAddressStandsInTheWorkingFolder() throws {
        try FileManager.default.removeItem(at: scratch.url.appendingPathComponent("a.wav"))
        let decoded = try run("decode", address + "?download=true", "--to", "1", "-m", Command.tinyModel)
        #expect(decoded.status == 0, "\(decoded.errors)")
        #expect(try run("decode", "www/a.codetta", "--to", "1", "-m", Command.tinyModel).status == 0)
        #expect(try scratch.bytes("a.wav") == scratch.bytes("www/a.wav"))
    }

    @Test func commandsThatReadTokensTakeAddresses() throws {
        #expect(try run("verify", address).status == 0)
        let (there, here) = try (run("info", address, "--json"), run("info", "www/a.codetta", "--json"))
        #expect(there.status == 0 && there.text == here.text, "\(there.errors)")
        for arguments in [["cut", "--from", "3", "--to", "5"], ["join", "www/a.codetta"], ["convert"]] {
            let (verb, options) = (arguments[0], Array(arguments.dropFirst()))
            for (input, output) in [(address, "there"), ("www/a.codetta", "here")] {
                let result = try Command.run([verb] + options + [input, "-o", "\(output).codetta", "-f"], in: scratch.url)
                #expect(result.status == 0, "\(result.errors)")
            }
            #expect(try scratch.bytes("there.codetta") == scratch.bytes("here.codetta"), "\(verb)")
        }
    }

    @Test func whatIsNotThereIsNamedInOneLine() throws {
        for kind in ["absent", "denied", "refused"] {
            let result = try run("verify", "\(server.address)/file/\(kind).1/a.codetta")
            #expect(result.status != 0 && result.errorLines.count == 1 && result.errors.contains(kind), "\(result.errors)")
        }
        let audio = try run("info", "\(server.address)/file/ranges.1/a.wav")
        #expect(audio.status != 0 && audio.errorLines.count == 1, "\(audio.errors)")
        let encoded = try run("encode", address, "-o", "x.codetta", "-m", Command.tinyModel)
        #expect(encoded.status != 0 && encoded.errorLines.count == 1 && !scratch.exists("x.codetta"), "\(encoded.errors)")
    }
}
