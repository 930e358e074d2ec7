import Audio
import Foundation
import Kernels
import Platform
import TestSupport
import Testing

private let mono = AudioWriter.Settings(sampleRate: 24_000, channelCount: 1)

@Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full"), "needs /dev/full, which Linux has"))
func fullDiskIsAnIOErrorForEveryContainer() throws {
    for container in [ContainerFormat.wav, .flac, .ogg, .raw] {
        var settings = mono
        settings.container = container
        let error = audioError {
            let writer = try AudioWriter(path: "/dev/full", settings: settings)
            try write(noise(samples: 100_000, channels: 1), with: writer, blocks: 4096)
        }
        #expect(error?.kind == .io, "\(container)")
    }
}

@Test func fileAppearsOnlyWhenItIsComplete() throws {
    let folder = try ScratchFolder(inMemory: true)
    for name in ["a.wav", "a.flac"] {
        do {
            let writer = try AudioWriter(path: folder.path(name), settings: mono)
            try writer.write(noise(samples: 100, channels: 1))
            #expect(try folder.entries().count == 1 && !folder.entries().contains(name))
            #expect(writer.temporaryPath != nil)
        }
        #expect(try folder.entries().isEmpty)
        try write(noise(samples: 100, channels: 1), to: folder.path(name))
        #expect(try folder.entries() == [name])
        try FileManager.default.removeItem(atPath: folder.path(name))
    }
}

@Test func existingFileIsReplacedOnlyOnRequestAndOnSuccess() throws {
    let folder = try ScratchFolder(inMemory: true)
    let path = try folder.write([1, 2, 3], to: "a.wav")
    #expect(audioError { _ = try AudioWriter(path: path, settings: mono) } == .alreadyExists(file: path))
    do {
        let writer = try AudioWriter(path: path, settings: mono, overwrite: true)
        #expect(audioError { try writer.write(AudioBlock(mono: [.nan])) } == .nonFinite(file: path, sample: 0, channel: 0))
        #expect(throws: UsedAfterEnd.self) { try writer.finish() }
    }
    #expect(try folder.bytes("a.wav") == [1, 2, 3] && folder.entries() == ["a.wav"])
    let writer = try AudioWriter(path: path, settings: mono, overwrite: true)
    try write(noise(samples: 7, channels: 1), with: writer, blocks: 7)
    #expect(try readFile(path).audio.sampleCount == 7)
    #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int != 0o600)
}

@Test func impossibleOutputsAreRefusedBeforeAnythingIsCreated() throws {
    let folder = try ScratchFolder(inMemory: true)
    func kind(_ name: String, _ settings: AudioWriter.Settings) -> FailureKind? {
        audioError { _ = try AudioWriter(path: folder.path(name), settings: settings) }?.kind
    }
    #expect(kind("a.xyz", mono) == .usage)
    #expect(kind("a", mono) == .usage)
    #expect(kind("a.wav", .init(sampleRate: 24_000, channelCount: 1, sampleFormat: .opus)) == .usage)
    #expect(kind("a.flac", .init(sampleRate: 24_000, channelCount: 1, sampleFormat: .float)) == .usage)
    #expect(kind("a.flac", .init(sampleRate: 24_000, channelCount: 40)) == .usage)
    #expect(kind("a.wav", .init(sampleRate: 0, channelCount: 1)) == .usage)
    #expect(kind("a.wav", .init(sampleRate: 24_000, channelCount: 0)) == .usage)
    #expect(kind("a.wav", .init(sampleRate: 24_000, channelCount: 1, totalSamples: -1)) == .usage)
    #expect(kind("a.wav", .init(sampleRate: 24_000, channelCount: 1, totalSamples: .max)) == .usage)
    #expect(kind("no/such/folder/a.wav", mono) == .cannotCreate)
    #expect(audioError { _ = try AudioWriter(path: folder.path, settings: .init(sampleRate: 24_000, channelCount: 1, container: .wav)) }?.kind == .cannotCreate)
    #expect(try folder.entries().isEmpty)
}

@Test func declaredLengthMustBeKept() throws {
    let folder = try ScratchFolder(inMemory: true)
    var settings = mono
    settings.totalSamples = 10
    let short = try AudioWriter(path: folder.path("short.wav"), settings: settings)
    try short.write(noise(samples: 9, channels: 1))
    #expect(audioError { try short.finish() } == .lengthMismatch(file: folder.path("short.wav"), declared: 10, written: 9))
    let long = try AudioWriter(path: folder.path("long.wav"), settings: settings)
    #expect(audioError { try long.write(noise(samples: 11, channels: 1)) }?.kind == .internal)
    let stereo = try AudioWriter(path: folder.path("stereo.wav"), settings: mono)
    #expect(audioError { try stereo.write(noise(samples: 1, channels: 2)) } == .blockChannels(
        file: folder.path("stereo.wav"), expected: 1, found: 2))
}
