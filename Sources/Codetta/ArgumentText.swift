/// A reversible way to carry arguments that are not UTF-8 through code that only takes `String`.
///
/// Each byte b that is not part of well-formed UTF-8 becomes the private-use scalar U+10FF00 + b. Well-formed text that already
/// holds one of these scalars has its bytes escaped likewise, so that decoding always gives the original bytes.
public enum ArgumentText {
    private static let base: UInt32 = 0x10_FF00
    private static let escapes: ClosedRange<UInt32> = (base + 0x80)...(base + 0xFF)

    /// The text that stands for `bytes`.
    public static func encode(_ bytes: [UInt8]) -> String {
        var scalars = String.UnicodeScalarView()
        var rest = bytes[...]
        while let first = rest.first {
            let length = PathName.sequenceLength(rest)
            let piece = length > 0 ? String(validating: rest.prefix(length), as: UTF8.self) : nil
            if let scalar = piece?.unicodeScalars.first, !escapes.contains(scalar.value) {
                scalars.append(scalar)
                rest = rest.dropFirst(length)
            } else {
                if let scalar = Unicode.Scalar(base + UInt32(first)) { scalars.append(scalar) }
                rest = rest.dropFirst()
            }
        }
        return String(scalars)
    }

    /// The bytes that `text` stands for.
    public static func decode(_ text: String) -> [UInt8] {
        text.unicodeScalars.flatMap { scalar in
            escapes.contains(scalar.value) ? [UInt8(scalar.value - base)] : Array(String(scalar).utf8)
        }
    }

    /// The arguments of this process after the command's name.
    public static var commandLine: [String] {
        (1..<max(1, Int(CommandLine.argc))).compactMap { index in
            CommandLine.unsafeArgv[index].map { pointer in
                encode(UnsafeBufferPointer(start: pointer, count: length(pointer)).map { UInt8(bitPattern: $0) })
            }
        }
    }

    private static func length(_ pointer: UnsafePointer<CChar>) -> Int {
        var count = 0
        while pointer[count] != 0 { count += 1 }
        return count
    }
}

extension PathName {
    /// The path that an argument of `ArgumentText.commandLine` names.
    public init(argument: String) { self.init(bytes: ArgumentText.decode(argument)) }
}
