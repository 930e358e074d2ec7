import Foundation

/// The models that travel with the package as resources, so that the first program of a dependent package runs without a network.
///
/// A program that links the product CodettaModels finds them by name: `try await Model("codetta-24k")`. Only programs that keep
/// their resources in another place than beside the executable need this type.
public enum BundledModels {
    /// The folder that holds the model folders; nil where the program was moved without its resources.
    public static var folder: URL? {
        let bundle = "codetta_CodettaModels"
        let places = [Bundle.main.bundleURL, Bundle.main.resourceURL].compactMap { $0 }
        let names = ["\(bundle).resources", "\(bundle).bundle", "\(bundle).bundle/Contents/Resources"]
        return places.flatMap { place in names.map { place.appendingPathComponent($0) } }
            .first { FileManager.default.fileExists(atPath: $0.appendingPathComponent("codetta-24k/config.json").path) }
    }
}
