import ArgumentParser
import Codetta

/// `codetta lm`
struct LMVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lm",
        abstract: "Measure a token language model: how well it predicts tokens, and how fast it generates them.",
        discussion: """
              codetta lm score talk.wav
              codetta lm benchmark --lm ./my-lm
            """,
        subcommands: [LMScoreVerb.self, LMBenchmarkVerb.self])
}
