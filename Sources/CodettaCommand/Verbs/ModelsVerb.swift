import ArgumentParser
import Codetta

/// `codetta models`
struct ModelsVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "models",
        abstract: "List the models that are installed, show one, or fetch one.",
        discussion: """
            Models are looked for in the folders of CODETTA_MODELS (separated by colons), in ./Models, in Models beside or above \
            the program, in share/codetta/Models of its installation, and in the cache of the Hugging Face hub (HF_HUB_CACHE, or hub in \
            HF_HOME).

              codetta models list
              codetta models show codetta-24k
              codetta models path codetta-24k
              codetta models pull mimi
            """,
        subcommands: [List.self, Show.self, Path.self, PullVerb.self], defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the models that a name finds.")
        @OptionGroup(title: "Messages") var options: OutputOptions

        func run() throws {
            options.apply()
            let locator = ModelLocator.standard()
            let readable = Set(CodecRegistry.modelTypes + [TokenLMConfig.modelType])
            // The cache holds models of all kinds.
            let cached = (locator.cache?.all() ?? []).filter { (try? $0.modelType()).map(readable.contains) ?? false }
            let models = (locator.all() + cached).map(ModelListing.init)
            if options.json { return Terminal.output(try JSON.document(models)) }
            if models.isEmpty {
                Log.logger.warning("no models in \(locator.places.joined(separator: ", "))")
            } else {
                Terminal.show(Format.table(models.map { ($0.name, $0.text) }))
            }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Load a model and show what it is, and its card.",
            discussion: """
                  codetta models show codetta-24k
                  codetta models show ./my-model --json
                """)
        @Argument(help: ArgumentHelp("Name or folder of the model.", valueName: "name|dir"), completion: .models)
        var model = ModelStore.defaultName
        @OptionGroup(title: "Messages") var options: OutputOptions

        func run() throws {
            options.apply()
            try ModelSummary.show(model, json: options.json, withCard: true)
        }
    }

    struct Path: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Print the folder of a model.")
        @Argument(help: ArgumentHelp("Name of the model.", valueName: "name"), completion: .models)
        var model = ModelStore.defaultName
        @OptionGroup(title: "Messages") var options: OutputOptions

        func run() throws {
            options.apply()
            let folder = try ModelLocator.standard().locate(model)
            Terminal.output(options.json ? try JSON.document(["path": folder.path]) : folder.path)
        }
    }
}

/// A line of `models list`. Says what is wrong with a model instead of hiding it.
private struct ModelListing: Encodable {
    var name: String
    var path: String
    var bytes: Int
    var modelType: String?
    /// Whether a recording of any length is coded in constant memory, as it comes.
    var isStreaming: Bool?
    var license: String?
    var error: String?

    init(_ folder: ModelFolder) {
        name = folder.repository?.description ?? folder.name
        path = folder.path
        bytes = folder.byteCount
        do {
            let type = try folder.modelType()
            modelType = type
            isStreaming = !CodecRegistry.wholeSignalTypes.contains(type)
            license = try folder.card()?.license
        } catch {
            self.error = "\(error)"
        }
    }

    var text: String {
        if let error { return "broken: \(error)" }
        let kind = modelType.map { isStreaming == false ? "\($0) (not streaming)" : $0 }
        return [kind, Format.bytes(bytes), license, path].compactMap { $0 }.joined(separator: "  ")
    }
}

/// What a model is.
struct ModelSummary: Encodable {
    var name: String
    var path: String
    var modelType: String
    var sampleRate: Int
    var channels: Int
    var hopLength: Int
    var frameRate: Double
    var codebookSizes: [Int]
    /// bit/s, from one codebook to all where the model can do with fewer.
    var bitrates: [Double]
    /// Algorithmic latency in seconds; where the codec is not streaming, the wait for the end comes on top.
    var latency: Double
    var isStreaming: Bool
    var parameters: Int
    var license: String
    var weights: String

    init(_ model: Model) throws {
        let codec = model.codec.description
        let layout = codec.layout
        name = codec.name
        path = model.folder?.path ?? ""
        modelType = codec.modelType
        sampleRate = codec.sampleRate
        channels = codec.channels
        hopLength = layout.hopLength
        frameRate = layout.frameRate
        codebookSizes = layout.codebooks.map(\.size)
        let counts = codec.isTruncatable ? Array(1...max(1, layout.codebooks.count)) : [layout.codebooks.count]
        bitrates = counts.map { layout.prefix($0).nominalBitrate }
        latency = Double(codec.latency) / Double(codec.sampleRate)
        isStreaming = codec.isStreaming
        parameters = codec.parameterCount
        license = codec.license
        weights = try model.weights.description
    }

    var rows: [(String, String)] {
        let sizes = Set(codebookSizes).count == 1 ? "\(codebookSizes.count) × \(codebookSizes[0])" : "\(codebookSizes)"
        let range = [bitrates.first, bitrates.count > 1 ? bitrates.last : nil].compactMap { $0 }.map { Format.bitrate($0) }
        return [
            ("Model", "\(name) (\(modelType))"), ("Folder", path),
            ("Audio", "\(sampleRate) Hz, \(Format.count(channels, "channel"))"),
            ("Frames", "\(Format.decimal(frameRate, 1)) per second, of \(hopLength) samples"), ("Codebooks", sizes),
            ("Bitrate", range.joined(separator: " to ")), ("Latency", isStreaming ? "\(Format.decimal(latency * 1000, 0)) ms" : "works on whole recordings only"),
            ("Parameters", Format.decimal(Double(parameters) / 1e6, 2) + " M"), ("License", license), ("SHA-256", weights),
        ]
    }

    /// Prints the model of a name or folder.
    static func show(_ name: String, json: Bool, withCard: Bool) throws {
        let store = ModelStore()
        let folder = try FileFailure.naming(name) { try store.locate(name) }
        let isLanguageModel = try FileFailure.naming(name) { try folder.modelType() == TokenLMConfig.modelType }
        if let vocoder = try FileFailure.naming(name, { try store.vocoder(name) }) {
            let summary = VocoderSummary(vocoder, path: folder.path)
            if json { Terminal.output(try JSON.document(summary)) } else { Terminal.show(Format.table(summary.rows)) }
        } else if isLanguageModel {
            let summary = LanguageModelSummary(try FileFailure.naming(name) { try LoadedLanguageModel(folder) })
            if json { Terminal.output(try JSON.document(summary)) } else { Terminal.show(Format.table(summary.rows)) }
        } else {
            let summary = try FileFailure.naming(name) { try ModelSummary(store.load(name)) }
            if json { Terminal.output(try JSON.document(summary)) } else { Terminal.show(Format.table(summary.rows)) }
        }
        if !json, withCard, let card = try folder.card() { Terminal.show("\n" + card.text) }
    }
}
