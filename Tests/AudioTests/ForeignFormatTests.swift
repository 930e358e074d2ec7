import Audio
import Foundation
import Kernels
import TestSupport
import Testing

@Test(arguments: [
    ([0, 0, 0, 0x20] + Array("ftypM4A ".utf8), "M4A (MP4 audio)"), ([0x1A, 0x45, 0xDF, 0xA3], "WebM or Matroska"),
    (Array("#!AMR\n".utf8), "AMR"), ([0xFF, 0xF1, 0x50, 0x80], "AAC (ADTS)"),
    ([0x30, 0x26, 0xB2, 0x75, 0x8E, 0x66, 0xCF, 0x11], "WMA (ASF)"), (Array("wvpk".utf8), "WavPack"),
])
func aFormatThatIsNotReadIsNamed(beginning: [UInt8], format: String) throws {
    let folder = try ScratchFolder(inMemory: true)
    let bytes = beginning + [UInt8](repeating: 1, count: 2000)
    let path = try folder.write(bytes, to: "a.wav")
    #expect(audioError { _ = try AudioReader(path: path) } == .foreignFormat(file: path, format: format))
    #expect(audioError { _ = try readPiped(bytes) } == .foreignFormat(file: "pipe", format: format))
}

private let ffmpeg = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    .map { URL(fileURLWithPath: $0 + "/ffmpeg") }.first { FileManager.default.isExecutableFile(atPath: $0.path) }

@Test(.enabled(if: ffmpeg == nil))
func aProgramThatIsNotInstalledIsSaidToBe() throws {
    let bytes = [0x1A, 0x45, 0xDF, 0xA3] + [UInt8](repeating: 1, count: 2000)
    #expect(audioError { _ = try readPiped(bytes, options: .init(via: .ffmpeg)) } == .missingProgram(file: "pipe", program: "ffmpeg"))
}

/// With the program where it is installed.
@Suite(.enabled(if: ffmpeg != nil))
struct ThroughFFmpegTests {
    private let folder: ScratchFolder
    private let sound: AudioBlock
    private let path: String

    init() throws {
        folder = try ScratchFolder()
        try write(noise(samples: 30_000, channels: 2), to: folder.path("a.wav"))
        sound = try readFile(folder.path("a.wav")).audio
        path = folder.path("a.mka")
        let program = try #require(ffmpeg)
        let result = try runProgram(program, ["-nostdin", "-v", "error", "-i", folder.path("a.wav"), "-c:a", "pcm_s16le", path])
        #expect(result.status == 0, "\(result.errors)")
    }

    @Test func whatIsNotReadHereComesThroughFFmpeg() throws {
        guard case .foreignFormat = audioError({ _ = try AudioReader(path: path) }) else { Issue.record("read"); return }
        let (audio, reader) = try readFile(path, options: .init(via: .ffmpeg))
        #expect(audio == sound && reader.sampleRate == 24_000 && reader.totalSamples == nil)
        #expect(reader.warnings == [.readThrough(program: "ffmpeg")])
        #expect(try readPiped(folder.bytes("a.mka"), options: .init(via: .ffmpeg)).audio == sound)
    }

    @Test func whatIsReadHereIsReadHere() throws {
        #expect(try readFile(folder.path("a.wav"), options: .init(via: .ffmpeg)).reader.warnings.isEmpty)
    }

    @Test func whatFFmpegCannotReadIsRefusedInItsWords() throws {
        let bytes = [0x1A, 0x45, 0xDF, 0xA3] + [UInt8](repeating: 1, count: 2000)
        let broken = try folder.write(bytes, to: "broken.mka")
        let error = audioError { _ = try readFile(broken, options: .init(via: .ffmpeg)) }
        #expect(error?.kind == .badData && "\(error.map(String.init(describing:)) ?? "")".contains("ffmpeg"))
    }
}
