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

extension String {
    /// A JSON document that says the same without anything that a terminal would obey: within strings, which alone may hold such
    /// characters besides line feeds and tabs, they appear as `\u202E`.
    package var escapingControlsOfJSON: String {
        replacing { scalar in
            guard scalar.isObeyed, scalar != "\n", scalar != "\t" else { return nil }
            let digits = String(scalar.value, radix: 16, uppercase: true)
            return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
    }
}

extension Unicode.Scalar {
    /// A control character, a separator of lines, or a mark that turns the direction of text (Unicode's Bidi_Control).
    package var isObeyed: Bool {
        switch value {
        case 0..<0x20, 0x7F...0x9F, 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: return true
        default: return false
        }
    }
}

extension String {
    /// The text with each of `scalars` replaced, even where marks of accents follow it, as characters of a `String` would hide.
    package func replacing(_ scalars: (Unicode.Scalar) -> String?) -> String {
        var text = ""
        for scalar in unicodeScalars {
            if let replacement = scalars(scalar) { text += replacement } else { text.unicodeScalars.append(scalar) }
        }
        return text
    }
}

/// Two hexadecimal digits.
package func hexadecimal(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16)
    return byte < 16 ? "0" + digits : digits
}
