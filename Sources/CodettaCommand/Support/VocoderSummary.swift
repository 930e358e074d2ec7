import Codetta

/// What a vocoder is.
struct VocoderSummary: Encodable {
    var name: String
    var path: String
    var modelType: String
    var sampleRate: Int
    var hopLength: Int
    var frameRate: Double
    /// Values per frame of features.
    var features: Int
    /// Algorithmic latency in seconds from audio by way of features to audio.
    var latency: Double
    var parameters: Int
    var license: String

    init(_ vocoder: VocosVocoder, path: String) {
        let description = vocoder.description
        name = description.name
        self.path = path
        modelType = description.modelType
        sampleRate = description.sampleRate
        hopLength = description.hopLength
        frameRate = description.frameRate
        features = description.featureCount
        latency = Double(description.latency) / Double(sampleRate)
        parameters = description.parameterCount
        license = description.license
    }

    var rows: [(String, String)] {
        [
            ("Model", "\(name) (\(modelType), a vocoder)"), ("Folder", path), ("Audio", "\(sampleRate) Hz, 1 channel"),
            ("Frames", "\(Format.decimal(frameRate, 1)) per second, of \(hopLength) samples"),
            ("Features", "\(features) mel bands"), ("Latency", "\(Format.decimal(latency * 1000, 0)) ms"),
            ("Parameters", Format.decimal(Double(parameters) / 1e6, 2) + " M"), ("License", license),
        ]
    }
}
