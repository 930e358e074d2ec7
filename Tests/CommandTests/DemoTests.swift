import Foundation
import TestSupport
import Testing

/// What `make demo` runs after the build.
@Suite struct DemoTests {
    @Test func theDemoEndsWithFiveLinesOfWhatItMeasured() throws {
        let scratch = try ScratchFolder()
        let recording = PackageFolder.path("Samples/human-en.flac")
        let result = try runProgram(
            PackageFolder.url.appendingPathComponent("Tools/demo.sh"), [Command.executable.path, recording, scratch.path("demo")],
            in: PackageFolder.url)
        #expect(result.status == 0, "\(result.errors)")
        let lines = result.lines.suffix(5)
        #expect(lines.map { $0.split(separator: " ").first ?? "" } == ["Bitrate", "Size", "Quality", "Listen", "Next"])

        // The numbers are those of the files.
        let bytes = try scratch.bytes("demo/human-en.codetta").count
        #expect(lines.contains { $0.contains("Size     \(Self.tenths(Double(bytes) / 1000)) kB") })
        #expect(try scratch.bytes("demo/human-en-decoded.wav").count > 100_000)
        let quality = try #require(lines.first { $0.hasPrefix("Quality") })
        let numbers = quality.split { !$0.isNumber && $0 != "." }.compactMap { Double($0) }
        #expect(numbers.count == 4 && (1.5...4.64).contains(numbers[0]) && (0.8...1).contains(numbers[2]), "\(quality)")
    }

    private static func tenths(_ value: Double) -> String { String(format: "%.1f", value) }
}
