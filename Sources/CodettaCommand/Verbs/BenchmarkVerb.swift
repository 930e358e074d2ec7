import ArgumentParser
import Codetta
import Evaluation
import Platform

/// `codetta benchmark`
struct BenchmarkVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "benchmark",
        abstract: "Measure the speed of encoding and decoding.",
        usage: "codetta benchmark [<in>] [<options>]",
        discussion: """
            Encodes and decodes a file, or noise if no file is given, on one thread unless --threads says otherwise. Reports the \
            seconds of audio per second of work for each direction, and the peak memory of the process.

              codetta benchmark
              codetta benchmark --seconds 600
              codetta benchmark talk.wav --json
              codetta benchmark --profile             where the time goes
            """)

    @Argument(help: ArgumentHelp("An audio file (default: noise).", valueName: "in"), completion: .file())
    var input: String?

    @Option(help: ArgumentHelp("Length of the noise.", valueName: "s"))
    var seconds = 60.0

    @Flag(help: "Also list the time of every kernel and shape, the longest first.")
    var profile = false

    @OptionGroup(title: "Model") var model: ModelOption
    @OptionGroup(title: "Speed") var threads: ThreadOption
    @OptionGroup(title: "Bitrate") var rate: RateOptions
    @OptionGroup(title: "Search") var search: SearchOptions
    @OptionGroup(title: "Input") var audio: AudioInputOptions
    @OptionGroup(title: "Messages") var options: OutputOptions

    func validate() throws {
        try search.requireErrorOnly()
        if !(0.1...36_000).contains(seconds) { throw ValidationError("--seconds must be 0.1 to 36000.") }
    }

    func run() throws {
        options.apply()
        threads.apply()
        let name = model.model ?? ModelStore.defaultName
        let start = ContinuousClock.now
        let model = try FileFailure.naming(name) { try search.applied(to: ModelStore().load(name)) }
        let loading = (ContinuousClock.now - start) / .seconds(1)
        let before = Execution.current.operationCount
        let (report, kernels) = try profile ? Execution.current.profile { try measure(model) } : (measure(model), nil)
        let operations = Execution.current.operationCount - before
        let steps = try StepTimes(codec: model.codec, choice: rate.choice)
        var result = BenchmarkResult(report, loading: loading, operations: operations, steps: steps)
        result.profile = kernels
        if options.json { return Terminal.output(try JSON.document(result)) }
        Terminal.show(Format.table(result.rows))
        if let kernels {
            Terminal.show(KernelProfileTable(kernels, work: result.work, peak: result.peakGigaflops * 1e9).text)
        }
    }

    private func measure(_ model: Model) throws -> RoundTripReport {
        try input.map { try measureFile(PathName(argument: $0), model) } ?? measureNoise(model)
    }

    private func measureFile(_ path: PathName, _ model: Model) throws -> RoundTripReport {
        try FileFailure.naming(path.isStandardStream ? "stdin" : path.description) {
            let input = try InputFile(path)
            let reader = try audio.open(input)
            let original = OriginalAudio(sampleRate: reader.sampleRate, channels: reader.channelCount)
            let progress = Progress(input.name, reader, isShown: !options.quiet)
            defer { progress.finish() }
            return try roundTrip(model).run(original, from: {
                progress.update(reader.samplesRead)
                return try reader.read(upTo: StepSize.samples)
            })
        }
    }

    private func measureNoise(_ model: Model) throws -> RoundTripReport {
        let codec = model.codec.description
        var noise = SplitMix64(seed: 1)
        var left = Int(seconds * Double(codec.sampleRate))
        let total = left
        let progress = Progress("noise", total: total, rate: codec.sampleRate, isShown: !options.quiet)
        defer { progress.finish() }
        return try roundTrip(model).run(
            OriginalAudio(sampleRate: codec.sampleRate, channels: codec.channels),
            from: {
                let count = min(left, StepSize.samples)
                left -= count
                progress.update(total - left)
                return AudioBlock(
                    channels: (0..<codec.channels).map { _ in
                        (0..<count).map { _ in Float.random(in: -0.1...0.1, using: &noise) }
                    })
            })
    }

    private func roundTrip(_ model: Model) -> RoundTrip {
        RoundTrip(model: model, choice: rate.choice, downmix: audio.downmix, measures: [])
    }
}

/// What a benchmark prints.
private struct BenchmarkResult: Encodable {
    var model: String
    var codebooks: Int
    var tracks: Int
    var kernels: String
    var threads: Int
    /// Seconds of audio.
    var duration: Double
    /// Seconds of audio per second of work.
    var encodingSpeed: Double?
    var decodingSpeed: Double?
    /// Of encoding and decoding one after the other.
    var roundTripSpeed: Double?
    /// Floating-point operations of convolutions and codebook searches, both directions together, per second of audio.
    var operationsPerSecond: Double?
    /// The same per second of work, in 10⁹.
    var gigaflops: Double?
    /// What one core does at most with these kernels, in 10⁹ per second, measured now.
    var peakGigaflops: Double
    /// Seconds to encode and decode one step of a stream.
    var step: StepTimes
    /// Seconds to load the model.
    var loadingSeconds: Double
    /// Bytes.
    var peakMemory: Int
    /// The kernels' times, if asked for.
    var profile: [KernelTime]?

    /// Seconds of encoding and decoding.
    let work: Double

    private enum CodingKeys: String, CodingKey {
        case model, codebooks, tracks, kernels, threads, duration, encodingSpeed, decodingSpeed, roundTripSpeed
        case operationsPerSecond, gigaflops, peakGigaflops, step, loadingSeconds, peakMemory, profile
    }

    init(_ report: RoundTripReport, loading: Double, operations: Double, steps: StepTimes) {
        model = report.header.codecName
        codebooks = report.header.layout.codebooks.count
        tracks = report.header.trackCount
        kernels = Execution.current.instructionSet.rawValue
        threads = Execution.current.threadCount
        duration = report.duration
        encodingSpeed = report.encodingSpeed.finite
        decodingSpeed = report.decodingSpeed.finite
        work = (report.encodingTime + report.decodingTime) / .seconds(1)
        roundTripSpeed = (report.duration / work).finite
        operationsPerSecond = (operations / report.duration).finite
        gigaflops = (operations / work / 1e9).finite
        peakGigaflops = Execution.current.instructionSet.measurePeakRate() / 1e9
        step = steps
        loadingSeconds = loading
        peakMemory = ProcessMemory.peakBytes
    }

    var rows: [(String, String)] {
        func factor(_ speed: Double?) -> String { speed.map { Format.decimal($0, 1) + "× real time" } ?? "–" }
        func milliseconds(_ seconds: Double) -> String { Format.decimal(seconds * 1000, 2) + " ms" }
        let share = gigaflops.map { Format.decimal(100 * $0 / (peakGigaflops * Double(threads)), 0) } ?? "–"
        let rates = (gigaflops.map { Format.decimal($0, 1) } ?? "–") + " GFLOP/s, \(share) % of \(threads > 1 ? "the cores'" : "the core's") peak"
        return [
            ("Model", "\(model), \(Format.count(codebooks, "codebook")), \(Format.count(tracks, "track"))"),
            ("Kernels", "\(kernels), \(Format.count(threads, "thread"))"), ("Audio", Format.duration(duration)),
            ("Encoding", factor(encodingSpeed)), ("Decoding", factor(decodingSpeed)), ("Both", factor(roundTripSpeed)),
            ("Arithmetic", "\(Format.decimal((operationsPerSecond ?? 0) / 1e9, 2)) GFLOP per second of audio; \(rates)"),
            (
                "Step",
                "\(milliseconds(step.median)), 99 % within \(milliseconds(step.percentile99)), for \(milliseconds(step.audio)) of audio"
            ),
            ("Loading", Format.decimal(loadingSeconds * 1000, 0) + " ms"), ("Peak memory", Format.bytes(peakMemory)),
        ]
    }
}
