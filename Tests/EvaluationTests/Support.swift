import Codetta
import Evaluation
import Foundation
import Platform

/// A folder that vanishes with its owner.
final class Workplace {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("codetta-evaluation-tests-\(UUID().uuidString)")

    init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(at: url) }

    func path(_ name: String) -> String { url.appendingPathComponent(name).path }
    func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }
    func text(_ name: String) throws -> String { try String(contentsOfFile: path(name), encoding: .utf8) }
    func write(_ text: String, to name: String) throws { try Data(text.utf8).write(to: url.appendingPathComponent(name)) }

    /// A program of a few lines of shell.
    func script(_ name: String, _ lines: String) throws -> String {
        try write("#!/bin/sh\n" + lines + "\n", to: name)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path(name))
        return path(name)
    }

    /// Seeded noise under a slow envelope, so that delays show in waveforms and envelopes.
    @discardableResult
    func clip(_ name: String, seed: UInt64, seconds: Double = 0.6, rate: Int = 16000, channels: Int = 1) throws -> Evaluator.File {
        var noise = SplitMix64(seed: seed)
        let count = Int(seconds * Double(rate))
        let audio = AudioBlock(
            channels: (0..<channels).map { _ in
                (0..<count).map { i in
                    let swell = Float(i % 4000) / 4000
                    return Float(Int(noise.next() >> 40) - (1 << 23)) / Float(1 << 24) * swell
                }
            })
        let writer = try AudioWriter(
            path: path(name), settings: AudioWriter.Settings(sampleRate: rate, channelCount: channels), overwrite: true)
        try writer.write(audio)
        try writer.finish()
        return Evaluator.File(id: name, path: PathName(path(name)))
    }

    /// An evaluation of `files` without times, so that runs can be compared.
    static func timeless(_ results: EvaluationResults) -> EvaluationResults {
        var results = results
        for i in results.scores.indices {
            results.scores[i].encodeSeconds = nil
            results.scores[i].decodeSeconds = nil
        }
        for i in results.summaries.indices {
            results.summaries[i].encodingSpeed = nil
            results.summaries[i].decodingSpeed = nil
        }
        return results
    }
}

/// A codec that rounds samples to so many steps, and may be late or refuse.
struct RoundingSystem: CodingSystem {
    var name = "rounding"
    var steps: Float = 64
    var lag = 0
    var mayLag = false
    /// Called for every clip coded.
    var coded: @Sendable () throws -> Void = {}

    var description: EvaluatedSystem {
        EvaluatedSystem(id: "\(name)@\(Int(steps))", name: name, kind: .model, setting: "\(Int(steps))", nominalRate: 5)
    }

    func code(_ clip: Clip) throws -> CodedClip {
        try coded()
        let late = [Float](repeating: 0, count: lag)
        let rounded = clip.audio.channels.map { late + $0.map { ($0 * steps).rounded() / steps } }
        var histogram: [Int: Int] = [:]
        for sample in clip.audio.channels[0] { histogram[Int((sample * 2).rounded()) + 2, default: 0] += 1 }
        return CodedClip(
            decoded: AudioBlock(channels: rounded), rates: ItemRates(nominal: 5, payload: Double(steps), file: 6),
            codebooks: [CodebookHistogram(size: 5, histogram: histogram)], encodeSeconds: 1, decodeSeconds: 2, mayLag: mayLag)
    }
}

/// Counts across threads.
final class Counter: @unchecked Sendable {
    // `value` is only touched under `lock`.
    private let lock = NSLock()
    private var value = 0

    var count: Int { lock.withLock { value } }

    /// The count before this call.
    @discardableResult
    func increment() -> Int {
        lock.withLock {
            value += 1
            return value - 1
        }
    }
}

struct Refusal: Error, CustomStringConvertible {
    var description = "refused"
}
