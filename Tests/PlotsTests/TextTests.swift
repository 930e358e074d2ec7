import Plots
import Testing

/// Text in pictures: names of files come in every script.
@Suite struct TextTests {
    /// A picture of one line of text.
    private func picture(_ text: String, _ format: PictureFormat = .png) throws -> [UInt8] {
        let painter = try CairoPainter(width: 400, height: 120, format: format)
        painter.text(text, at: Point(8, 28), size: 15)
        return try painter.finish()
    }

    private func ink(_ text: String) throws -> [Bool] {
        let image = try PNGImage(picture(text))
        return (0..<image.height).flatMap { y in (0..<image.width).map { x in image[x, y].0 < 180 } }
    }

    @Test(arguments: [
        ("Grüße-测试.wav", "Grüße-测验.wav"), ("Привет.wav", "Пример.wav"), ("שלום.wav", "שלוש.wav"), ("音声.wav", "音楽.wav"),
        ("u.wav", "ü.wav"), ("i.wav", "í.wav"), ("a\u{10FFFD}.wav", "a\u{10FFFC}.wav"), ("🎤.wav", "🎧.wav"),
    ])
    func differentNamesLookDifferent(one: String, other: String) throws {
        let (a, b) = (try ink(one), try ink(other))
        #expect(a != b)
        #expect(a.count { $0 } > 40 && b.count { $0 } > 40)
        #expect(try picture(one, .svg) != picture(other, .svg))
    }

    /// Decomposed letters, as some file systems give them, are the composed ones.
    @Test func spellingsOfALetterLookAlike() throws {
        #expect(try ink("Gru\u{308}ße") == ink("Gr\u{FC}ße"))
    }

    @Test func nothingAndControlCharactersAreSane() throws {
        #expect(try !ink("").contains(true))
        #expect(try ink("a\u{0}b").contains(true))
        #expect(try ink("\u{FE0F}\u{200D}").count == 48_000)
    }
}
