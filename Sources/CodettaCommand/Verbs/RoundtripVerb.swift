import ArgumentParser
import Codetta

/// `codetta roundtrip`
struct RoundtripVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "roundtrip",
        abstract: "Encode, decode and measure in one step.",
        usage: "codetta roundtrip <in> [-o <out>] [<options>]",
        discussion: """
            Shows the size of the tokens and how much of the sound they keep. -o also writes the decoded audio.

              codetta roundtrip talk.wav
              codetta roundtrip talk.wav --bitrate 1.5 -o at-1.5.wav
              codetta roundtrip talk.wav --codebooks 4 --json
            """)

    @Argument(help: ArgumentHelp("An audio file, or '-' for the standard input.", valueName: "in"), completion: .file())
    var input: String

    @Option(name: .shortAndLong, help: ArgumentHelp("Write the decoded audio here.", valueName: "out"), completion: .file())
    var output: String?

    @Flag(name: .shortAndLong, help: "Replace an existing output.")
    var force = false

    @OptionGroup(title: "Model") var model: ModelOption
    @OptionGroup(title: "Speed") var threads: ThreadOption
    @OptionGroup(title: "Bitrate") var rate: RateOptions
    @OptionGroup(title: "Search") var search: SearchOptions
    @OptionGroup(title: "Input") var audio: AudioInputOptions
    @OptionGroup(title: "Messages") var options: OutputOptions

    func validate() throws {
        try search.requireErrorOnly()
        if output == "-" { throw ValidationError("The measures go to the standard output. Give -o a file.") }
    }

    func run() throws {
        options.apply()
        threads.apply()
        let name = model.model ?? ModelStore.defaultName
        let model = try FileFailure.naming(name) { try search.applied(to: ModelStore().load(name)) }
        let path = PathName(argument: input)
        let report = try FileFailure.naming(path.isStandardStream ? "stdin" : path.description) { try measure(path, model) }
        if options.json { Terminal.output(try JSON.document(report)) } else { Terminal.show(report.text) }
    }

    private func measure(_ path: PathName, _ model: Model) throws -> RoundTripReport {
        let input = try InputFile(path)
        let reader = try audio.open(input)
        let sink = try output.map { try DecodedOutput(PathName(argument: $0), overwrite: force, input: input) }
        let progress = Progress(input.name, reader, isShown: !options.quiet)
        defer { progress.finish() }
        let original = OriginalAudio(
            sampleRate: reader.sampleRate, channels: reader.channelCount,
            subtype: reader.format.sampleFormat?.rawValue ?? "")
        let report = try RoundTrip(
            model: model, choice: rate.choice, downmix: audio.downmix, measures: Measure.main,
            speakers: audio.downmix ? nil : reader.speakers
        ).run(original) {
            progress.update(reader.samplesRead)
            return try reader.read(upTo: StepSize.samples)
        } decoded: { block in
            try sink?.write(block, sampleRate: reader.sampleRate)
        }
        try sink?.finish(sampleRate: reader.sampleRate, channels: report.reconstruction.channelCount)
        return report
    }
}

/// The decoded audio of a round trip: an audio file in the making.
private final class DecodedOutput {
    private let file: OutputFile
    private let form: OutputForm
    private var writer: AudioWriter?

    init(_ path: PathName, overwrite: Bool, input: InputFile) throws {
        form = try path.audioForm(asked: nil, sampleFormat: nil)
        file = try FileFailure.naming(path.description) {
            try OutputFile(path, overwrite: overwrite, input: input)
        }
    }

    func write(_ block: AudioBlock, sampleRate: Int) throws {
        try open(sampleRate, block.channelCount).write(block)
    }

    func finish(sampleRate: Int, channels: Int) throws {
        let writer = try open(sampleRate, channels)
        try writer.finish()
        for warning in writer.warnings { Log.warning("\(warning)", file: file.name) }
        try file.commit()
    }

    private func open(_ sampleRate: Int, _ channels: Int) throws -> AudioWriter {
        if let writer { return writer }
        let made = try AudioWriter(
            descriptor: file.descriptor, name: file.name,
            settings: AudioWriter.Settings(
                sampleRate: sampleRate, channelCount: channels, container: form.container, sampleFormat: form.sampleFormat))
        writer = made
        return made
    }
}

extension RoundTripReport {
    /// What it says to people.
    fileprivate var text: String {
        let tracks = header.trackCount > 1 ? " × \(header.trackCount) tracks" : ""
        let cost: [(String, String)] = [
            ("Model", "\(header.codecName), \(Format.count(header.layout.codebooks.count, "codebook"))\(tracks)"),
            ("Duration", Format.duration(duration)),
            (
                "Tokens",
                "\(Format.bytes(byteCount)), \(Format.bitrate(header.nominalBitrate)) nominal, \(Format.bitrate(actualBitrate)) with container"
            ),
        ]
        let speed = [("Speed", "\(factor(encodingSpeed)) encoding, \(factor(decodingSpeed)) decoding")]
        return Format.table(cost + reconstruction.rows + speed)
    }

    private func factor(_ speed: Double) -> String { speed.isFinite ? Format.decimal(speed, 0) + "× real time" : "–" }
}
