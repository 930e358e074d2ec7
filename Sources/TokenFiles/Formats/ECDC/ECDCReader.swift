import Checkpoints
import Tokens

/// Reads the `.ecdc` files of the encodec package (`encodec.binary` and `encodec.compress` of facebookresearch/encodec), in pieces
/// and in constant memory.
///
/// `ECDC`, u8 version 0, u32 length (big endian) and so many bytes of JSON with the model `m`, its samples `al`, its codebooks
/// `nc` and whether its language model is used `lm`. Then, of each segment, the scale as f32 (big endian; 48 kHz alone) and the codes,
/// frame by frame, in 10 bits each from the least significant bit up, padded to a byte.
public final class ECDCReader {
    /// What the file says, at the model's own rate; its weights are `.zero`, since it does not name them.
    public let header: TokenHeader
    /// Samples per channel.
    public let samples: Int

    private let buffer: SourceBuffer
    private let model: ECDCModel
    private let codebooks: Int
    /// The next segment, and its frames that were read already.
    private var segment = (index: 0, framesRead: 0)

    static let magic = Array("ECDC".utf8)
    /// A header is some sixty bytes long.
    private static let headerLimit = 4096
    /// Frames read at once of a signal without segments: they fill whole bytes, whatever the codebooks.
    private static let framesAtOnce = 600

    private struct Metadata: Decodable {
        var m: String
        var al: Int
        var nc: Int
        var lm: Bool
    }

    /// Reads the header.
    /// - Throws: `TokenStreamError.foreign` for other files, impossible headers and files that use the language model; what
    ///   the source throws.
    public init(source: any ByteSource) throws {
        buffer = SourceBuffer(source)
        let metadata = try Self.readMetadata(buffer)
        guard let model = ECDCModel.all.first(where: { $0.name == metadata.m }) else {
            let known = ECDCModel.all.map(\.name).joined(separator: " and ")
            throw Self.refusal("codes of the model \"\(metadata.m.prefix(64).filter { !$0.isNewline })\", expected \(known)")
        }
        guard FormatLimits.sampleCount.contains(metadata.al) else { throw Self.refusal("al is \(metadata.al), no number of samples") }
        guard model.codebookCounts.contains(metadata.nc) else {
            throw Self.refusal("nc is \(metadata.nc), expected \(model.codebookCounts.lowerBound) to \(model.codebookCounts.upperBound)")
        }
        guard !metadata.lm else {
            throw Self.refusal(
                "the codes are compressed with EnCodec's language model, whose probabilities only the machine and library that "
                    + "wrote the file repeat; decompress it there (encodec IN.ecdc OUT.wav), and compress it anew without --lm")
        }
        self.model = model
        codebooks = metadata.nc
        samples = metadata.al
        header = TokenHeader(
            codecName: model.name, modelType: ECDCModel.modelType, weights: .zero, layout: model.layout(codebooks: metadata.nc),
            channels: model.channels,
            original: OriginalAudio(sampleRate: model.sampleRate, channels: model.channels, sampleCount: metadata.al))
    }

    private static func refusal(_ reason: String) -> TokenStreamError { .foreign(format: "ecdc", reason: reason) }

    private static func readMetadata(_ buffer: SourceBuffer) throws -> Metadata {
        guard try buffer.fill(9) else { throw refusal("truncated, the file ends inside its header") }
        let start = Array(buffer.peek(9))
        guard start.starts(with: magic) else { throw refusal("does not start with ECDC") }
        guard start[4] == 0 else { throw refusal("version \(start[4]), expected 0") }
        let length = start[5...].reduce(0) { $0 << 8 | Int($1) }
        guard length <= headerLimit else { throw refusal("a header of \(length) bytes, at most \(headerLimit) are read") }
        buffer.consume(9)
        guard try buffer.fill(length) else { throw refusal("truncated, the file ends inside its header") }
        let json = Array(buffer.peek(length))
        buffer.consume(length)
        do {
            return try JSONValue(parsing: json).decoded(as: Metadata.self, file: "ecdc")
        } catch {
            throw refusal("the header is not JSON with m (text), al and nc (whole numbers) and lm (true or false)")
        }
    }

    /// The next codes: a segment, or some frames of a signal without segments; nil at the end.
    /// - Throws: `TokenStreamError.foreign` for a file that ends too early or too late, padding bits that are set and a scale that
    ///   is none; what the source throws.
    public func next() throws -> Codes? {
        guard segment.index < model.segmentCount(samples: samples) else {
            if try buffer.fill(1) { throw Self.refusal("byte \(buffer.position): unexpected bytes after the last code") }
            return nil
        }
        let scale = model.segment == nil ? nil : try readScale()
        let frames = model.frames(ofSegment: segment.index, samples: samples)
        let count = model.segment == nil ? min(Self.framesAtOnce, frames - segment.framesRead) : frames
        var codes = try readCodes(frames: count)
        codes.segments = scale.map { [CodeSegment(frame: 0, scale: $0)] } ?? []
        segment.framesRead += count
        if segment.framesRead == frames { segment = (segment.index + 1, 0) }
        return codes
    }

    private func readScale() throws -> Float {
        let place = buffer.position
        let scale = Float(bitPattern: try take(4).reduce(0) { $0 << 8 | UInt32($1) })
        guard scale.isFinite && scale >= 0 else { throw Self.refusal("byte \(place): the scale \(scale) is none") }
        return scale
    }

    private func readCodes(frames: Int) throws -> Codes {
        let width = CodeLayout.Codebook(size: ECDCModel.codebookSize).bits
        let bytes = try take((frames * codebooks * width + 7) / 8)
        var bits = BitReader(bytes)
        var codes = Codes(codebooks: codebooks)
        for _ in 0..<frames {
            for k in 0..<codebooks { codes.streams[k].append(Int32(try bits.read(bits: width))) }
        }
        do {
            try bits.finish()
        } catch {
            throw Self.refusal("byte \(buffer.position - 1): padding bits are set")
        }
        return codes
    }

    private func take(_ count: Int) throws -> [UInt8] {
        guard try buffer.fill(count) else {
            throw Self.refusal("truncated: byte \(buffer.position + buffer.available) is the end, codes of \(samples) samples are due")
        }
        defer { buffer.consume(count) }
        return Array(buffer.peek(count))
    }
}
