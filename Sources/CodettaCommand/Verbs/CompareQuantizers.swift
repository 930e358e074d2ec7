import ArgumentParser
import Codetta
import Foundation
import Quantizers

/// `codetta quantizer compare`
struct CompareQuantizers: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Compare kinds of quantizers on the same latents at equal bitrates.",
        usage: "codetta quantizer compare --fit <in> ... --test <in> ... [<options>]",
        discussion: """
            Fits each kind to the latents of --fit, measures it on those of --test and prints a Markdown table: the error relative \
            to the variance of the latents in dB (more is better), the share of codewords used, the entropy, and microseconds per \
            frame. A kind with a single codebook has a bitrate of its own. No bitrate is above the one asked for.

              codetta quantizer compare --fit train/ --test valid/ --bitrate 1.5,3,6
            """)

    @Option(parsing: .upToNextOption, help: ArgumentHelp("Latents to fit to: files or folders.", valueName: "in"), completion: .file())
    var fit: [String]

    @Option(parsing: .upToNextOption, help: ArgumentHelp("Latents to measure: files or folders.", valueName: "in"), completion: .file())
    var test: [String]

    @Option(help: ArgumentHelp("Kinds of quantizers (default: all).", valueName: "kind,…"))
    var kinds: String?

    @Option(name: .shortAndLong, help: ArgumentHelp("Bitrates.", valueName: "kb/s,…"))
    var bitrate = "1.5,3,6"

    @Option(help: ArgumentHelp("Codewords per codebook, or the limit for kinds that choose it.", valueName: "n"))
    var size = 1024

    @Option(help: ArgumentHelp("Frames per second (default: what the files say).", valueName: "hz"))
    var frameRate: Double?

    @Option(help: ArgumentHelp("Limit of passes over the vectors per codebook.", valueName: "n"))
    var passes = 12

    @Option(help: ArgumentHelp("Seed of the random choices.", valueName: "n"))
    var seed: UInt64 = 0

    @OptionGroup(title: "Messages") var options: OutputOptions

    private var chosenKinds: [QuantizerFit.Kind?] {
        kinds.map { $0.split(separator: ",").map { QuantizerFit.Kind(rawValue: $0.lowercased()) } } ?? QuantizerFit.Kind.allCases
    }

    private var rates: [Double] { bitrate.split(separator: ",").compactMap { Double($0) } }

    func validate() throws {
        if chosenKinds.isEmpty || chosenKinds.contains(nil) {
            throw ValidationError("--kinds: known are \(QuantizerFit.Kind.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
        if rates.isEmpty || rates.count != bitrate.split(separator: ",").count || rates.contains(where: { !(0.01...1000).contains($0) }) {
            throw ValidationError("--bitrate \(bitrate): expected kb/s with commas between them.")
        }
        if !QuantizerFit.sizes.contains(size) { throw ValidationError("--size must be 2 to \(QuantizerFit.sizes.upperBound).") }
        if !(1...1000).contains(passes) { throw ValidationError("--passes must be 1 to 1000.") }
        if let frameRate, !(0.1...10_000).contains(frameRate) { throw ValidationError("--frame-rate must be 0.1 to 10000.") }
    }

    func run() throws {
        options.apply()
        let (training, testing) = (try LatentFiles(inputs: fit), try LatentFiles(inputs: test))
        guard let frameRate = frameRate ?? testing.frameRate ?? training.frameRate else {
            throw ValidationError("The files do not say how many frames per second they have. Give --frame-rate.")
        }
        let comparison = QuantizerComparison(
            rates: rates.map { $0 * 1000 / frameRate }, size: size, passes: passes, seed: seed)
        var rows: [ComparisonRow] = []
        for case let kind? in chosenKinds {
            if !options.quiet && Terminal.isInteractive { Terminal.progress("fitting \(kind.rawValue)") }
            do {
                rows += try comparison.scores(of: kind, fittedTo: training, on: testing).map { ComparisonRow($0, frameRate: frameRate) }
            } catch let error as QuantizerError {
                Log.warning("\(error)", file: kind.rawValue)
            }
            if !options.quiet && Terminal.isInteractive { Terminal.progress("") }
        }
        rows.sort { ($0.target, $1.decibels ?? 0) < ($1.target, $0.decibels ?? 0) }
        if options.json { return Terminal.output(try JSON.document(rows)) }
        Terminal.show(ComparisonRow.markdown(rows))
    }
}

/// One kind at one bitrate, as `--json` prints it.
private struct ComparisonRow: Encodable {
    var kind: String
    /// The bitrate asked for, in kb/s.
    var target: Double
    /// kb/s.
    var bitrate: Double
    var decibels: Double?
    /// Entropy, in kb/s.
    var entropy: Double
    /// Seconds of the fit.
    var fitTime: Double
    var score: QuantizerScore

    init(_ result: QuantizerComparison.Result, frameRate: Double) {
        kind = result.kind.rawValue
        score = result.score
        target = result.bits * frameRate / 1000
        bitrate = score.bitsPerFrame * frameRate / 1000
        decibels = score.decibels.finite
        entropy = score.entropy * frameRate / 1000
        fitTime = result.fitTime
    }

    static func markdown(_ rows: [ComparisonRow]) -> String {
        let header = ["kind", "codebooks", "kb/s", "error dB", "used", "entropy kb/s", "encode µs", "decode µs", "fit s"]
        let lines = rows.map { row in
            let sizes = row.score.codebookSizes
            let codebooks = Set(sizes).count == 1 ? "\(sizes.count) × \(sizes[0])" : "\(sizes.count) × ≤\(sizes.max() ?? 0)"
            return [
                row.kind, codebooks, Format.decimal(row.bitrate, 2), row.decibels.map { Format.decimal($0, 2) } ?? "–",
                Format.decimal(100 * row.score.use, 0) + " %", Format.decimal(row.entropy, 2), Format.decimal(row.score.encodeTime, 1),
                Format.decimal(row.score.decodeTime, 1), Format.decimal(row.fitTime, 1),
            ]
        }
        return ([header, header.map { _ in "---" }] + lines).map { "| " + $0.joined(separator: " | ") + " |" }.joined(separator: "\n")
    }
}
