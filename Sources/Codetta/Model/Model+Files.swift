import Audio
import Platform
import TokenFiles

#if Standalone
#elseif canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// How far a file is.
public struct FileProgress: Sendable, Equatable {
    /// Samples per channel done so far, at the original's rate.
    public let samples: Int
    /// The part of the file that is done, 0…1; 0 while nobody can tell.
    public let fraction: Double

    init(samples: Int, fraction: Double) {
        self.samples = samples
        self.fraction = min(max(fraction, 0), 1)
    }
}

#if !Standalone
extension Model {
    /// Encodes an audio file to a token file, off the caller's actor and in constant memory.
    ///
    /// The target appears whole or not at all: after an error, a cancelled task or what `progress` throws, an earlier file of that
    /// name is as it was. The name's extension chooses the format (`TokenFormat`), `.codetta` for any other that does not mean audio or a picture.
    /// - Parameters:
    ///   - source: a file of any format, rate and channel count that libsndfile reads.
    ///   - target: the file to write.
    ///   - bitrate: how many codebooks to use, directly or by the bitrate that they may take.
    ///   - downmix: whether to mix all channels to one.
    ///   - entropy: how a container codes the codes.
    ///   - overwrite: whether an existing target may be replaced.
    ///   - progress: called after each block; throwing ends the work.
    /// - Returns: what the encoding amounted to.
    /// - Throws: `CancellationError`; `PipelineError`, `AudioError`, `CodecError`, `TokenStreamError`; what `progress` throws.
    @discardableResult
    public func encode(
        _ source: URL, to target: URL, bitrate: CodebookChoice = .all, downmix: Bool = false, entropy: EntropyMode = .none,
        overwrite: Bool = true, progress: @Sendable (FileProgress) throws -> Void = { _ in }
    ) async throws -> EncodingReport {
        try PathName(target).require(.tokens)
        let format = TokenFormat(fileExtension: target.pathExtension.lowercased()) ?? .codetta
        let encoder = FileEncoder(model: self, choice: bitrate, downmix: downmix, format: format, entropy: entropy)
        let input = try InputFile(PathName(source))
        let reader = try input.audioReader()
        return try await Self.writing(target, overwrite: overwrite, input) { output in
            var run = try FileEncoder.Run(encoder, reader, output)
            while try run.step() {
                let total = reader.totalSamples ?? reader.estimatedSamples
                let fraction = total.map { min(1, Double(run.samples) / Double(max(1, $0))) }
                try progress(FileProgress(samples: run.samples, fraction: fraction ?? 0))
                try await Self.pause()
            }
            return run.report
        }
    }

    /// Decodes a token file of any format to an audio file, off the caller's actor and in constant memory: at the original's rate and
    /// channel count, with the very number of samples.
    ///
    /// The target appears whole or not at all, as in `encode`. The name's extension chooses the audio format, WAV if there is none; `.opus` is Opus.
    /// - Parameters:
    ///   - source: what this model encoded. Files of other formats than `.codetta` may leave the model open, which is then taken on trust.
    ///   - target: the file to write.
    ///   - span: the part to decode, as it comes out of the whole; nil for all of it.
    ///   - sampleFormat: nil for 24 bits or float where the original had them, else 16 bits.
    ///   - ignoringWeights: whether to decode even what other weights of the same codec made.
    ///   - overwrite: whether an existing target may be replaced.
    ///   - progress: called after each chunk; throwing ends the work.
    /// - Returns: what the decoding amounted to.
    /// - Throws: `CancellationError`; `PipelineError`, `AudioError`, `CodecError`, `TokenStreamError`; what `progress` throws.
    @discardableResult
    public func decode(
        _ source: URL, to target: URL, span: TimeSpan? = nil, sampleFormat: SampleFormat? = nil, ignoringWeights: Bool = false, overwrite: Bool = true,
        progress: @Sendable (FileProgress) throws -> Void = { _ in }
    ) async throws -> DecodingReport {
        let input = try InputFile(PathName(source))
        let bytes = CountedSource(try input.byteSource())
        let reader = try TokenFileReader(source: bytes, entropyModels: EntropyModels(self))
        let form = try OutputForm(
            fileExtension: target.pathExtension, asked: nil, sampleFormat: sampleFormat, file: target.lastPathComponent)
        var decoder = FileDecoder(
            model: self, ignoresWeights: ignoringWeights, container: form.container, sampleFormat: form.sampleFormat)
        decoder.span = span
        return try await Self.writing(target, overwrite: overwrite, input) { output in
            var run = try FileDecoder.Run(decoder, reader, output)
            while try run.step() {
                let fraction = Double(bytes.count) / Double(max(1, input.status.size))
                try progress(FileProgress(samples: run.samples, fraction: fraction))
                try await Self.pause()
            }
            return run.report
        }
    }

    /// Runs `body` on a file that appears under the target's name when it ends well.
    private static func writing<Report>(
        _ target: URL, overwrite: Bool, _ input: InputFile, _ body: (OutputFile) async throws -> Report
    ) async throws -> Report {
        let output = try OutputFile(PathName(target), overwrite: overwrite, input: input)
        do {
            let report = try await body(output)
            try Task.checkCancellation()
            try output.commit()
            return report
        } catch {
            output.discard()
            throw error
        }
    }

    /// Between two blocks: lets other tasks have the thread, and ends a cancelled one.
    static func pause() async throws {
        try Task.checkCancellation()
        await Task.yield()
    }
}

extension PathName {
    /// The name of a file.
    /// - Throws: `PipelineError.unreadable` for the address of something else.
    init(_ url: URL) throws(PipelineError) {
        let bytes = url.isFileURL ? url.withUnsafeFileSystemRepresentation { $0.map { Array(UnsafeBufferPointer(start: $0, count: strlen($0))) } } : nil
        guard let bytes else { throw .unreadable(reason: "not the address of a file: \(url)") }
        self.init(bytes: bytes.map { UInt8(bitPattern: $0) })
    }
}

/// Counts the bytes that are read.
private final class CountedSource: ByteSource {
    private let source: any ByteSource
    private(set) var count = 0

    init(_ source: any ByteSource) { self.source = source }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        let read = try source.read(into: buffer)
        count += read
        return read
    }

    var seekableLength: Int? { source.seekableLength }
    func seek(to offset: Int) throws { try source.seek(to: offset) }
}
#endif
