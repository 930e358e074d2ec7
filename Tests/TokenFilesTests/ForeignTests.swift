import Foundation
import Platform
import TestSupport
import Testing
import TokenFiles
import Tokens

@Test func jsonRoundTrips() throws {
    for document in [smallDocument(), smallDocument(frames: 0), smallDocument(samplesKnown: true)] {
        #expect(try JSONTokens.decode(try JSONTokens.encode(document)) == document)
    }
}

@Test func jsonIsCheckedLikeAContainer() throws {
    let text = String(decoding: try JSONTokens.encode(smallDocument()), as: UTF8.self)
    func refusal(_ old: String, _ new: String) -> TokenStreamError? {
        #expect(text.contains(old), "\(old)")
        do {
            _ = try JSONTokens.decode(Array(text.replacingOccurrences(of: old, with: new).utf8))
            return nil
        } catch {
            return error as? TokenStreamError
        }
    }
    #expect(refusal("\"size\":1000", "\"size\":7")?.kind == .badData)
    #expect(refusal("\"trackCount\":2", "\"trackCount\":1") != nil)
    #expect(refusal("\"hopLength\":320", "\"hopLength\":0")?.kind == .badData)
    #expect(refusal("\"stride\":4", "\"stride\":9223372036854775807")?.kind == .badData)
    #expect(refusal("\"version\":1", "\"version\":2") != nil)
    #expect(refusal("\"samples\":", "\"simples\":") == .foreign(format: "JSON tokens", reason: "samples is missing"))
    #expect(refusal("\"tracks\":[[[", "\"tracks\":[[[-1,") != nil)
    #expect(refusal("\"tracks\":[[[", "\"tracks\":[[[\"x\",") != nil)
    #expect(throws: TokenStreamError.self) { try JSONTokens.decode(Array("[1,2".utf8)) }
    // Found by fuzzing: what a file says of itself came unescaped into the error.
    let error = refusal("codetta-tokens", "codetta\\n\\u001btokens")
    #expect(error.map { "\($0)".contains("codetta\\x0A\\x1Btokens") } == true)
}

private func npy(_ header: String, _ data: [UInt8], version: UInt8 = 1) -> [UInt8] {
    let length = version == 1 ? littleEndian(UInt16(header.utf8.count)) : littleEndian(UInt32(header.utf8.count))
    return [0x93] + Array("NUMPY".utf8) + [version, 0] + length + Array(header.utf8) + data
}

@Test func npyRoundTrips() throws {
    var random = SplitMix64(seed: 5)
    let layout = CodeLayout(uniform: 3, size: 1024, hopLength: 1, sampleRate: 1)
    for (tracks, frames) in [(1, 10), (2, 7), (3, 1), (1, 0)] {
        let codes = randomTracks(layout, tracks: tracks, frames: frames, using: &random)
        let bytes = try NumPyCodes.encode(codes)
        #expect((bytes.count - tracks * 3 * frames * 4) % 64 == 0)
        #expect(try NumPyCodes.decode(bytes) == codes)
    }
    #expect(throws: TokenStreamError.self) { try NumPyCodes.encode(smallDocument().tracks) }
    #expect(throws: TokenStreamError.self) { try NumPyCodes.encode([]) }
}

@Test(arguments: [
    ("|u1", [1, 2, 3, 4, 5, 6]), ("|i1", [1, 2, 3, 4, 5, 6]), ("<u2", [1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0]),
    (">u2", [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6]), (">i4", (1...6).flatMap { [0, 0, 0, $0] }),
    ("<i8", (1...6).flatMap { [$0, 0, 0, 0, 0, 0, 0, 0] }),
] as [(String, [UInt8])])
func npyReadsEveryIntegerType(_ type: String, _ data: [UInt8]) throws {
    for version in 1...3 as ClosedRange<UInt8> {
        let bytes = npy("{'descr': '\(type)', 'fortran_order': False, 'shape': (2, 3), }  \n", data, version: version)
        #expect(try NumPyCodes.decode(bytes) == [Codes(streams: [[1, 2, 3], [4, 5, 6]])])
    }
    let fortran = npy("{\"shape\":(2,3),'fortran_order':True,'descr':'\(type)'}", data)
    #expect(try NumPyCodes.decode(fortran) == [Codes(streams: [[1, 3, 5], [2, 4, 6]])])
    let tracks = npy("{'descr': '\(type)', 'fortran_order': True, 'shape': (3, 2, 1)}", data)
    #expect(try NumPyCodes.decode(tracks) == [[1, 4], [2, 5], [3, 6]].map { Codes(streams: $0.map { [$0] }) })
}

@Test func npyRefusesEverythingElse() throws {
    let dict = "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3), }"
    let data: [UInt8] = [1, 2, 3, 4, 5, 6]
    #expect(throws: Never.self) { try NumPyCodes.decode(npy(dict, data)) }
    func refused(_ bytes: [UInt8], _ label: String) {
        let error = #expect(throws: TokenStreamError.self, "\(label)") { try NumPyCodes.decode(bytes) }
        #expect(error?.kind == .badData)
    }
    for (old, new) in [
        ("|u1", "|O"), ("|u1", "<f4"), ("|u1", "<u1x"), ("|u1", "|u2"), ("|u1", "<U4"), ("False", "0"),
        ("(2, 3)", "(6,)"), ("(2, 3)", "()"), ("(2, 3)", "(1, 1, 2, 3)"), ("(2, 3)", "(2, -3)"), ("(2, 3)", "(2, 4)"),
        ("(2, 3)", "(3037000500, 3037000500)"), ("(2, 3)", "(0, 9223372036854775807)"), ("(2, 3)", "[2, 3]"),
        ("(2, 3)", "(99999999999999999999, 3)"), ("(2, 3)", "(0, 1024, 9223372036854775807)"),
        ("'shape'", "'shapes'"), ("'descr'", "'shape'"), ("{'descr': '|u1', ", "{"), (", }", ", } x"), (", }", ""),
        ("'|u1'", "'|u1"), ("'|u1'", "__import__('os')"), (", }", ", 'descr': '|u1'}"),
    ] {
        refused(npy(dict.replacingOccurrences(of: old, with: new), data), new)
    }
    refused(npy(dict, data + [0]), "longer")
    refused(npy(dict, [1, 2, 3]), "shorter")
    refused(npy(dict.replacingOccurrences(of: "|u1", with: "|i1"), [1, 2, 3, 4, 5, 200]), "negative")
    refused(npy(dict.replacingOccurrences(of: "|u1", with: "<u4"), [UInt8](repeating: 255, count: 24)), "too large")
    refused(npy(dict, data, version: 4), "version 4")
    let whole = npy(dict, data)
    for length in whole.indices { refused(Array(whole[..<length]), "\(length) bytes") }
    let object = #expect(throws: TokenStreamError.self) {
        try NumPyCodes.decode(npy(dict.replacingOccurrences(of: "|u1", with: "|O"), data))
    }
    #expect("\(object!)".contains("object arrays"))
}
