import Platform
import Testing

@Suite struct PlainTextTests {
    @Test func whatATerminalObeysIsSpelledOut() {
        #expect("a\nb\u{1B}[31m\u{7F}".escapingControls == "a\\x0Ab\\x1B[31m\\x7F")
        #expect("\r\n\u{2028}\u{202E}\u{85}".escapingControls == "\\x0D\\x0A\\u{2028}\\u{202E}\\x85")
        #expect("naïve – 音声".escapingControls == "naïve – 音声")
        #expect("".escapingControls.isEmpty)
        #expect("\u{61C}\u{200E}\u{200F}\u{2069}\u{200D}".escapingControls == "\\u{61C}\\u{200E}\\u{200F}\\u{2069}\u{200D}")
    }

    @Test func jsonSaysTheSameWithoutWhatATerminalObeys() {
        #expect("{\n\t\"a\u{7F}\": \"\u{202E}\u{85}é\"\n}".escapingControlsOfJSON == "{\n\t\"a\\u007F\": \"\\u202E\\u0085é\"\n}")
    }

    @Test func scalarsAreReplacedUnderTheirAccents() {
        #expect("a&\u{301}&".replacing { $0 == "&" ? "<and>" : nil } == "a<and>\u{301}<and>")
    }
}
