import Kernels
import TokenFiles
import Tokens

/// Where the codes of one recording after the other come from.
protocol CodeSource: AnyObject {
    var header: TokenHeader? { get }
    /// See `TokenFileReader.samples`.
    var samples: Int? { get }
    func next() throws -> [Codes]?
    func nextRecording() throws -> Bool
}

extension TokenFileReader: CodeSource {}

/// The decoding of one recording, chunk by chunk.
struct RecordingDecoder {
    var decoder: AudioDecoder
    /// Codebooks to decode.
    private let codebooks: Int
    /// Base frames that are decoded in one step.
    private let framesPerStep: Int
    private var prediction: FinePrediction.Run?
    private(set) var channel: PacketLossChannel?
    /// Codebooks that a language model fills in.
    let predictedCodebooks: Int

    /// - Throws: `PipelineError.codebooks` for more of them than the file has, and as `AudioDecoder.init`.
    init(_ settings: FileDecoder, _ file: TokenHeader) throws {
        var header = file
        let codebooks = settings.codebooks ?? file.layout.codebooks.count
        guard (1...file.layout.codebooks.count).contains(codebooks) else {
            throw PipelineError.fewerCodebooks(requested: codebooks, found: file.layout.codebooks.count)
        }
        header.layout = header.layout.prefix(codebooks)
        prediction = settings.finePrediction?.start(header, codec: settings.model.description)
        predictedCodebooks = prediction.map { $0.header.layout.codebooks.count - codebooks } ?? 0
        decoder = try AudioDecoder(
            model: settings.model, header: prediction?.header ?? header, ignoringWeights: settings.ignoresWeights)
        framesPerStep = StepSize.frames(decoder.header.layout)
        channel = settings.loss.map { [header] in PacketLossChannel($0, header: header) }
        self.codebooks = codebooks
    }

    /// Decodes the next chunk; with threads to keep busy, as many as make a step. Nil when there are no more.
    mutating func step(_ source: any CodeSource) throws -> [AudioBlock]? {
        let layout = decoder.header.layout
        guard var codes = try received(source) else { return nil }
        while Execution.current.threadCount > 1, layout.frames(of: codes) < framesPerStep, let more = try received(source) {
            codes.append(tracks: more)
        }
        return try codes.pieces(frames: framesPerStep, layout: layout).map { try decoder.push($0) }
    }

    /// Whole chunks, so that what is lost or predicted does not depend on how much is decoded at once.
    private mutating func received(_ source: any CodeSource) throws -> [Codes]? {
        guard let sent = try source.next()?.map({ $0.prefix(codebooks) }) else { return nil }
        let codes = channel?.transmit(sent) ?? sent
        return try prediction?.fill(codes) ?? codes
    }
}

/// All codes of a file, read before the first is used.
final class ReadAhead: CodeSource {
    private struct Recording {
        var header: TokenHeader?
        var samples: Int
        var chunks: ArraySlice<[Codes]>
    }

    private var recordings: ArraySlice<Recording>
    /// Samples per channel of all recordings.
    let totalSamples: Int

    init(_ reader: TokenFileReader) throws {
        var (recordings, total) = ([Recording](), 0)
        repeat {
            let header = reader.header
            var chunks: [[Codes]] = []
            while let codes = try reader.next() { chunks.append(codes) }
            recordings.append(Recording(header: header, samples: reader.samples ?? 0, chunks: chunks[...]))
            total.add(reader.samples ?? 0)
        } while try reader.nextRecording()
        (self.recordings, totalSamples) = (recordings[...], total)
    }

    var header: TokenHeader? { recordings.first?.header }
    var samples: Int? { recordings.first?.samples }

    func next() -> [Codes]? {
        guard !recordings.isEmpty else { return nil }
        return recordings[recordings.startIndex].chunks.popFirst()
    }

    func nextRecording() -> Bool {
        recordings = recordings.dropFirst()
        return !recordings.isEmpty
    }
}
