import ArgumentParser
import Codetta

/// How audio is encoded: what every verb understands that encodes.
struct CodingOptions: ParsableArguments {
    @OptionGroup(title: "Model") var model: ModelOption
    @OptionGroup(title: "Speed") var threads: ThreadOption
    @OptionGroup(title: "Bitrate") var rate: RateOptions
    @OptionGroup(title: "Search") var search: SearchOptions
    @OptionGroup(title: "Input") var audio: AudioInputOptions

    /// The model's name or folder.
    var modelName: String { model.model ?? ModelStore.defaultName }

    /// The model, whose encoders search as asked for.
    /// - Throws: `FileFailure`.
    func loadModel() throws -> LoadedModel {
        try FileFailure.naming(modelName) { try search.applied(to: ModelStore().load(modelName)) }
    }
}
