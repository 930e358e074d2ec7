/// A line of text as it is drawn: letters that have strokes as strokes, others from the machine's fonts, and those that no font
/// has as boxes with their number.
struct TextLayout {
    enum Shape {
        /// Polylines in units of the stroke font.
        case strokes([[Point]])
        case font(SystemFont, String)
    }

    /// What is drawn for one character, and how far the next one is from it, in pixels.
    struct Piece {
        let character: Character
        let shape: Shape
        let advance: Double
    }

    let size: Double
    let pieces: [Piece]
    /// Pixels, without the space after the last stroke.
    let width: Double

    /// - Parameter size: of the font in pixels, of which capitals take 0.7.
    init(_ text: String, size: Double) {
        var fonts = Fonts()
        let unit = StrokeFont.unit(size)
        self.init(
            text.map { character in
                if let glyph = StrokeFont.glyph(character) {
                    return Piece(character: character, shape: .strokes(glyph.strokes), advance: glyph.advance * unit)
                }
                var visible = String.UnicodeScalarView()
                visible.append(contentsOf: character.unicodeScalars.filter { !$0.properties.isDefaultIgnorableCodePoint })
                if visible.isEmpty { return Piece(character: character, shape: .strokes([]), advance: 0) }
                if let (font, advance) = fonts.font(for: String(visible)) {
                    return Piece(character: character, shape: .font(font, String(visible)), advance: advance * size)
                }
                let box = StrokeFont.numberedBox(character.unicodeScalars.first ?? "\u{FFFD}")
                return Piece(character: character, shape: .strokes(box.strokes), advance: box.advance * unit)
            }, size: size)
    }

    private init(_ pieces: [Piece], size: Double) {
        (self.pieces, self.size) = (pieces, size)
        width = max(0, Self.width(pieces) - StrokeFont.spacing * StrokeFont.unit(size))
    }

    private static func width(_ pieces: some Sequence<Piece>) -> Double { pieces.reduce(0) { $0 + $1.advance } }

    /// The text, shortened in the middle so that it is no wider than `width`.
    func fitted(to limit: Double) -> String {
        guard width > limit else { return String(pieces.map(\.character)) }
        let dots = TextLayout("…", size: size).pieces
        var kept = pieces.count
        while kept > 2 {
            kept -= max(1, kept / 20)
            let short = TextLayout(pieces.prefix((kept + 1) / 2) + dots + pieces.suffix(kept / 2), size: size)
            if short.width <= limit { return String(short.pieces.map(\.character)) }
        }
        return "…"
    }

    /// The pieces from left to right. Runs of letters that are written from right to left are turned round; they are not joined.
    var visualOrder: [Piece] {
        var ordered: [Piece] = []
        var run: [Piece] = []
        for piece in pieces {
            if piece.character.isWrittenFromTheRight {
                run.append(piece)
            } else {
                ordered += run.reversed() + [piece]
                run = []
            }
        }
        return ordered + run.reversed()
    }
}

/// The fonts that one text needs: mostly one, which is asked first.
private struct Fonts {
    private var found: [SystemFont] = []
    private var missing: Set<Unicode.Scalar> = []

    mutating func font(for text: String) -> (SystemFont, advance: Double)? {
        guard let first = text.unicodeScalars.first, !missing.contains(first) else { return nil }
        for font in found { if let advance = font.advance(text) { return (font, advance) } }
        if let font = SystemFont(having: first), let advance = font.advance(text) {
            found.append(font)
            return (font, advance)
        }
        missing.insert(first)
        return nil
    }
}

extension Character {
    /// Hebrew, Arabic and their relatives.
    fileprivate var isWrittenFromTheRight: Bool {
        guard let scalar = unicodeScalars.first?.value else { return false }
        return (0x590...0x8FF).contains(scalar) || (0xFB1D...0xFDFF).contains(scalar) || (0xFE70...0xFEFF).contains(scalar)
    }
}
