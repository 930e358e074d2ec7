import Codetta
import Foundation
import Platform

/// A codec run as external programs, at one setting.
struct PeerSystem: CodingSystem {
    let description: EvaluatedSystem
    private let format: PeerFormat
    private let encoder: Program
    private let decoder: Program
    private let setting: String

    /// - Throws: `EvaluationError.badSetting`, or `.missingProgram` for what is not installed.
    init(_ format: PeerFormat, setting: String) throws(EvaluationError) {
        var description = try Self.description(format, setting: setting)
        encoder = try Program(named: format.encoder, package: format.package)
        decoder = try Program(named: format.decoder, package: format.package)
        description.parameters["encoder"] = Self.version(encoder, format) ?? format.encoder
        self.description = description
        self.format = format
        self.setting = setting
    }

    /// What can be said without the programs.
    static func description(_ format: PeerFormat, setting: String) throws(EvaluationError) -> EvaluatedSystem {
        guard let rate = format.nominalRate(setting) else {
            throw .badSetting(peer: format.name, setting: setting, expected: format.settings)
        }
        return EvaluatedSystem(
            id: "\(format.name)@\(setting)", name: format.name, kind: .peer, setting: setting, nominalRate: rate,
            parameters: ["arguments": format.encode(setting, "IN", "OUT").joined(separator: " ")])
    }

    /// The first line that the encoder says of itself.
    private static func version(_ encoder: Program, _ format: PeerFormat) -> String? {
        guard let argument = format.versionArgument, let folder = try? TemporaryFolder() else { return nil }
        let output = folder.path("version")
        try? encoder.run([argument], output: output, limit: 10)
        let texts = [output, output + ".errors"].compactMap { FileManager.default.contents(atPath: $0) }
        let lines = texts.flatMap { String(decoding: $0.prefix(1000), as: UTF8.self).split { $0.isNewline } }
        return lines.first.map(String.init)
    }

    func code(_ clip: Clip) throws -> CodedClip {
        let isJoint = clip.audio.channelCount <= format.channelLimit
        let tracks = isJoint ? [clip.audio] : clip.audio.tracks
        let coded = try tracks.map { try codeTrack(Clip(audio: $0, sampleRate: clip.sampleRate)) }
        let length = coded.map(\.decoded.sampleCount).min() ?? 0
        func rate(_ bytes: (CodedTrack) -> Int) -> Double {
            8 * Double(coded.reduce(0) { $0 + bytes($1) }) / 1000 / clip.seconds
        }
        return CodedClip(
            decoded: AudioBlock(joining: coded.map { $0.decoded.slice(0..<length) }),
            rates: ItemRates(
                nominal: description.nominalRate * Double(tracks.count), payload: rate(\.payloadBytes), file: rate(\.fileBytes)),
            encodeSeconds: coded.reduce(0) { $0 + $1.encodeSeconds }, decodeSeconds: coded.reduce(0) { $0 + $1.decodeSeconds },
            mayLag: true)
    }

    private struct CodedTrack {
        /// At the clip's rate.
        var decoded: AudioBlock
        var payloadBytes: Int
        var fileBytes: Int
        var encodeSeconds: Double
        var decodeSeconds: Double
    }

    private func codeTrack(_ clip: Clip) throws -> CodedTrack {
        let folder = try TemporaryFolder()
        let fileExtension = format.samples == .wave ? "wav" : "raw"
        let (input, output) = (folder.path("in." + fileExtension), folder.path("out." + fileExtension))
        let stream = folder.path("coded." + format.fileExtension)
        let rate = format.sampleRate(clip.sampleRate)
        try write(clip.resampled(to: rate), to: input)

        let clock = ContinuousClock()
        let encoding = try clock.measure {
            try encoder.run(format.encode(setting, input, stream), output: folder.path("encoder"))
        }
        guard let bytes = FileManager.default.contents(atPath: stream) else {
            throw EvaluationError.programFailed(format.encoder, reason: "wrote nothing")
        }
        let decoding = try clock.measure {
            try decoder.run(format.decode(setting, stream, output), output: folder.path("decoder"))
        }
        let decoded = try read(output, rate: rate, channels: clip.audio.channelCount)
        return CodedTrack(
            decoded: try decoded.resampled(to: clip.sampleRate).audio, payloadBytes: try format.payload(Array(bytes)),
            fileBytes: bytes.count, encodeSeconds: encoding / .seconds(1), decodeSeconds: decoding / .seconds(1))
    }

    private func write(_ clip: Clip, to path: String) throws {
        let writer = try AudioWriter(
            path: path,
            settings: AudioWriter.Settings(
                sampleRate: clip.sampleRate, channelCount: clip.audio.channelCount, sampleFormat: .pcm16))
        try writer.write(clip.audio)
        if let block = format.blockLength {
            let padding = block + (block - clip.audio.sampleCount % block) % block
            try writer.write(AudioBlock(silence: padding, channelCount: clip.audio.channelCount))
        }
        try writer.finish()
    }

    /// What the decoder wrote, at whatever rate it chose.
    private func read(_ path: String, rate: Int, channels: Int) throws -> Clip {
        guard FileManager.default.fileExists(atPath: path) else {
            throw EvaluationError.programFailed(format.decoder, reason: "wrote nothing")
        }
        let raw = RawFormat(sampleRate: rate, channelCount: channels, sampleFormat: .pcm16)
        let reader = try AudioReader(path: path, options: AudioReader.Options(raw: format.samples == .raw ? raw : nil))
        let clip = try Clip(reading: reader)
        guard clip.audio.channelCount == channels else {
            throw EvaluationError.programFailed(
                format.decoder, reason: "gave \(clip.audio.channelCount) channel(s) for \(channels)")
        }
        return clip
    }
}

/// A system that was asked for and is not there, so that the results say so.
struct UnavailableSystem: CodingSystem {
    let description: EvaluatedSystem
    let reason: EvaluationError

    func code(_ clip: Clip) throws -> CodedClip { throw reason }
}
