import ArgumentParser
import Codetta
import Plots
import Reports

/// `codetta plot`
struct PlotVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plot",
        abstract: "Draw an audio or token file.",
        usage: "codetta plot <in> ... [-o <out>] [<options>]",
        discussion: """
            Draws the spectrogram or the waveform of audio, the codes of a token file over time, or how evenly the codes use \
            their codebooks. Files of any length take the same memory. A pipe is read as audio unless --kind says otherwise.

              codetta plot talk.wav                            writes talk.png
              codetta plot talk.wav -o talk.svg --start 2 --seconds 1
              codetta plot talk.wav --frequency mel --kind spectrogram
              codetta plot talk.codetta --kind histogram -o use.png
              codetta encode talk.wav -o - | codetta plot - --kind tokens -o t.png
            """)

    @Argument(help: ArgumentHelp("Audio or token files, folders, or '-' for the standard input.", valueName: "in"), completion: .file())
    var inputs: [String]

    @OptionGroup var target: OutputTarget

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "spectrogram, waveform, tokens or histogram (default: spectrogram of audio, tokens of a token file).",
            valueName: "kind"), completion: .pictureKinds)
    var kind: String?

    @Option(help: ArgumentHelp("png or svg (default: by the output's name, else png).", valueName: "format"), completion: .list(PictureFormat.allCases.map(\.rawValue)))
    var format: String?

    @Option(help: ArgumentHelp("Where to begin.", valueName: "seconds"))
    var start = 0.0

    @Option(help: ArgumentHelp("How much to draw (default: to the end).", valueName: "seconds"))
    var seconds: Double?

    @Option(help: ArgumentHelp("Pixels across.", valueName: "pixels"))
    var width: Int?

    @Option(help: ArgumentHelp("Pixels from top to bottom.", valueName: "pixels"))
    var height: Int?

    @Option(help: ArgumentHelp("Frequency scale of a spectrogram: linear (default) or mel.", valueName: "scale"), completion: .list(["linear", "mel"]))
    var frequency: String?

    @OptionGroup(title: "Messages") var options: OutputOptions

    func validate() throws {
        if inputs.isEmpty { throw ValidationError("Missing input.") }
        if let kind, FilePicture.Kind(rawValue: kind.lowercased()) == nil {
            throw ValidationError("--kind \(kind) is unknown; known: \(FilePicture.Kind.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
        if let format, PictureFormat(rawValue: format.lowercased()) == nil { throw ValidationError("--format must be png or svg.") }
        if let frequency, !["linear", "mel"].contains(frequency.lowercased()) { throw ValidationError("--frequency must be linear or mel.") }
        if !(start >= 0 && start.isFinite) { throw ValidationError("--start must be at least 0 seconds.") }
        if let seconds, !(seconds > 0 && seconds.isFinite) { throw ValidationError("--seconds must be above 0.") }
        for (name, value) in [("--width", width), ("--height", height)] {
            if let value, !PictureLimits.side.contains(value) {
                throw ValidationError("\(name) must be \(PictureLimits.side.lowerBound) to \(PictureLimits.side.upperBound) pixels.")
            }
        }
    }

    func run() throws {
        options.apply()
        let plan = try BatchPlan(
            inputs: inputs, target: target, outputExtension: format?.lowercased() ?? "png", content: .picture, kind: "audio or token files",
            accepts: { FileContent.isRecording($0) || TokenFormat(fileExtension: $0) == .codetta })
        if !plan.isBatch, format == nil, let output = plan.jobs.first?.output, output.isNamedOutput, !output.fileExtension.isEmpty,
            PictureFormat(rawValue: output.fileExtension) == nil
        {
            let cause = PipelineError.misnamed(fileExtension: output.fileExtension, means: "other files", content: FileContent.picture.rawValue)
            throw FileFailure(file: output.description, cause: cause)
        }
        try options.refuseDataOnStandardOutput(plan)
        let runner = BatchRunner<PictureDetails>(plan: plan, threads: 1, options: options) { result in
            result.details.map { "\(result.input) → \(result.output.map { "\($0)" } ?? "stdout"): \($0.kind), \(Format.bytes($0.bytes))" }
        }
        try runner.run { [self] in try draw($0) }.exit()
    }

    private func draw(_ job: Job) throws -> PictureDetails {
        let input = try InputFile(job.input)
        let kind = try kind.flatMap { FilePicture.Kind(rawValue: $0.lowercased()) } ?? FilePicture.Kind.suiting(job.input)
        let named = format?.lowercased() ?? (job.output.isStandardStream ? "png" : job.output.fileExtension)
        guard let format = PictureFormat(rawValue: named) else {
            let reason = "pictures are .png or .svg; choose one with --format"
            throw FileFailure(file: job.output.description, cause: PipelineError.cannotCreate(reason: reason))
        }
        let output = try openOutput(job, overwrites: target.force, input: input)
        let picture = FilePicture(
            kind: kind, format: format, span: TimeSpan(start: start, seconds: seconds), width: width, height: height,
            frequencyScale: frequency?.lowercased() == "mel" ? .mel : .linear)
        let bytes = try picture.render(input)
        _ = try FileFailure.completing(output) { try bytes.withUnsafeBytes { try output.write($0) } }
        return PictureDetails(kind: kind.rawValue, format: named, bytes: bytes.count)
    }
}

/// The result of one picture, as `--json` prints it.
private struct PictureDetails: Encodable, Sendable {
    var kind: String
    var format: String
    var bytes: Int
}
