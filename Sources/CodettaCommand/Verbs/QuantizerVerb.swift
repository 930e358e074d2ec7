import ArgumentParser
import Codetta
import Quantizers

/// `codetta quantizer`
struct QuantizerVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quantizer",
        abstract: "Fit, study and compare quantizers.",
        discussion: """
            Works on latents, as 'codetta encode --latents' writes them, and on any .npy or .safetensors file of shape [time, \
            dimension].

              codetta quantizer fit --kind rvq --codebooks 8 -i latents/ -o q.safetensors
              codetta quantizer statistics talk.wav --bitrate 3
              codetta quantizer compare --fit train/ --test valid/
            """,
        subcommands: [FitQuantizer.self, QuantizerStatistics.self, CompareQuantizers.self])
}

/// `codetta quantizer fit`
struct FitQuantizer: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fit",
        abstract: "Fit a quantizer to latents.",
        usage: "codetta quantizer fit --kind <kind> -i <in> ... -o <out> [<options>]",
        discussion: """
            The files are read again in each pass, so they may be larger than memory. The same input, options and seed give the \
            same quantizer. Kinds:

            \(QuantizerFit.Kind.allCases.map { "  \($0.rawValue.padding(8))\($0.summary)" }.joined(separator: "\n"))

              codetta encode clips/ --latents -o latents/
              codetta quantizer fit --kind rvq --codebooks 8 -i latents/ -o q.safetensors
              codetta quantizer fit --kind kmeans --size 100 -i mfcc.npy -o u.safetensors
            """)

    @Option(name: .shortAndLong, help: ArgumentHelp("Kind of quantizer.", valueName: "kind"),
        completion: .list(QuantizerFit.Kind.allCases.map(\.rawValue)))
    var kind = "rvq"

    @Option(help: ArgumentHelp("Codebooks (default: 8; vq and kmeans have one).", valueName: "k"))
    var codebooks: Int?

    @Option(help: ArgumentHelp("Codewords per codebook, or the limit for kinds that choose it.", valueName: "n"))
    var size = 1024

    @Option(help: ArgumentHelp("Groups of channels, for grvq.", valueName: "g"))
    var groups = 2

    @Option(help: ArgumentHelp("Limit of passes over the vectors per codebook.", valueName: "n"))
    var passes = 12

    @Option(help: ArgumentHelp("Seed of the random choices.", valueName: "n"))
    var seed: UInt64 = 0

    @Option(
        name: .shortAndLong, parsing: .upToNextOption,
        help: ArgumentHelp("Latents: .npy or .safetensors files, or folders of them.", valueName: "in"), completion: .file())
    var input: [String]

    @Option(name: .shortAndLong, help: ArgumentHelp("The quantizer, a .safetensors file.", valueName: "out"), completion: .file())
    var output: String

    @Flag(name: .shortAndLong, help: "Replace an existing output.")
    var force = false

    @OptionGroup(title: "Messages") var options: OutputOptions

    func validate() throws {
        guard let kind = QuantizerFit.Kind(rawValue: kind.lowercased()) else {
            throw ValidationError("--kind \(kind) is unknown; known: \(QuantizerFit.Kind.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
        if [.vq, .kmeans].contains(kind), codebooks ?? 1 != 1 { throw ValidationError("--kind \(kind.rawValue) has one codebook.") }
        try check("--codebooks", codebooks ?? 1, QuantizerFit.codebookCounts)
        try check("--size", size, QuantizerFit.sizes)
        try check("--groups", groups, QuantizerFit.codebookCounts)
        try check("--passes", passes, 1...1000)
        if output == "-" { throw ValidationError("The quantizer must go to a file. Name it with -o.") }
    }

    private func check(_ name: String, _ value: Int, _ range: ClosedRange<Int>) throws {
        if !range.contains(value) { throw ValidationError("\(name) must be \(range.lowerBound) to \(range.upperBound).") }
    }

    func run() throws {
        options.apply()
        guard let kind = QuantizerFit.Kind(rawValue: kind.lowercased()) else { return }
        let target = PathName(argument: output)
        try target.requireOutput(.latents)
        let file = try FileFailure.naming(target.description) { try OutputFile(target, overwrite: force) }
        let source = try LatentFiles(inputs: input)
        let single = [.vq, .kmeans].contains(kind)
        let fit = QuantizerFit(
            kind: kind, codebooks: single ? 1 : codebooks ?? 8, size: size, groups: groups, passes: passes, seed: seed)
        let start = ContinuousClock.now
        let line = FitLine(isShown: !options.quiet)
        let quantizer = try fit.fit(source) { line.update($0) }
        line.finish()
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let metadata = ["fit": "kind=\(kind.rawValue) seed=\(seed) vectors=\(source.count)"]
        let bytes = try QuantizerFile.encode(quantizer, metadata: metadata)
        _ = try FileFailure.completing(file) { try bytes.withUnsafeBytes { try file.write($0) } }
        let score = try QuantizerScore(quantizer, codebooks: quantizer.codebookSizes.count, source: source)
        let result = FitResult(kind: kind.rawValue, output: target.documentText, bytes: bytes.count, seconds: seconds, score: score)
        if options.json { Terminal.output(try JSON.document(result)) } else { Log.logger.notice("\(result.text)") }
    }
}

/// The progress line of a fit.
private final class FitLine {
    private let isShown: Bool
    private var lastDrawn: ContinuousClock.Instant?

    init(isShown: Bool) { self.isShown = isShown && Terminal.isInteractive }

    func update(_ progress: FitProgress) {
        let now = ContinuousClock.now
        guard isShown, lastDrawn.map({ now - $0 > .milliseconds(200) }) ?? true else { return }
        lastDrawn = now
        let error = progress.error.formatted(significantDigits: 4)
        Terminal.progress(
            "codebook \(progress.codebook + 1) of \(progress.codebooks)  pass \(progress.pass) of at most \(progress.passes)  error \(error)")
    }

    func finish() { if lastDrawn != nil { Terminal.progress("") } }
}

/// The result of a fit, as `--json` prints it.
private struct FitResult: Encodable {
    var kind: String
    var output: String
    var bytes: Int
    /// For the fit alone.
    var seconds: Double
    /// On the vectors that it was fitted to.
    var score: QuantizerScore

    var text: String {
        let sizes = Set(score.codebookSizes).count == 1
            ? "\(score.codebookSizes.count) × \(score.codebookSizes[0])" : "\(score.codebookSizes)"
        return "\(output): \(kind), \(sizes), \(Format.decimal(score.bitsPerFrame, 1)) bits per frame, "
            + "\(Format.decimal(score.decibels, 2)) dB on \(Format.count(score.vectors, "vector")), \(Format.duration(seconds)), \(Format.bytes(bytes))"
    }
}

extension LatentFiles {
    /// The latents that command-line arguments name; folders are searched.
    init(inputs: [String]) throws {
        let plan = try BatchPlan(
            inputs: inputs, kind: "latents (.npy or .safetensors)", accepts: LatentFiles.accepts)
        let paths = try plan.allInputs()
        if paths.contains(.standardStream) {
            throw ValidationError("Latents are read several times. They cannot come from a pipe.")
        }
        self = try FileFailure.naming(inputs.count == 1 ? inputs[0] : "latents") { try LatentFiles(paths) }
    }
}

extension String {
    fileprivate func padding(_ width: Int) -> String { self + String(repeating: " ", count: Swift.max(1, width - count)) }
}

extension Double {
    /// `0.01234`.
    fileprivate func formatted(significantDigits digits: Int) -> String {
        guard self > 0, isFinite else { return "\(self)" }
        var (scaled, decimals) = (self, 0)
        while scaled < 1, decimals < 12 { (scaled, decimals) = (scaled * 10, decimals + 1) }
        return Format.decimal(self, Swift.min(decimals + digits - 1, 12))
    }
}
