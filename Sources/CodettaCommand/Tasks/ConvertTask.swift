import Codetta

/// `codetta convert`: one token file after another.
struct ConvertTask: FileTask {
    let conversion: TokenConversion
    let entropyModels: EntropyModels
    let mode: ContainerReader.Mode
    let outputs: OutputPolicy

    func open(_ input: InputFile, for job: Job) throws -> FileWork<ConversionReport> {
        let reader = try TokenFileReader(source: try input.byteSource(), mode: mode, entropyModels: entropyModels)
        return FileWork(sampleRate: reader.header?.original.sampleRate ?? 1) { output, _ in
            try conversion.convert(reader, to: output)
        }
    }
}

extension FileResult<Timed<ConversionReport>> {
    var conversionText: String? {
        guard let report = details?.report, let output else { return nil }
        return "\(input) → \(output): \(report.from.rawValue) to \(report.to.rawValue), \(report.header.codecName), "
            + "\(Format.duration(report.duration)), \(Format.bytes(report.byteCount))"
    }
}
