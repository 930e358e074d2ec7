import Foundation

/// The package that the tests are part of.
package enum PackageFolder {
    package static let url = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    package static func path(_ name: String) -> String { url.appendingPathComponent(name).path }
}

extension Bundle {
    /// The path of a file in a test target's Fixtures.
    package func fixture(_ name: String) -> String { resourceURL!.appendingPathComponent("Fixtures/\(name)").path }

    /// What a JSON file in Fixtures holds.
    package func decodeFixture<Value: Decodable>(_ name: String, as type: Value.Type = Value.self) throws -> Value {
        try JSONDecoder().decode(type, from: Data(contentsOf: URL(fileURLWithPath: fixture(name))))
    }
}
