extension String {
    /// The text on one line, without anything that a terminal or a log would obey: control characters and line separators, which
    /// names and values from files may hold, appear as `\x0A` or `\u{2028}`.
    package var escapingControls: String {
        guard unicodeScalars.contains(where: \.isObeyed) else { return self }
        var plain = ""
        for scalar in unicodeScalars {
            if !scalar.isObeyed {
                plain.unicodeScalars.append(scalar)
            } else if scalar.value < 0x100 {
                let digits = String(scalar.value, radix: 16, uppercase: true)
                plain += "\\x" + (digits.count < 2 ? "0" : "") + digits
            } else {
                plain += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
            }
        }
        return plain
    }
}

extension Unicode.Scalar {
    /// A control character, a separator of lines, or a mark that turns the direction of text.
    fileprivate var isObeyed: Bool {
        switch value {
        case 0..<0x20, 0x7F...0x9F, 0x2028, 0x2029, 0x202A...0x202E, 0x2066...0x2069: return true
        default: return false
        }
    }
}

/// Two hexadecimal digits.
package func hexadecimal(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16)
    return byte < 16 ? "0" + digits : digits
}
