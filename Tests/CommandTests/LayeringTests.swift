import Foundation
import Testing

/// The package's layers, lowest first. A target may import targets of lower layers, and within a layer those listed before it.
private let layers: [[String]] = [
    ["CSndFile", "CFFTW", "CSoxr", "CEbur128", "CCairo", "CMalloc", "CKernels"],
    ["Tensors", "AudioIO", "Spectral", "TokenStream"],
    ["Checkpoints", "Layers", "Quantizers"],
    ["Codecs", "Metrics", "TokenLM", "Plots", "Hub"],
    ["Codetta", "Evaluation", "Reports"],
    ["CodettaCommand"],
]

@Suite struct LayeringTests {
    private static let sources = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Sources")

    @Test func everySourceFolderHasALayer() throws {
        let folders = try FileManager.default.contentsOfDirectory(atPath: Self.sources.path).filter { !$0.hasPrefix(".") }
        #expect(Set(folders) == Set(layers.joined()))
    }

    @Test func importsOnlyGoDown() throws {
        let order = Array(layers.joined())
        var imports = 0
        for (position, target) in order.enumerated() {
            for imported in try Self.imports(of: target) where order.contains(imported) {
                imports += 1
                let below = order.firstIndex(of: imported).map { $0 < position } ?? false
                #expect(below, "\(target) imports \(imported), which is not below it")
            }
        }
        #expect(imports > order.count, "the imports were not found")
    }

    /// Modules named by `import` lines in a target's Swift files.
    private static func imports(of target: String) throws -> Set<String> {
        let folder = sources.appendingPathComponent(target)
        let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
        var found: Set<String> = []
        while let file = files?.nextObject() as? URL {
            guard file.pathExtension == "swift" else { continue }
            for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
                let words = line.split(separator: " ")
                if let i = words.firstIndex(of: "import"), i + 1 < words.count,
                    words[..<i].allSatisfy({ $0.hasPrefix("@") || $0 == "public" || $0 == "internal" })
                {
                    found.insert(String(words[i + 1]))
                }
            }
        }
        return found
    }
}
