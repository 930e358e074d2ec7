import Checkpoints
import Codecs
import Foundation
import Kernels
import Platform
import Quantizers
import TestSupport
import Testing
import Tokens

extension Codec {
    /// Random codes of so many base frames, whole superframes.
    fileprivate func randomCodes(_ frames: Int, codebooks: Int, random: inout SplitMix64) -> Codes {
        Codes(
            streams: description.layout.codebooks.prefix(codebooks).map { codebook in
                (0..<(frames / codebook.stride)).map { _ in Int32(random.index(below: codebook.size)) }
            })
    }

    /// The audio of `frames` as a fresh decoder gives it that is given the codes of `given`.
    /// - Parameter count: base frames of the recording; the decoder finishes if it is given the last of them.
    fileprivate func audio(of frames: Range<Int>, in codes: Codes, given: Range<Int>, count: Int) throws -> AudioBlock? {
        let layout = description.layout.prefix(codes.codebookCount)
        var decoder = try makeDecoder(codebooks: codes.codebookCount)
        var audio = try decoder.push(codes.slice(frames: given, layout: layout))
        if given.upperBound == count { audio.append(try decoder.finish()) }
        let (start, end) = ((frames.lowerBound - given.lowerBound) * layout.hopLength, (frames.upperBound - given.lowerBound) * layout.hopLength)
        return audio.sampleCount < end ? nil : audio.slice(start..<end)
    }
}

@Suite struct DecodingContextTests {
    private static let bounded = [
        "tiny-dac", "tiny-xcodec", "tiny-hificodec", "tiny-vocos-encodec", "tiny-languagecodec", "tiny-waveform",
        "tiny-waveform-causal", "tiny-lyra", "tiny-snac without noise", "codetta-24k",
    ]
    private static let unbounded = [
        "tiny-encodec-causal", "tiny-encodec-centred", "tiny-encodec-segments", "tiny-mimi", "tiny-snac", "tiny-snac-attention",
        "tiny-bigcodec", "tiny-wavtokenizer",
    ]

    private func load(_ name: String) throws -> any Codec {
        switch name {
        case "codetta-24k": return try shippedModel(name)
        case "tiny-snac without noise": return try Self.snacWithoutNoise()
        default: return try CodecRegistry.load(ModelFolder(path: Golden.path(name)))
        }
    }

    /// The tiny SNAC without its noise, behind which modules have numbers lower by one.
    private static func snacWithoutNoise() throws -> any Codec {
        let checkpoint = try Checkpoint(path: Golden.path("tiny-snac/model.safetensors"))
        var writer = SafetensorsWriter()
        for name in checkpoint.names {
            var parts = name.split(separator: ".").map(String.init)
            if parts[0] == "decoder", parts.count > 5, parts[3] == "block", let index = Int(parts[4]), index >= 2 {
                if index == 2 { continue }
                parts[4] = "\(index - 1)"
            }
            writer.add(parts.joined(separator: "."), try checkpoint.load(name))
        }
        return try loadTinyModel("tiny-snac", changes: ["noise": "false"], weights: Data(writer.serialized()))
    }

    @Test(arguments: bounded) func aFreshDecoderGivesThePieceOfTheWhole(name: String) throws {
        let codec = try load(name)
        let description = codec.description
        let (layout, context) = (description.layout, try #require(description.decodingContext))
        #expect(context.framesBefore % layout.superframe == 0 && context.framesAfter % layout.superframe == 0)
        var random = SplitMix64(seed: 21)
        let count = 30 * layout.superframe + 2 * (context.framesBefore + context.framesAfter)
        let total = count - count % layout.superframe
        for codebooks in Set([layout.codebooks.count, description.isTruncatable ? 1 : layout.codebooks.count]) {
            let codes = codec.randomCodes(total, codebooks: codebooks, random: &random)
            let whole = try codec.block(of: codes)
            #expect(whole.sampleCount == total * layout.hopLength)
            let pieces = [0..<1, 0..<total, 1..<2, (total - 1)..<total]
                + (0..<40).map { _ in
                    let start = random.index(below: total)
                    return start..<(start + 1 + random.index(below: min(20, total - start)))
                }
            for piece in pieces {
                let given = try #require(description.framesToDecode(for: piece, of: total))
                #expect(given.lowerBound >= 0 && given.lowerBound <= max(0, piece.lowerBound - context.framesBefore))
                #expect(given.lowerBound % context.alignment == 0 && given.upperBound <= total)
                let audio = try codec.audio(of: piece, in: codes, given: given, count: total)
                #expect(
                    audio == whole.slice((piece.lowerBound * layout.hopLength)..<(piece.upperBound * layout.hopLength)),
                    "frames \(piece) from \(given)")
            }
        }
    }

    @Test(arguments: unbounded) func aCodecThatRemembersAllSaysSo(name: String) throws {
        let description = try load(name).description
        #expect(description.decodingContext == nil && description.framesToDecode(for: 1..<2, of: 10) == nil)
    }

    /// The least that works is found by trial, and is not far below what is said.
    @Test(arguments: bounded) func theContextIsNotMuchMoreThanTheLeast(name: String) throws {
        let codec = try load(name)
        let (layout, context) = (codec.description.layout, try #require(codec.description.decodingContext))
        var random = SplitMix64(seed: 22)
        let margin = dividingUp(context.framesBefore + context.framesAfter, by: context.alignment) * context.alignment
        let total = 2 * margin + 40 * context.alignment
        let codes = codec.randomCodes(total, codebooks: layout.codebooks.count, random: &random)
        let whole = try codec.block(of: codes)
        // Frames that follow a possible start, so that the trial goes down to 0.
        let frames = (0..<12).map { margin + 3 * $0 * context.alignment }
        func works(before: Int, after: Int) throws -> Bool {
            try frames.allSatisfy { frame in
                let audio = try codec.audio(
                    of: frame..<(frame + 1), in: codes, given: (frame - before)..<(frame + 1 + after), count: total)
                return audio == whole.slice((frame * layout.hopLength)..<((frame + 1) * layout.hopLength))
            }
        }
        let before = try #require(
            try stride(from: 0, through: margin, by: context.alignment).first { try works(before: $0, after: margin) })
        let after = try #require(try (0...margin).first { try works(before: margin, after: $0) })
        let least = "\(context), least \(before) before and \(after) after"
        #expect(before < context.framesBefore + context.alignment && after <= context.framesAfter, "\(least)")
        #expect(context.framesBefore - before <= 4 * layout.superframe, "\(least)")
        #expect(context.framesAfter - after <= 4 * layout.superframe, "\(least)")
    }

    @Test func codettaSees740MillisecondsBackAndAFrameAhead() throws {
        #expect(try shippedModel("codetta-24k").description.decodingContext == DecodingContext(framesBefore: 37, framesAfter: 1))
    }
}
