/// What a program wrote on its standard error.
package enum ProgramMessages {
    /// The last line that says something, without what steers a terminal; empty when there is none.
    package static func lastLine(of bytes: some Sequence<UInt8>) -> String {
        let text = String(decoding: Array(bytes.suffix(4096)), as: UTF8.self)
        let lines = text.split(whereSeparator: \.isNewline).map { line in
            line.filter { !$0.unicodeScalars.contains { $0.properties.generalCategory == .control } }.drop { $0 == " " }
        }
        return lines.last { !$0.isEmpty }.map { String($0.prefix(200)) } ?? ""
    }
}
