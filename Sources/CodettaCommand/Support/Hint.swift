import Codetta
import Evaluation
import Hub
import Platform

/// What a user of the command can do about a failure. The library's messages state facts; the ways out are the command's.
enum Hint {
    /// `what; hint`, or what happened alone.
    static func message(_ error: any Error) -> String {
        text(error).map { "\(error); \($0)" } ?? "\(error)"
    }

    private static func text(_ error: any Error) -> String? {
        switch error {
        case let error as PipelineError: return text(error)
        case let error as AudioError: return text(error)
        case let error as TokenStreamError: return text(error)
        case let error as CodecError: return text(error)
        case let error as EvaluationError: return text(error)
        case let error as HubError: return text(error)
        default: return nil
        }
    }

    private static func text(_ error: PipelineError) -> String? {
        switch error {
        case .noEntropyModel: return "use --entropy adaptive"
        case .modelNotInstalled: return "give its folder with --model"
        case .channels: return "--downmix mixes them to one"
        case .codecMismatch: return "choose the right one with --model"
        case .weightsMismatch: return "choose the right ones with --model, or decode all the same with --ignore-weights"
        case .unnamedCodec: return "give it with --model"
        case .otherCodec: return "give the right codec with --model, or take this one for a copy with --ignore-weights"
        case .incomparable: return "convert one to compare them"
        case .unpricedSearch: return "it needs --entropy adaptive or lm"
        case .exists: return "--force replaces it"
        case .misnamed(_, _, let content): return name(for: content)
        case .isInput: return "choose another output"
        case .sameOutput: return "--keep-extension keeps them apart, as do separate output folders"
        default: return nil
        }
    }

    private static func name(for content: String) -> String? {
        switch FileContent(rawValue: content) {
        case .audio: return ".wav, .flac and .opus are"
        case .tokens: return ".codetta is"
        case .latents: return ".npy and .safetensors are"
        case .picture: return ".png and .svg are"
        case .text, nil: return nil
        }
    }

    private static func text(_ error: AudioError) -> String? {
        switch error {
        case .unsupportedOutput: return ".wav holds any audio"
        case .truncated: return "--lenient reads what is there"
        case .foreignFormat: return "--via ffmpeg reads it, or convert it first: ffmpeg -i FILE FILE.wav"
        case .missingProgram: return "install it, or convert the file elsewhere"
        case .nonFinite: return "--sanitize replaces such samples by zeros"
        case .alreadyExists: return "--force replaces it"
        default: return nil
        }
    }

    private static func text(_ error: TokenStreamError) -> String? {
        switch error {
        case .checksum: return "--lenient salvages the rest"
        case .truncated: return "--lenient salvages what is there"
        case .missingEntropyModel: return "install it, or give its folder"
        case .chained: return "'codetta cut' takes one out"
        case .otherEntropyModel(_, _, let codec): return "give the \(codec) that made the file"
        default: return nil
        }
    }

    private static func text(_ error: CodecError) -> String? {
        switch error {
        case .isVocoder: return "it goes with encode --features mel and with decode"
        case .notVocoder: return "--features mel goes with one (vocos-mel) or without a model"
        default: return nil
        }
    }

    private static func text(_ error: EvaluationError) -> String? {
        switch error {
        case .otherSettings: return "give the same, or --force to start anew"
        case .unfinished: return "--resume continues it, --force starts anew"
        case .damagedJournal: return "--force starts anew"
        default: return nil
        }
    }

    private static func text(_ error: HubError) -> String? {
        switch error {
        case .status: return "try again later"
        case .network: return "run the command again to go on from there"
        case .wrongSize, .wrongHash, .unreachable: return "run the command again"
        default: return nil
        }
    }
}
