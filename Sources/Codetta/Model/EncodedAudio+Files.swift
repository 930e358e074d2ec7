import TokenFiles
import Tokens

#if Standalone
#elseif canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension EncodedAudio {
    #if !Standalone
    /// Reads a token file of any format that names its codec. How the file coded its codes is not kept.
    /// - Throws: `PipelineError.unnamedCodec` for a file that does not; `PipelineError` and `TokenStreamError` for one that cannot be read.
    public init(contentsOf file: URL) throws {
        let reader = try TokenFileReader(source: InputFile(PathName(file)).byteSource())
        guard var header = reader.header else { throw PipelineError.unnamedCodec }
        (header.entropy, header.entropyModel) = (.none, nil)
        var tracks = [Codes](noneOf: header)
        while let codes = try reader.next() { tracks.append(tracks: codes) }
        let samples = reader.samples ?? 0
        try reader.requireNoOther()
        self.init(header: header, tracks: tracks, samples: samples)
    }

    /// Writes a token file in the format of the name's extension, `.codetta` for any other. It appears whole or not at all.
    /// - Parameters:
    ///   - file: the file.
    ///   - overwrite: whether an existing file may be replaced.
    /// - Throws: `PipelineError`; `TokenStreamError` for what the format cannot hold.
    public func write(to file: URL, overwrite: Bool = true) throws {
        let format = TokenFormat(fileExtension: file.pathExtension.lowercased()) ?? .codetta
        let output = try OutputFile(PathName(file), overwrite: overwrite)
        let writer = try TokenFileWriter(format, header: header, sink: output)
        try writer.write(tracks)
        try writer.finish(samples: samples)
        try output.commit()
    }
    #endif

    /// Hz of the original, and of what decoding gives.
    public var sampleRate: Int { header.original.sampleRate }
    /// Seconds of audio.
    public var duration: Double { Double(samples) / Double(max(1, sampleRate)) }
}
