import Codetta

extension CodeReader {
    /// Codes of an audio or a token file, told apart by the name; the standard input is audio.
    func codes(of input: InputFile, audio: AudioInputOptions) throws -> [Codes] {
        if !input.path.isStandardStream, TokenFormat(fileExtension: input.path.fileExtension) != nil {
            return try codes(of: TokenFileReader(source: try input.byteSource()))
        }
        return try codes(of: try audio.open(input))
    }
}
