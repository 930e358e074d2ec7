import Codecs
import Metrics
import TokenFiles
import Tokens

// Reports are what `--json` prints: the facts of a run under flat names, numbers that JSON lacks left out.

extension EncodingReport: Encodable {
    /// The facts of the file by name; rates in bit/s, the duration in seconds.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: ReportKey.self)
        try container.encode(header)
        try container.encode(header.original)
        try container.encode(samples, forKey: .samples)
        try container.encode(duration, forKey: .duration)
        try container.encode(byteCount, forKey: .bytes)
        try container.encode(header.nominalBitrate, forKey: .nominalBitrate)
        try container.encodeIfPresent(actualBitrate, forKey: .actualBitrate)
        try container.encode(peak, forKey: .peak)
        try container.encode(sanitizedSamples, forKey: .sanitizedSamples)
        try container.encode(warnings, forKey: .warnings)
    }
}

extension DecodingReport: Encodable {
    /// The facts of the file by name; the duration in seconds.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: ReportKey.self)
        try container.encode(header.codecName, forKey: .model)
        try container.encode(header.original.sampleRate, forKey: .sampleRate)
        try container.encode(channels, forKey: .channels)
        try container.encode(samples, forKey: .samples)
        try container.encode(duration, forKey: .duration)
        try container.encode(self.container.rawValue, forKey: .container)
        try container.encode(sampleFormat.rawValue, forKey: .subtype)
        try container.encode(clippedSamples, forKey: .clippedSamples)
        try container.encode(concealedFrames, forKey: .concealedFrames)
        try container.encode(lostFrames, forKey: .lostFrames)
        try container.encode(predictedCodebooks, forKey: .predictedCodebooks)
        try container.encode(warnings, forKey: .warnings)
    }
}

extension ConversionReport: Encodable {
    /// The facts of the file by name; the duration in seconds.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: ReportKey.self)
        try container.encode(header)
        try container.encode(header.original)
        try container.encode(from.rawValue, forKey: .from)
        try container.encode(to.rawValue, forKey: .to)
        try container.encode(samples, forKey: .samples)
        try container.encode(duration, forKey: .duration)
        try container.encode(byteCount, forKey: .bytes)
        try container.encode(warnings, forKey: .warnings)
    }
}

extension LatentReport: Encodable {
    /// The facts of the file by name; the frame rate in Hz, the duration in seconds.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: ReportKey.self)
        try container.encode(model, forKey: .model)
        try container.encode(tracks, forKey: .tracks)
        try container.encode(frames, forKey: .frames)
        try container.encode(dimension, forKey: .dimension)
        try container.encode(frameRate, forKey: .frameRate)
        try container.encode(duration, forKey: .duration)
        try container.encode(byteCount, forKey: .bytes)
    }
}

extension SynthesisReport: Encodable {
    /// The facts of the file by name; the duration in seconds.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: ReportKey.self)
        try container.encode(model, forKey: .model)
        try container.encode(frames, forKey: .frames)
        try container.encode(sampleRate, forKey: .sampleRate)
        try container.encode(samples, forKey: .samples)
        try container.encode(duration, forKey: .duration)
        try container.encode(self.container.rawValue, forKey: .container)
        try container.encode(sampleFormat.rawValue, forKey: .subtype)
        try container.encode(clippedSamples, forKey: .clippedSamples)
        try container.encode(warnings, forKey: .warnings)
    }
}

extension RoundTripReport: Encodable {
    /// The facts of the round trip by name; rates in bit/s, the duration in seconds, speeds in seconds of audio per second.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: ReportKey.self)
        try container.encode(header)
        try container.encode(duration, forKey: .duration)
        try container.encode(byteCount, forKey: .bytes)
        try container.encode(header.nominalBitrate, forKey: .nominalBitrate)
        try container.encodeIfPresent(actualBitrate, forKey: .actualBitrate)
        try container.encode(reconstruction, forKey: .reconstruction)
        try container.encodeIfPresent(encodingSpeed.finite, forKey: .encodingSpeed)
        try container.encodeIfPresent(decodingSpeed.finite, forKey: .decodingSpeed)
    }
}

extension GenerationReport: Encodable {
    /// The facts of the generation by name; the bitrate in bit/s, times in seconds, memory in bytes.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: ReportKey.self)
        try container.encode(header.codecName, forKey: .codec)
        try container.encode(header.original)
        try container.encode(header.layout.codebooks.count, forKey: .codebooks)
        try container.encode(header.layout.nominalBitrate, forKey: .nominalBitrate)
        try container.encode(promptFrames, forKey: .promptFrames)
        try container.encode(frames, forKey: .frames)
        try container.encode(duration, forKey: .duration)
        try container.encode(codes, forKey: .tokens)
        try container.encode(passes, forKey: .passes)
        try container.encode(drafted, forKey: .draftedSteps)
        try container.encode(accepted, forKey: .acceptedSteps)
        try container.encodeIfPresent(timeToFirstAudio.map { $0 / .seconds(1) }, forKey: .timeToFirstAudio)
        try container.encode(time / .seconds(1), forKey: .seconds)
        try container.encode(stateBytes, forKey: .stateMemory)
    }
}

/// The names of facts in reports.
private enum ReportKey: String, CodingKey {
    case model, codec, tracks, codebooks, from, to
    case sampleRate, channels, samples, duration, peak, sanitizedSamples, container, subtype, clippedSamples
    case frames, frameRate, dimension, promptFrames, concealedFrames, lostFrames, predictedCodebooks
    case bytes, nominalBitrate, actualBitrate, encodingSpeed, decodingSpeed, reconstruction
    case tokens, passes, draftedSteps, acceptedSteps, timeToFirstAudio, seconds, stateMemory, warnings
}

extension KeyedEncodingContainer<ReportKey> {
    /// Which model a file is of, and how many codes a frame of it has.
    fileprivate mutating func encode(_ header: TokenHeader) throws {
        try encode(header.codecName, forKey: .model)
        try encode(header.layout.codebooks.count, forKey: .codebooks)
        try encode(header.trackCount, forKey: .tracks)
    }

    fileprivate mutating func encode(_ original: OriginalAudio) throws {
        try encode(original.sampleRate, forKey: .sampleRate)
        try encode(original.channels, forKey: .channels)
    }
}

extension Double {
    /// Nil for values that JSON cannot hold.
    package var finite: Double? { isFinite ? self : nil }
}
