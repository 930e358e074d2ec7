import ArgumentParser
import Codetta
import Foundation
import Plots
import Quantizers

/// `codetta quantizer statistics`
struct QuantizerStatistics: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "statistics",
        abstract: "Show how codes use their codebooks, and how predictable and stable they are.",
        usage: "codetta quantizer statistics <in> ... [<options>]",
        discussion: """
            Audio is encoded with the model, then decoded and encoded again as often as --passes says. The share of codes that \
            stay the same is their stability. Latents are quantized with --quantizer in the same way. The codes of token files of \
            any format are only counted; --model names the codec of those that do not. Entropies are in bits per code. They are too low for short material, which does not show every code.

              codetta quantizer statistics clips/ --bitrate 3 --plot use.png
              codetta quantizer statistics tokens/ --json
              codetta quantizer statistics latents/ --quantizer q.safetensors
            """)

    @Argument(help: ArgumentHelp("Audio, token or latent files of one kind, or folders.", valueName: "in"), completion: .file())
    var inputs: [String]

    @Option(help: ArgumentHelp("For latents: a quantizer of 'quantizer fit'.", valueName: "file"), completion: .file())
    var quantizer: String?

    @Option(help: ArgumentHelp("Which re-encodings to report; 0 for none.", valueName: "n,…"))
    var passes = "1,2,5"

    @Option(help: ArgumentHelp("Also draw the use and the entropies, as .png or .svg.", valueName: "out"), completion: .file())
    var plot: String?

    @Flag(name: .shortAndLong, help: "Replace an existing picture.")
    var force = false

    @OptionGroup(title: "Model") var model: ModelOption
    @OptionGroup(title: "Bitrate") var rate: RateOptions
    @OptionGroup(title: "Input") var audio: AudioInputOptions
    @OptionGroup(title: "Messages") var options: OutputOptions

    private var passNumbers: [Int]? {
        let numbers = passes.split(separator: ",").map { Int($0) }
        return numbers.contains { $0.map { !(0...100).contains($0) } ?? true } ? nil : numbers.compactMap { $0 }
    }

    func validate() throws {
        if inputs.isEmpty { throw ValidationError("Missing input.") }
        if passNumbers == nil { throw ValidationError("--passes \(passes): expected numbers 0 to 100 with commas between them.") }
        if let plot, PictureFormat(rawValue: PathName(argument: plot).fileExtension) == nil {
            throw ValidationError("--plot writes .png or .svg.")
        }
        if quantizer != nil && (rate.bitrate != nil || model.model != nil) {
            throw ValidationError("--quantizer is for latents. It cannot be combined with --model or --bitrate.")
        }
    }

    func run() throws {
        options.apply()
        let picture = try plot.map { name in
            try FileFailure.naming(name) { try OutputFile(PathName(argument: name), overwrite: force) }
        }
        let study = try quantizer == nil ? studyRecordings() : studyLatents()
        if let picture { try draw(study, to: picture) }
        let report = StatisticsReport(study)
        if options.json { return Terminal.output(try JSON.document(report)) }
        Terminal.show(report.text)
    }

    private func studyLatents() throws -> TokenStudy {
        let name = quantizer ?? ""
        let quantizer = try FileFailure.naming(name) { try QuantizerFile.load(path: name) }
        let count = rate.codebooks ?? quantizer.codebookSizes.count
        guard quantizer.codebookCounts.contains(count) else {
            throw PipelineError.codebooks(requested: count, available: quantizer.codebookCounts)
        }
        var study = TokenStudy(sizes: Array(quantizer.codebookSizes.prefix(count)), passes: passNumbers ?? [])
        try LatentFiles(inputs: inputs).forEachFile { file in
            guard file.dimension == quantizer.dimension else {
                throw PipelineError.incomparable("\(file.dimension) channels for a quantizer of \(quantizer.dimension)")
            }
            var latents = Frames(channels: file.dimension)
            try file.forEachBlock { latents.append($0) }
            try study.push(quantizer.quantize(latents, codebooks: count)) {
                quantizer.quantize(try quantizer.dequantize($0), codebooks: count)
            }
        }
        return study
    }

    private func studyRecordings() throws -> TokenStudy {
        let plan = try BatchPlan(
            inputs: inputs, kind: "audio or token files",
            accepts: { FileContent.isRecording($0, via: audio.via) || TokenFormat(fileExtension: $0) == .codetta })
        let paths = try plan.allInputs()
        if paths.allSatisfy({ TokenFormat(fileExtension: $0.fileExtension) != nil }) { return try studyTokens(paths) }
        let name = model.model ?? ModelStore.defaultName
        let model = try FileFailure.naming(name) { try ModelStore().load(name) }
        let count = try rate.choice.resolve(model.description, tracks: 1)
        let sizes = model.description.layout.prefix(count).codebooks.map(\.size)
        var study = TokenStudy(sizes: sizes, passes: passNumbers ?? [])
        for path in paths {
            try FileFailure.naming(path.description) {
                try study.push(audio.open(try InputFile(path)), model: model, choice: .count(count), downmix: audio.downmix)
            }
        }
        return study
    }

    private func studyTokens(_ paths: [PathName]) throws -> TokenStudy {
        var study: TokenStudy?
        var first: [Int] = []
        let models = ModelStore()
        for path in paths {
            try FileFailure.naming(path.description) {
                let reader = try TokenFileReader(source: try InputFile(path).byteSource())
                if reader.header == nil { try reader.adopt(try models.load(model.model ?? ModelStore.defaultName)) }
                guard let header = reader.header else { throw PipelineError.unnamedCodec }
                let sizes = header.layout.codebooks.map(\.size)
                if study == nil { (study, first) = (TokenStudy(sizes: sizes), sizes) }
                guard sizes == first else { throw PipelineError.incomparable("has codebooks \(sizes), the first file \(first)") }
                var tracks = (0..<header.trackCount).map { _ in Codes(codebooks: sizes.count) }
                while let chunk = try reader.nextOfAll() {
                    for (t, codes) in chunk.enumerated() { tracks[t].append(codes) }
                }
                for track in tracks { study?.push(track.streams) { $0 } }
            }
        }
        guard let study else { throw PipelineError.noFiles(kind: "token files") }
        return study
    }

    private func draw(_ study: TokenStudy, to output: OutputFile) throws {
        let entries = zip(study.statistics.codebooks, study.statistics.counts).map { entry, counts in
            CodeStatisticsPicture.Codebook(
                counts: counts, givenPreviousFrame: entry.entropyGivenPreviousFrame,
                givenPreviousCodebook: entry.entropyGivenPreviousCodebook)
        }
        let format = PictureFormat(rawValue: output.path.fileExtension) ?? .png
        let bytes = try CodeStatisticsPicture().render(entries, title: inputs.count == 1 ? inputs[0] : "\(inputs.count) inputs", format: format)
        _ = try FileFailure.completing(output) { try bytes.withUnsafeBytes { try output.write($0) } }
    }
}

/// What `--json` prints.
private struct StatisticsReport: Encodable {
    struct Codebook: Encodable {
        var statistics: CodebookStatistics
        var perplexity: Double
        var use: Double
    }

    var codebooks: [Codebook]
    /// Sums over the codebooks, in bits per frame.
    var bits: Double
    var entropy: Double
    var stability: [TokenStability]

    init(_ study: TokenStudy) {
        codebooks = study.statistics.codebooks.map { Codebook(statistics: $0, perplexity: $0.perplexity, use: $0.use) }
        bits = codebooks.reduce(0) { $0 + log2(Double($1.statistics.size)) }
        entropy = codebooks.reduce(0) { $0 + $1.statistics.entropy }
        stability = study.stability
    }

    /// A table, one line per codebook.
    var text: String {
        var header = ["codebook", "size", "used", "perplexity", "entropy", "| frame", "| codebook", "Zipf"]
        header += stability.map { "same, pass \($0.pass)" }
        var rows = [header]
        for (k, entry) in codebooks.enumerated() {
            let s = entry.statistics
            rows.append(
                ["\(k + 1)", "\(s.size)", "\(s.used)", Format.decimal(s.perplexity, 1), Format.decimal(s.entropy, 2)]
                    + [s.entropyGivenPreviousFrame, s.entropyGivenPreviousCodebook, s.zipfSlope].map(Self.number)
                    + stability.map { $0.sameAsOriginal[k].map { Format.decimal(100 * $0, 1) + " %" } ?? "–" })
        }
        let codes = codebooks.first?.statistics.codes ?? 0
        return TextTable(rows).text + "\n"
            + "\(Format.decimal(bits, 1)) bits per frame, entropy \(Format.decimal(entropy, 1)), \(codes) frames"
    }

    private static func number(_ value: Double?) -> String { value.map { Format.decimal($0, 2) } ?? "–" }
}
