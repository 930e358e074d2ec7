import Foundation
import TestSupport
import Testing
import TokenFiles

@Test func filesAndPipesHoldTheSameBytes() throws {
    let document = smallDocument(frames: 200)
    let folder = try ScratchFolder()
    let path = folder.path("tokens")
    let file = open(path, O_RDWR | O_CREAT | O_EXCL, 0o600)
    try #require(file >= 0)
    defer { close(file) }
    try document.write(to: FileSink(descriptor: file, name: path))
    let pipe = POSIXPipe()
    defer { close(pipe.reading) }
    try document.write(to: FileSink(descriptor: pipe.writing, name: "pipe"))
    close(pipe.writing)
    let piped = try FileSource(descriptor: pipe.reading, name: "pipe")
    #expect(piped.seekableLength == nil)
    #expect(try EncodedAudio(source: piped) == document)
    let opened = try FileSource(path: path)
    #expect(opened.seekableLength == (try document.bytes.count))
    #expect(try EncodedAudio(source: opened) == document)
    #expect(try folder.bytes("tokens") == (try document.bytes))
    let reader = try ContainerReader(source: try FileSource(path: path))
    #expect(try reader.seek(toFrame: 150) == 144)
    #expect(try reader.next()?.tracks == document.codes(144..<152))
}

@Test func aDescriptorIsReadFromWhereItStands() throws {
    let document = smallDocument()
    let folder = try ScratchFolder()
    let path = folder.path("tokens")
    try folder.write([9, 9, 9] + document.bytes, to: "tokens")
    let file = open(path, O_RDONLY)
    try #require(file >= 0)
    defer { close(file) }
    lseek(file, 3, SEEK_SET)
    let reader = try ContainerReader(source: try FileSource(descriptor: file, name: path))
    #expect(try reader.seek(toFrame: 12) == 8)
    #expect(try reader.next()?.tracks == document.codes(8..<16))
}

@Test func filesThatCannotBeOpenedAreNamed() throws {
    let folder = try ScratchFolder()
    for path in [folder.path("missing"), folder.path] {
        let error = #expect(throws: TokenStreamError.self) { try FileSource(path: path) }
        #expect(error?.kind == .noInput)
        #expect("\(error!)".contains(path))
    }
}

@Test func failedReadsAndWritesAreInputOutputErrors() throws {
    let folder = try ScratchFolder()
    let path = folder.path("tokens")
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
