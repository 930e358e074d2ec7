import ArgumentParser
import Codetta

/// What shells offer for the values of options.
extension CompletionKind {
    /// Names of installed models, and folders.
    static let models = CompletionKind.custom { _, _, prefix in Completions.models + Completions.folders(prefix) }

    /// Files, folders and names of installed models.
    static let filesAndModels = CompletionKind.custom { _, _, prefix in Completions.models + Completions.entries(prefix) }

    static let pictureKinds = CompletionKind.list(["spectrogram", "waveform", "tokens", "histogram"])
    static let audioForms = CompletionKind.list(OutputForm.names)
    static let sampleFormats = CompletionKind.list(SampleFormat.allCases.map(\.rawValue))
    static let rawSampleFormats = CompletionKind.list(SampleFormat.allCases.filter { $0.bytesPerSample != nil }.map(\.rawValue))
    static let generatedForms = CompletionKind.list(OutputForm.names + TokenFormat.allCases.map(\.rawValue))
    static let measures = CompletionKind.list(Measure.allCases.map(\.rawValue) + ["all"])
}

private enum Completions {
    /// By the names that find them.
    static var models: [String] {
        let locator = ModelLocator.standard()
        return locator.all().map(\.name) + (locator.cache?.all() ?? []).map { $0.repository?.description ?? $0.name }
    }

    static func folders(_ prefix: String) -> [String] { entries(prefix).filter { $0.hasSuffix("/") } }

    /// What lies in the folder that `prefix` begins to name; folders end in a slash.
    static func entries(_ prefix: String) -> [String] {
        let parent = prefix.lastIndex(of: "/").map { String(prefix[...$0]) } ?? ""
        let folder = PathName(argument: parent.isEmpty ? "." : parent)
        let names = (try? FileSystem.list(folder)) ?? []
        return names.map { parent + $0.description + (FileSystem.isDirectory(folder.appending($0)) ? "/" : "") }.filter { $0.hasPrefix(prefix) }
    }
}
