import ArgumentParser

/// `codetta`
struct Root: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "codetta",
        abstract: "Turn audio into discrete tokens and back, and measure what that costs and keeps.",
        discussion: """
              codetta encode talk.wav          talk.codetta: tokens of the default model
              codetta decode talk.codetta      talk.wav: same rate, same length
              codetta roundtrip talk.wav       what the tokens cost and keep

            '-' is the standard input or output. Results and --json go to the standard output, all else to the standard error. \
            NO_COLOR turns colour off. Shell completions: codetta --generate-completion-script bash|zsh|fish.

            Exit status: 0 success, 64 wrong usage, 65 bad data, 66 no such input, 73 output exists or cannot be made, \
            74 input/output error, 78 bad model config, 141 the reader of the output went away, 1 failures of several kinds in a batch.
            """,
        version: "0.1.0",
        subcommands: [
            EncodeVerb.self, DecodeVerb.self, ConvertVerb.self, RoundtripVerb.self, EvaluateVerb.self, InfoVerb.self, VerifyVerb.self,
            ReportVerb.self, PlotVerb.self, ModelsVerb.self, QuantizerVerb.self, BenchmarkVerb.self, GenerateVerb.self,
            LMVerb.self,
        ])
}
