import Foundation
import Testing
import TokenFiles

private func temporaryPath() -> String {
    NSTemporaryDirectory() + "/codetta-token-stream-" + UUID().uuidString
}

@Test func filesAndPipesHoldTheSameBytes() throws {
    let document = smallDocument(frames: 200)
    let path = temporaryPath()
    defer { unlink(path) }
    let file = open(path, O_RDWR | O_CREAT | O_EXCL, 0o600)
    try #require(file >= 0)
    defer { close(file) }
    try document.write(to: FileSink(descriptor: file, name: path))
    var ends: [Int32] = [0, 0]
    try #require(unsafePipe(&ends) == 0)
    defer { close(ends[0]) }
    try document.write(to: FileSink(descriptor: ends[1], name: "pipe"))
    close(ends[1])
    let piped = try FileSource(descriptor: ends[0], name: "pipe")
    #expect(piped.seekableLength == nil)
    #expect(try TokenDocument(source: piped) == document)
    let opened = try FileSource(path: path)
    #expect(opened.seekableLength == (try document.bytes.count))
    #expect(try TokenDocument(source: opened) == document)
    #expect(try Array(Data(contentsOf: URL(fileURLWithPath: path))) == (try document.bytes))
    let reader = try ContainerReader(source: try FileSource(path: path))
    #expect(try reader.seek(toFrame: 150) == 144)
    #expect(try reader.next()?.tracks == document.codes(144..<152))
}

@Test func aDescriptorIsReadFromWhereItStands() throws {
    let document = smallDocument()
    let path = temporaryPath()
    defer { unlink(path) }
    try Data([9, 9, 9] + document.bytes).write(to: URL(fileURLWithPath: path))
    let file = open(path, O_RDONLY)
    try #require(file >= 0)
    defer { close(file) }
    lseek(file, 3, SEEK_SET)
    let reader = try ContainerReader(source: try FileSource(descriptor: file, name: path))
    #expect(try reader.seek(toFrame: 12) == 8)
    #expect(try reader.next()?.tracks == document.codes(8..<16))
}

@Test func filesThatCannotBeOpenedAreNamed() throws {
    let missing = temporaryPath()
    for path in [missing, NSTemporaryDirectory()] {
        let error = #expect(throws: TokenStreamError.self) { try FileSource(path: path) }
        #expect(error?.kind == .noInput)
        #expect("\(error!)".contains(path))
    }
}

@Test func failedReadsAndWritesAreInputOutputErrors() throws {
    let path = temporaryPath()
    defer { unlink(path) }
    let writeOnly = open(path, O_WRONLY | O_CREAT | O_EXCL, 0o600)
    try #require(writeOnly >= 0)
    defer { close(writeOnly) }
    let read = #expect(throws: TokenStreamError.self) {
        try ContainerReader(source: try FileSource(descriptor: writeOnly, name: "write-only"))
    }
    #expect(read?.kind == .io && "\(read!)".contains("write-only"))
    let readOnly = open(path, O_RDONLY)
    defer { close(readOnly) }
    let write = #expect(throws: TokenStreamError.self) {
        try smallDocument().write(to: FileSink(descriptor: readOnly, name: "read-only"))
    }
    #expect(write?.kind == .io && "\(write!)".contains("read-only"))
}

private func unsafePipe(_ ends: inout [Int32]) -> Int32 { ends.withUnsafeMutableBufferPointer { pipe($0.baseAddress!) } }
