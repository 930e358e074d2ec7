import Codetta

/// What a token language model is.
struct LanguageModelSummary: Encodable {
    var name: String
    var path: String
    var modelType: String
    var kind: String
    /// The codec whose codes it models.
    var codec: String
    var frameRate: Double
    var codebookSizes: [Int]
    var pattern: String
    /// Steps that a step sees.
    var context: Int
    var layers: Int
    var hiddenSize: Int
    /// Classes and text symbols of its condition.
    var classes: Int
    var textSymbols: Int
    /// Heads that draft later steps.
    var futureHeads: Int
    var parameters: Int

    init(_ loaded: LoadedLanguageModel) {
        let config = loaded.model.config
        name = loaded.name
        path = loaded.folder.path
        modelType = config.modelType
        kind = loaded.model.kind.rawValue
        codec = config.codec
        frameRate = config.frameRate
        codebookSizes = config.codebookSizes
        pattern = config.patternName
        context = config.context
        layers = config.numLayers
        hiddenSize = config.hiddenSize
        classes = config.numClasses
        textSymbols = config.textSymbols.count
        futureHeads = config.futureHeads
        parameters = loaded.model.parameterCount
    }

    var rows: [(String, String)] {
        let sizes = Set(codebookSizes).count == 1 ? "\(codebookSizes.count) × \(codebookSizes[0])" : "\(codebookSizes)"
        let conditions = [
            classes > 0 ? "classes 0 to \(classes - 1)" : nil, textSymbols > 0 ? "text of \(textSymbols) symbols" : nil,
        ].compactMap { $0 }
        return [
            ("Model", "\(name) (\(modelType), \(kind))"), ("Folder", path), ("Codec", codec),
            ("Codebooks", "\(sizes), \(Format.decimal(frameRate, 1)) frames per second"),
            ("Pattern", "\(pattern), each step sees the last \(context)"), ("Layers", "\(layers) of \(hiddenSize) channels"),
            ("Condition", conditions.isEmpty ? "none" : conditions.joined(separator: ", ")),
            ("Drafts", futureHeads > 0 ? Format.count(futureHeads, "head") : "ngram only"),
            ("Parameters", Format.decimal(Double(parameters) / 1e6, 2) + " M"),
        ]
    }
}
