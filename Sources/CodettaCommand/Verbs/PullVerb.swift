import ArgumentParser
import Codetta
import Hub

/// `codetta models pull`
struct PullVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pull",
        abstract: "Fetch a model from a Hugging Face hub into its cache.",
        discussion: """
              codetta models pull mimi
              codetta models pull facebook/encodec_24khz --revision main
              codetta encode speech.wav --model mimi

            Known names: \(KnownModels.repositories.keys.sorted().joined(separator: ", ")).

            Fetches the config, the weights (only .safetensors) and the model's card, checks their sizes and hashes, and prints \
            the model's folder. A fetch that was interrupted goes on where it stopped. The cache is the one that the hub's own \
            tools use. HF_ENDPOINT names another hub than \(HubSettings.defaultEndpoint), HF_TOKEN opens private repositories, \
            HF_HUB_OFFLINE=1 makes no connection.
            """)
    @Argument(help: ArgumentHelp("Known name, or repository of the hub.", valueName: "name|owner/repo"),
        completion: .list(KnownModels.repositories.keys.sorted()))
    var name: String

    @Option(help: ArgumentHelp("Branch, tag or commit.", valueName: "revision"))
    var revision = "main"

    @OptionGroup(title: "Messages") var options: OutputOptions

    func run() throws {
        options.apply()
        let pull = ModelPull(settings: try HubSettings.standard(), modelTypes: CodecRegistry.modelTypes + [TokenLMConfig.modelType])
        let line = ProgressLine(isShown: !options.quiet)
        let result = try pull.run(name, revision: revision) { line.show($0) }
        line.clear()
        let folder = result.folder
        let license = try folder.card()?.license
        let model = folder.repository?.description ?? folder.name
        if result.plan == nil { Log.logger.notice("\(model): as it is in the cache; HF_HUB_OFFLINE is set") }
        Log.logger.notice("\(model): licence of the weights: \(license ?? "not stated")")
        Terminal.output(
            options.json
                ? try JSON.document(
                    PulledModel(name: model, path: folder.path, license: license, commit: result.plan?.commit, bytes: folder.byteCount))
                : folder.path)
    }
}

/// The result as JSON.
private struct PulledModel: Encodable {
    var name: String
    var path: String
    var license: String?
    /// Nil without a connection.
    var commit: String?
    var bytes: Int
}

/// Says what a fetch does. The events come one at a time.
private final class ProgressLine: @unchecked Sendable {
    private let isShown: Bool
    private var drawn = ContinuousClock.now

    init(isShown: Bool) { self.isShown = isShown && Terminal.isInteractive }

    func show(_ event: ModelPull.Event) {
        switch event {
        case .planned(let plan):
            let amount = plan.missingByteCount == 0 ? "all there" : "\(Format.bytes(plan.missingByteCount)) to fetch"
            Log.logger.notice("\(plan.repository): \(Format.count(plan.fileCount, "file")), \(Format.bytes(plan.byteCount)), \(amount)")
        case .waiting(let file): Log.logger.notice("\(file): waiting for another process that fetches it")
        case .unverified(let file): Log.warning("the hub states no SHA-256: only the size was checked", file: file)
        case .progress(let file, let bytes, let total):
            guard isShown, ContinuousClock.now - drawn > .milliseconds(200) else { return }
            drawn = ContinuousClock.now
            Terminal.progress("\(file)  \(Int(100 * Double(bytes) / Double(max(total, 1)))) % of \(Format.bytes(total))")
        }
    }

    func clear() { if isShown { Terminal.progress("") } }
}
