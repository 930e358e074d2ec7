import ArgumentParser

/// `codetta`
struct Root: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "codetta",
        abstract: "Turn audio into discrete tokens and back. Measure what that costs and what it keeps.",
        discussion: """
              codetta encode talk.wav          writes talk.codetta, the tokens
              codetta decode talk.codetta      writes talk.wav: same rate, same length
              codetta roundtrip talk.wav       shows the bitrate and the quality

            '-' stands for the standard input or output. Results and --json go to the standard output, everything else goes to the \
            standard error. Set NO_COLOR to turn colour off. For shell completions, run \
            'codetta --generate-completion-script' with bash, zsh or fish.

            Exit status: 0 success, 64 wrong usage, 65 bad data, 66 no such input, 73 the output exists or cannot be created, \
            74 input/output error, 78 bad model config, 141 the reader of the output went away, 1 a batch failed in several ways.
            """,
        version: "0.1.0",
        subcommands: [
            EncodeVerb.self, DecodeVerb.self, ConvertVerb.self, CutVerb.self, JoinVerb.self, TagVerb.self, RoundtripVerb.self, EvaluateVerb.self, InfoVerb.self, VerifyVerb.self,
            ReportVerb.self, PlotVerb.self, ModelsVerb.self, QuantizerVerb.self, BenchmarkVerb.self, GenerateVerb.self,
            LMVerb.self,
        ])
}
