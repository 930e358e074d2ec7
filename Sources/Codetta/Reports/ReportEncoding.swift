import Codecs
import Metrics
import TokenFiles
import Tokens

// Reports are what `--json` prints: the facts of a run under flat names. Facts that JSON has no number for are left out.

extension EncodingReport: Encodable {
    /// The facts of the file by name; rates in bit/s, the duration in seconds.
    public func encode(to encoder: any Encoder) throws {
        try encoder.encode(header.facts, header.original.facts, [
            .samples: samples, .duration: duration, .bytes: byteCount, .nominalBitrate: header.nominalBitrate,
            .actualBitrate: fact(actualBitrate), .peak: peak, .sanitizedSamples: sanitizedSamples, .warnings: warnings,
        ])
    }
}

extension DecodingReport: Encodable {
    /// The facts of the file by name; the duration in seconds.
    public func encode(to encoder: any Encoder) throws {
        try encoder.encode([
            .model: header.codecName, .sampleRate: header.original.sampleRate, .channels: channels, .samples: samples,
            .duration: duration, .container: container.rawValue, .subtype: sampleFormat.rawValue,
            .clippedSamples: clippedSamples, .concealedFrames: concealedFrames, .lostFrames: lostFrames,
            .predictedCodebooks: predictedCodebooks, .warnings: warnings,
        ])
    }
}

extension ConversionReport: Encodable {
    /// The facts of the file by name; the duration in seconds.
    public func encode(to encoder: any Encoder) throws {
        try encoder.encode(header.facts, header.original.facts, [
            .from: from.rawValue, .to: to.rawValue, .samples: samples, .duration: duration, .bytes: byteCount, .warnings: warnings,
        ])
    }
}

extension LatentReport: Encodable {
    /// The facts of the file by name; the frame rate in Hz, the duration in seconds.
    public func encode(to encoder: any Encoder) throws {
        try encoder.encode([
            .model: model, .tracks: tracks, .frames: frames, .dimension: dimension, .frameRate: frameRate, .duration: duration,
            .bytes: byteCount,
        ])
    }
}

extension SynthesisReport: Encodable {
    /// The facts of the file by name; the duration in seconds.
    public func encode(to encoder: any Encoder) throws {
        try encoder.encode([
            .model: model, .frames: frames, .sampleRate: sampleRate, .samples: samples, .duration: duration,
            .container: container.rawValue, .subtype: sampleFormat.rawValue, .clippedSamples: clippedSamples, .warnings: warnings,
        ])
    }
}

extension RoundTripReport: Encodable {
    /// The facts of the round trip by name; rates in bit/s, the duration in seconds, speeds in seconds of audio per second.
    public func encode(to encoder: any Encoder) throws {
        try encoder.encode(header.facts, [
            .duration: duration, .bytes: byteCount, .nominalBitrate: header.nominalBitrate, .actualBitrate: fact(actualBitrate),
            .reconstruction: reconstruction, .encodingSpeed: fact(encodingSpeed.finite), .decodingSpeed: fact(decodingSpeed.finite),
        ])
    }
}

extension GenerationReport: Encodable {
    /// The facts of the generation by name; the bitrate in bit/s, times in seconds, memory in bytes.
    public func encode(to encoder: any Encoder) throws {
        try encoder.encode(header.original.facts, [
            .codec: header.codecName, .codebooks: header.layout.codebooks.count, .nominalBitrate: header.layout.nominalBitrate,
            .promptFrames: promptFrames, .frames: frames, .duration: duration, .tokens: codes, .passes: passes,
            .draftedSteps: drafted, .acceptedSteps: accepted, .timeToFirstAudio: fact(timeToFirstAudio.map { $0 / .seconds(1) }),
            .seconds: time / .seconds(1), .stateMemory: stateBytes,
        ])
    }
}

/// The names of facts in reports.
private enum FactName: String, CodingKey {
    case model, codec, tracks, codebooks, from, to
    case sampleRate, channels, samples, duration, peak, sanitizedSamples, container, subtype, clippedSamples
    case frames, frameRate, dimension, promptFrames, concealedFrames, lostFrames, predictedCodebooks
    case bytes, nominalBitrate, actualBitrate, encodingSpeed, decodingSpeed, reconstruction
    case tokens, passes, draftedSteps, acceptedSteps, timeToFirstAudio, seconds, stateMemory, warnings
}

/// Facts by name; nil is left out.
private typealias Facts = [FactName: (any Encodable)?]

/// A fact that may be missing.
private func fact(_ value: Double?) -> (any Encodable)? { value.map { $0 as any Encodable } }

extension Encoder {
    fileprivate func encode(_ facts: Facts...) throws {
        var container = container(keyedBy: FactName.self)
        for (name, value) in facts.joined() {
            if let value { try container.encode(value, forKey: name) }
        }
    }
}

extension TokenHeader {
    /// Which model a file is of, and how many codes a frame of it has.
    fileprivate var facts: Facts { [.model: codecName, .codebooks: layout.codebooks.count, .tracks: trackCount] }
}

extension OriginalAudio {
    fileprivate var facts: Facts { [.sampleRate: sampleRate, .channels: channels] }
}

extension Double {
    /// Nil for values that JSON cannot hold.
    package var finite: Double? { isFinite ? self : nil }
}
