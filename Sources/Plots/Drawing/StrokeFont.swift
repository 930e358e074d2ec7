/// Letters as pen strokes, so that pictures look the same on machines with any fonts and with none.
///
/// Capitals are 12 units high and up to 8 wide. A glyph is a list of strokes, a stroke a list of points of two base-36 digits:
/// x from the left, y down from the capitals' top; `c` is the baseline. It has ASCII, the letters of western and central
/// European languages and the signs of axes; `TextLayout` knows what to do with the others.
enum StrokeFont {
    /// Units from the capitals' top to the baseline.
    static let capHeight = 12.0
    static let spacing = 3.0
    private static let spaceWidth = 6.0

    struct Glyph {
        /// Polylines, y from the baseline and downwards.
        let strokes: [[Point]]
        let advance: Double

        /// The glyph of `letter` with a mark over its middle, higher over a capital, or under it.
        fileprivate func adding(_ mark: Glyph, to letter: Character) -> Glyph {
            let right = advance - spacing
            let left = right / 2 - (mark.advance - spacing) / 2
            let isUnder = mark.strokes.joined().contains { $0.y > 0 }
            let up = isUnder ? 0 : letter.isUppercase || "dlt".contains(letter) ? 4.0 : 0
            return Glyph(strokes: strokes + mark.strokes.map { $0.map { Point($0.x + left, $0.y - up) } }, advance: advance)
        }
    }

    /// Nil for a character without strokes.
    static func glyph(_ character: Character) -> Glyph? {
        if character.isWhitespace { return Glyph(strokes: [], advance: spaceWidth) }
        return glyphs[character]
    }

    /// A box with the hexadecimal number of a character that nothing can draw.
    static func numberedBox(_ scalar: Unicode.Scalar) -> Glyph {
        let number = String(scalar.value, radix: 16, uppercase: true)
        let digits = String(repeating: "0", count: max(0, 4 - number.count)) + number
        let scale = 0.6
        var (strokes, x): ([[Point]], Double) = ([], 2)
        for digit in digits.compactMap(glyph) {
            strokes += digit.strokes.map { $0.map { Point(x + $0.x * scale, ($0.y + capHeight / 2) * scale - capHeight / 2) } }
            x += digit.advance * scale
        }
        let right = x - spacing * scale + 2
        strokes.append([(0.0, -capHeight), (0, 0), (right, 0), (right, -capHeight), (0, -capHeight)].map { Point($0.0, $0.1) })
        return Glyph(strokes: strokes, advance: right + spacing)
    }

    /// Pixels of a unit at a font size, of which capitals take 0.7.
    static func unit(_ size: Double) -> Double { 0.7 * size / capHeight }

    private static let glyphs: [Character: Glyph] = {
        var glyphs = table.mapValues(parse)
        for (mark, letters) in marks {
            let drawn = parse(mark)
            let pairs = Array(letters)
            for i in stride(from: 0, to: pairs.count - 1, by: 2) {
                if let base = glyphs[pairs[i] == "i" ? "ı" : pairs[i]] { glyphs[pairs[i + 1]] = base.adding(drawn, to: pairs[i]) }
            }
        }
        return glyphs
    }()

    private static func parse(_ text: String) -> Glyph {
        let strokes = text.split(separator: " ").map { stroke -> [Point] in
            let digits = stroke.compactMap { Int(String($0), radix: 36) }
            return stride(from: 0, to: digits.count - 1, by: 2).map {
                Point(Double(digits[$0]), Double(digits[$0 + 1]) - capHeight)
            }
        }
        let right = strokes.joined().map(\.x).max() ?? 0
        return Glyph(strokes: strokes, advance: right + spacing)
    }

    /// Marks, and the letters that they go with, each before what it becomes.
    private static let marks: [(String, String)] = [
        ("0102 3132", "aäoöuüAÄOÖUÜeëiïEËIÏyÿ"), ("0220", "aáeéiíoóuúyýcćnńsśzźAÁEÉIÍOÓUÚYÝCĆNŃSŚZŹ"),
        ("0022", "aàeèiìoòuùAÀEÈIÌOÒUÙ"), ("022042", "aâeêiîoôuûAÂEÊIÎOÔUÛ"), ("02113140", "aãnñoõAÃNÑOÕ"),
        ("1021120110", "aåuůAÅUŮ"), ("002240", "cčeěnňrřsšzžCČDĎEĚNŇRŘSŠTŤZŽ"), ("1c1e0f", "cçsşCÇSŞ"), ("0c1e2f", "aąeęAĄEĘ"),
        ("0220 3250", "oőuűOŐUŰ"), ("00113140", "aăgğAĂGĞ"), ("0001", "IİeėEĖzżZŻ"), ("0040", "aāeēiīoōuūAĀEĒIĪOŌUŪ"),
    ]

    private static let table: [Character: String] = [
        "ı": "040c", "ß": "0c022050635536586a5c2c", "ø": "24060a2c5c7a765424 0d73", "Ø": "20020a2c6c8a826020 0c80",
        "ł": "000a2c 0846", "Ł": "000c7c 0845", "đ": "707c 765424060a2c5c7a 5191",
        "ď": "707c 765424060a2c5c7a a0a3", "ť": "212a3c5c 0454 5053",
        "A": "0c408c 1878", "B": "000c6c8a886606 0060828466", "C": "826020020a2c6c8a", "D": "000c5c89835000",
        "E": "80000c8c 0666", "F": "80000c 0666", "G": "826020020a2c6c8a8757", "H": "000c 808c 0686", "I": "202c 0040 0c4c",
        "J": "606a4c2c0a", "K": "000c 8007 358c", "L": "000c7c", "M": "0c0047808c", "N": "0c008c80", "O": "20020a2c6c8a826020",
        "P": "0c006082856707", "Q": "20020a2c6c8a826020 598d", "R": "0c006082856707 478c", "S": "82602002042666888a6c2c0a",
        "T": "0080 404c", "U": "000a2c6c8a80", "V": "004c80", "W": "002c456c80", "X": "008c 800c", "Y": "004680 464c",
        "Z": "00800c8c",
        "a": "747c 765424060a2c5c7a", "b": "000c 062454767a5c2c0a", "c": "765424060a2c5c7a", "d": "707c 765424060a2c5c7a",
        "e": "0878765424060a2c5c7b", "f": "5030222c 0454", "g": "747e5g2g0f 765424060a2c5c7a", "h": "000c 062454767c",
        "i": "040c 0001", "j": "242e1g0g 2021", "k": "000c 6409 276c", "l": "000a2c", "m": "040c 062444565c 567494a6ac",
        "n": "040c 062454767c", "o": "24060a2c5c7a765424", "p": "040g 062454767a5c2c0a", "q": "747g 765424060a2c5c7a",
        "r": "040c 072444", "s": "65542405071858696b5c1c0b", "t": "212a3c5c 0454", "u": "040a2c5c7a 747c", "v": "043c64",
        "w": "042c466c84", "x": "046c 640c", "y": "043c 642g0g", "z": "04640c6c",
        "0": "20020a2c5c7a725020", "1": "03303c 0c6c", "2": "02205072740c7c", "3": "0120507274563656787a5c2c0b",
        "4": "5c500979", "5": "7010062555777a5c2c0b", "6": "6040050a2c5c7a77552507", "7": "00702c",
        "8": "205072745626040220 26080a2c5c7a7856", "9": "1c3c777250200205275775",
        ".": "0b0c", ",": "1b0e", ":": "0506 0b0c", ";": "1516 1b0e", "-": "0757", "+": "0767 343a", "=": "0565 0969",
        "/": "0c60", "\\": "006c", "(": "2003092c", ")": "0023290c", "[": "20000c2c", "]": "00202c0c", "{": "30111506171b3c",
        "}": "00212536272b0c", "%": "800c 100103142433312010 68595b6c7c8b897868", "_": "0e7e", "#": "202c 606c 0484 0888",
        "*": "3137 0266 6206", "'": "0003", "\"": "0003 2023", "!": "0008 0b0c", "?": "02205072743739 3b3c",
        "<": "62076c", ">": "02670c", "|": "000e", "~": "08265876", "&": "8c1311305153080a2c4c87",
        "@": "553526283959686655 65687988846222040a2c7c", "$": "82602002042666888a6c2c0a 404e", "^": "033063", "`": "0022",
        "−": "0777", "–": "0777", "×": "156a 651a", "·": "0607", "°": "100102132332312010", "µ": "040g 0a2c4c6a 646c",
        "…": "0b0c 3b3c 6b6c", "±": "0565 3238 0b6b", "→": "0787 54875a", "≤": "610569 0b6b", "≥": "016509 0b6b",
    ]
}
