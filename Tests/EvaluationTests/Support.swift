import Codetta
import Evaluation
import Foundation
import Platform
import TestSupport

extension ScratchFolder {
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
        try writeAudio(name, audio, rate: rate, format: nil, overwrite: true)
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
            codebooks: [CodeCounts(size: 5, histogram: histogram)], encodeSeconds: 1, decodeSeconds: 2, mayLag: mayLag)
    }
}

struct Refusal: Error, CustomStringConvertible {
    var description = "refused"
}
