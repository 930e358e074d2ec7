import Foundation

/// Numbers for people.
enum Format {
    /// `3.2 s`, `4:07` or `1:02:33`.
    static func duration(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds >= 0, seconds < 1e15 else { return "?" }
        if seconds < 60 { return decimal(seconds, seconds < 10 ? 2 : 1) + " s" }
        let whole = Int(seconds.rounded())
        let (minutes, rest) = (whole / 60 % 60, String(format: "%02d", whole % 60))
        return whole < 3600 ? "\(minutes):\(rest)" : "\(whole / 3600):\(String(format: "%02d", minutes)):\(rest)"
    }

    /// `12 ms`, `3.4 ms`.
    static func milliseconds(_ duration: Duration) -> String {
        let value = duration / .milliseconds(1)
        return decimal(value, value < 10 ? 1 : 0) + " ms"
    }

    /// bit/s as `6 kb/s`, `6.25 kb/s`.
    static func bitrate(_ bitsPerSecond: Double?) -> String {
        guard let bitsPerSecond else { return "–" }
        var text = decimal(bitsPerSecond / 1000, 2)
        while text.hasSuffix("0") { text.removeLast() }
        if text.hasSuffix(".") { text.removeLast() }
        return text + " kb/s"
    }

    /// `512 B`, `9.4 kB`, `1.2 MB`, in powers of ten.
    static func bytes(_ count: Int) -> String {
        let value = Double(count)
        if value < 1e3 { return "\(count) B" }
        if value < 1e6 { return decimal(value / 1e3, 1) + " kB" }
        return value < 1e9 ? decimal(value / 1e6, 1) + " MB" : decimal(value / 1e9, 2) + " GB"
    }

    static func decimal(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }

    /// `1 file`, `2 files`.
    static func count(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

    /// Two columns, the first padded to its longest entry.
    static func table(_ rows: [(String, String)]) -> String {
        let width = rows.map(\.0.count).max() ?? 0
        return rows.map { $0.0 + String(repeating: " ", count: width - $0.0.count + 2) + $0.1 }.joined(separator: "\n")
    }
}
