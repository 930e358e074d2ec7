/// Pixels for a part of a picture.
public struct PixelImage: Sendable, Equatable {
    /// Pixels across.
    public let width: Int
    /// Pixels from top to bottom.
    public let height: Int
    /// Row after row from the top, four bytes a pixel as Cairo's RGB24 has them in a native-endian word.
    var words: [UInt32]

    /// Asks `color` for each pixel: column from the left, row from the top.
    public init(width: Int, height: Int, color: (_ column: Int, _ row: Int) -> Color) {
        self.width = width
        self.height = height
        words = []
        words.reserveCapacity(width * height)
        for row in 0..<height {
            for column in 0..<width { words.append(Self.word(color(column, row))) }
        }
    }

    /// `map`'s colours for `fractions` in 0…1, row after row from the top; there must be width × height of them.
    public init(width: Int, height: Int, fractions: [Float], map: ColorMap) {
        precondition(fractions.count == width * height, "fractions do not fill width × height")
        self.width = width
        self.height = height
        let table = map.colors.map(Self.word)
        words = fractions.map { table[ColorMap.index(Double($0))] }
    }

    private static func word(_ color: Color) -> UInt32 {
        color.bytes.reduce(0) { $0 << 8 | UInt32($1) }
    }
}
