import CCodetta
import Codetta
import Platform
import TokenFiles
import Tokens

/// How token files are read, as C asks for it.
struct ReadSettings {
    let model: Model?
    let mode: ContainerReader.Mode
    let cancel: CancelFlag

    /// - Throws: `ArgumentError` for options that make no sense.
    init(_ pointer: UnsafePointer<codetta_read_options>?) throws {
        let options = try Argument.options(pointer, "options", codetta_read_options())
        model = try options.model.map { try Handles.object($0, "options: model", ModelObject.self).model }
        mode = try Argument.isOn(options.lenient, "options: lenient") ? .lenient : .strict
        cancel = CancelFlag(options.cancel)
    }

    /// A reader of such a file, at its first codes.
    /// - Throws: as `TokenFileReader`; `PipelineError.unnamedCodec` for a file that does not name its codec where there is no model.
    func makeReader(_ source: any ByteSource) throws -> TokenFileReader {
        let reader = try TokenFileReader(source: source, mode: mode, entropyModels: EntropyModels(model))
        if let model { try reader.adopt(model) }
        guard reader.header != nil else { throw PipelineError.unnamedCodec }
        return reader
    }

    /// All codes of a file of one recording.
    /// - Throws: as `makeReader(_:)`; `TokenStreamError.chained`; `Cancelled`.
    func readAll(_ source: any ByteSource) throws -> CodesObject {
        let reader = try makeReader(source)
        guard let header = reader.header else { throw PipelineError.unnamedCodec }
        var tracks = [Codes](noneOf: header)
        while let codes = try reader.next() {
            try cancel.check()
            try tracks.append(withinBudget: codes)
        }
        let samples = reader.samples ?? 0
        try reader.requireNoOther()
        return CodesObject(EncodedAudio(header: header, tracks: tracks, samples: samples))
    }
}

/// How token files are written, as C asks for it.
struct WriteSettings {
    private let format: TokenFormat?
    let entropy: EntropyMode?
    let preset: PageLayout.Preset?
    let keepsExisting: Bool
    private let model: Model?

    /// - Throws: `ArgumentError` for options that make no sense.
    init(_ pointer: UnsafePointer<codetta_write_options>?) throws {
        let options = try Argument.options(pointer, "options", codetta_write_options())
        format = try options.format.map {
            let name = try Argument.text($0, "options: format")
            guard let format = TokenFormat(rawValue: name) else {
                throw ArgumentError("options", "there is no format \"\(name)\"; known: \(TokenFormat.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            return format
        }
        entropy = try options.entropy.mode("options")
        preset = try options.preset.preset("options")
        keepsExisting = try Argument.isOn(options.keep_existing, "options: keep_existing")
        model = try options.model.map { try Handles.object($0, "options: model", ModelObject.self).model }
    }

    /// The format of a file of this name; nil for no name.
    /// - Throws: `PipelineError.misnamed` for a name that means something else than tokens.
    func format(of path: PathName?) throws -> TokenFormat {
        if let format { return format }
        guard let path else { return .codetta }
        try path.require(.tokens)
        return TokenFormat(fileExtension: path.fileExtension) ?? .codetta
    }

    /// A writer for codes of this header.
    /// - Parameter usual: what is not asked for.
    /// - Throws: as `TokenFileWriter`; `PipelineError.noEntropyModel`.
    func makeWriter(_ format: TokenFormat, _ header: TokenHeader, usual: WrittenForm, to sink: any ByteSink) throws -> TokenFileWriter {
        guard format == .codetta else { return try TokenFileWriter(format, header: header, sink: sink) }
        var header = header
        header.entropy = entropy ?? usual.entropy
        // Packets of another mode may have another length, and of a file's pages nothing is known.
        header.page(by: preset ?? usual.preset ?? .archive)
        var entropyModel: EntropyModel?
        if header.entropy == .lm {
            entropyModel = try model.map { try $0.entropyModel(for: .lm) } ?? EntropyModels.standard.model(for: header)
            guard entropyModel != nil else { throw PipelineError.noEntropyModel(model: header.codecName) }
            header.entropyModel = entropyModel?.name
        }
        return try TokenFileWriter(format, header: header, sink: sink, entropyModel: entropyModel)
    }
}
