import Codetta

/// `codetta encode --latents` and `--features`: one audio file after another.
struct LatentTask: FileTask {
    typealias Writer = @Sendable (AudioReader, any ByteSink, (Int) -> Void) throws -> LatentReport

    let write: Writer
    let audio: AudioInputOptions
    let outputs: OutputPolicy

    func open(_ input: InputFile, for job: Job) throws -> FileWork<LatentReport> {
        let reader = try audio.open(input)
        return FileWork(reader) { output, progress in
            try write(reader, output, progress)
        }
    }
}

extension FileResult<Timed<LatentReport>> {
    /// - Parameter noun: what was written.
    func latentText(_ noun: String) -> String? {
        guard let report = details?.report, let output else { return nil }
        let tracks = report.tracks > 1 ? "\(report.tracks) × " : ""
        return "\(input) → \(output): \(Format.duration(report.duration)), \(tracks)\(report.frames) × \(report.dimension) \(noun), "
            + Format.bytes(report.byteCount)
    }
}
