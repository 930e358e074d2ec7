import Platform
import Testing

@Suite struct PlainTextTests {
    @Test func whatATerminalObeysIsSpelledOut() {
        #expect("a\nb\u{1B}[31m\u{7F}".escapingControls == "a\\x0Ab\\x1B[31m\\x7F")
        #expect("\r\n\u{2028}\u{202E}\u{85}".escapingControls == "\\x0D\\x0A\\u{2028}\\u{202E}\\x85")
        #expect("naïve – 音声".escapingControls == "naïve – 音声")
        #expect("".escapingControls.isEmpty)
    }
}
