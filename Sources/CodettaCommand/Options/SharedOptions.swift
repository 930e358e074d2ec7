import ArgumentParser
import Codetta
import Logging

/// How much is said.
struct MessageOptions: ParsableArguments {
    @Flag(name: .shortAndLong, help: "Print more messages.")
    var verbose = false

    @Flag(name: .shortAndLong, help: "Print errors only.")
    var quiet = false

    func validate() throws {
        if verbose && quiet { throw ValidationError("--verbose and --quiet cannot be combined.") }
    }

    func apply() { Log.configure(level: verbose ? .debug : quiet ? .error : .notice) }
}

/// What nearly every verb understands.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Print results as JSON to the standard output.")
    var json = false

    @OptionGroup(title: "Messages") var messages: MessageOptions

    var quiet: Bool { messages.quiet }

    func apply() { messages.apply() }
}

/// Which model.
struct ModelOption: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Name or folder of the model (see 'codetta models list'; default: \(ModelStore.defaultName)).",
            valueName: "name|dir"), completion: .models)
    var model: String?
}

/// Whether codes must be those of the model's very weights.
struct IdentityOption: ParsableArguments {
    @Flag(
        help: """
            Accept codes that other weights made, and a codec of another name than the language model's. Shapes must still fit.
            """)
    var ignoreWeights = false
}

/// How many threads one stream takes.
struct ThreadOption: ParsableArguments {
    @Option(help: ArgumentHelp("Threads per file. The result does not depend on it.", valueName: "n"))
    var threads = 1

    func validate() throws {
        if !(1...64).contains(threads) { throw ValidationError("--threads must be 1 to 64.") }
    }

    func apply() { Execution.default.setThreadCount(threads) }
}

/// How many codebooks.
struct RateOptions: ParsableArguments {
    @Option(name: .shortAndLong, help: ArgumentHelp("Number of codebooks to encode with (default: all).", valueName: "k"))
    var codebooks: Int?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Use as many codebooks as fit into this nominal bitrate, for all channels together.", valueName: "kb/s"))
    var bitrate: Double?

    func validate() throws {
        if codebooks != nil && bitrate != nil { throw ValidationError("--codebooks and --bitrate cannot be combined.") }
        if let codebooks, codebooks < 1 { throw ValidationError("--codebooks must be at least 1.") }
        if let bitrate, !(bitrate > 0 && bitrate.isFinite) { throw ValidationError("--bitrate must be above 0.") }
    }

    var choice: CodebookChoice {
        if let codebooks { return .count(codebooks) }
        return bitrate.map { .bitrate($0 * 1000) } ?? .all
    }
}

/// How to take audio that is not as it should be, or has no header.
struct AudioInputOptions: ParsableArguments {
    @Flag(help: "Accept truncated input and use what is there.")
    var lenient = false

    @Flag(help: "Replace NaN and infinite samples with zeros.")
    var sanitize = false

    @Flag(help: "Mix all channels down to one.")
    var downmix = false

    @Flag(help: "Scale audio over full scale down to it. Reads the input twice.")
    var normalize = false

    @Option(help: "Let this program, if it is installed, read formats that codetta does not read itself (m4a, webm, wma …).")
    var via: AudioReader.Program?

    @Option(help: ArgumentHelp("The input is raw PCM at this sample rate.", valueName: "hz"))
    var rate: Int?

    @Option(help: ArgumentHelp("Number of interleaved channels of raw PCM (default: 1).", valueName: "n"))
    var channels: Int?

    @Option(help: ArgumentHelp("Sample format of raw PCM: pcm16 (default), pcm24, pcm32, float, mulaw …", valueName: "format"), completion: .rawSampleFormats)
    var sampleFormat: String?

    func validate() throws {
        if rate == nil && (channels != nil || sampleFormat != nil) {
            throw ValidationError("--channels and --sample-format are for raw PCM and need --rate.")
        }
        if let rate, !AudioLimits.sampleRates.contains(rate) {
            throw ValidationError("--rate must be \(range(AudioLimits.sampleRates)) Hz.")
        }
        if let channels, !AudioLimits.channelCounts.contains(channels) {
            throw ValidationError("--channels must be \(range(AudioLimits.channelCounts)).")
        }
        if let sampleFormat, SampleFormat(named: sampleFormat)?.bytesPerSample == nil {
            throw ValidationError("--sample-format \(sampleFormat) is not raw PCM; try pcm16, pcm24, pcm32, float, double, u8, mulaw or alaw.")
        }
    }

    private func range(_ range: ClosedRange<Int>) -> String { "\(range.lowerBound) to \(range.upperBound)" }

    var readerOptions: AudioReader.Options {
        let raw = rate.map {
            RawFormat(
                sampleRate: $0, channelCount: channels ?? 1,
                sampleFormat: sampleFormat.flatMap(SampleFormat.init(named:)) ?? .pcm16)
        }
        return AudioReader.Options(isLenient: lenient, sanitizes: sanitize, raw: raw, via: via)
    }

    /// What was asked for, by the options' names.
    var settings: [String: String] {
        var settings: [String: String] = [:]
        for (name, isSet) in [("lenient", lenient), ("sanitize", sanitize), ("downmix", downmix)] where isSet { settings[name] = "true" }
        settings["rate"] = rate.map { "\($0)" }
        settings["channels"] = channels.map { "\($0)" }
        settings["sampleFormat"] = sampleFormat
        return settings
    }

    func open(_ input: InputFile) throws -> AudioReader {
        var options = readerOptions
        if normalize {
            guard input.status.type == .regular else { throw ValidationError("--normalize needs a file: it reads the input twice.") }
            let peak = try FileSystem.peak(of: input, options: options)
            if peak > 1 { options.gain = 1 / peak }
        }
        return try input.audioReader(options: options)
    }
}

extension AudioReader.Program: ExpressibleByArgument {}

extension FileSystem {
    /// The largest magnitude of any sample of a file.
    fileprivate static func peak(of input: InputFile, options: AudioReader.Options) throws -> Float {
        let reader = try input.audioReader(options: options)
        while try !reader.read(upTo: 1 << 16).isEmpty {}
        return reader.peak
    }
}

/// A part of a recording.
struct SpanOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Where to begin, as in 62.5 or 1:02.5 (default: at the beginning).", valueName: "time"))
    var from: String?

    @Option(help: ArgumentHelp("Where to end, on the same clock (default: at the end).", valueName: "time"))
    var to: String?

    func validate() throws { _ = try span() }

    /// Nil for all of it.
    /// - Throws: `ValidationError` for what is no time, or out of order.
    func span() throws -> TimeSpan? {
        func seconds(_ text: String?, _ name: String) throws -> Double? {
            guard let text else { return nil }
            guard let seconds = TimeSpan.seconds(text) else {
                throw ValidationError("\(name) \(text) is no time; write seconds (62.5) or minutes and seconds (1:02.5).")
            }
            return seconds
        }
        guard from != nil || to != nil else { return nil }
        guard let span = TimeSpan(from: try seconds(from, "--from") ?? 0, to: try seconds(to, "--to")) else {
            throw ValidationError("--to must come after --from.")
        }
        return span
    }
}

/// How a token file is cut into pages.
enum PresetArgument: String, CaseIterable, ExpressibleByArgument {
    case archive, stream

    init?(argument: String) { self.init(rawValue: argument.lowercased()) }

    var preset: PageLayout.Preset { self == .archive ? .archive : .stream }
}

/// Tags on a command line.
enum TagArgument {
    /// Reads `key=value`.
    /// - Throws: `ValidationError`.
    static func parse(_ texts: [String]) throws -> [String: String] {
        var tags: [String: String] = [:]
        for text in texts {
            guard let equals = text.firstIndex(of: "="), equals > text.startIndex else {
                throw ValidationError("\(text): tags are written key=value.")
            }
            tags[text[..<equals].lowercased()] = String(text[text.index(after: equals)...])
        }
        return tags
    }
}

/// Where outputs go.
struct OutputTarget: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Output file, '-' for the standard output, or a folder for several inputs (default: beside the input).",
            valueName: "out"), completion: .file())
    var output: String?

    @Flag(name: .shortAndLong, help: "Replace existing outputs.")
    var force = false

    @Flag(help: "Put the new extension behind the old one, as in talk.mp3.codetta, so that talk.mp3 and talk.wav have outputs of their own.")
    var keepExtension = false
}

/// What happens to outputs, and to many of them.
struct BatchOptions: ParsableArguments {
    @OptionGroup var target: OutputTarget

    @Flag(help: "Skip inputs whose output exists, is sound and was made of the same input with the same settings.")
    var resume = false

    @Option(name: .shortAndLong, help: ArgumentHelp("Number of files to work on at once.", valueName: "n"))
    var jobs = 1

    func validate() throws {
        if !(1...256).contains(jobs) { throw ValidationError("--jobs must be 1 to 256.") }
        if target.force && resume { throw ValidationError("--force and --resume cannot be combined.") }
    }

    var output: String? { target.output }
    var force: Bool { target.force }

    /// What these options mean for a task. A line of progress is for one file at a time.
    func policy(_ options: OutputOptions, _ plan: BatchPlan) -> OutputPolicy {
        OutputPolicy(
            overwrites: force, resumes: resume, record: plan.isBatch || resume ? ResumeRecord() : nil,
            showsProgress: jobs == 1 && !options.quiet)
    }
}
