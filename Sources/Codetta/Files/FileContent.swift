import Audio

/// What files hold, as far as the extension of their names says it.
package enum FileContent: String, CaseIterable, Sendable {
    case audio, tokens, latents
    case picture = "a picture"
    case text = "text"

    /// What a lower-case extension may stand for; empty for one that says nothing.
    package static func meant(by fileExtension: String) -> [FileContent] {
        allCases.filter { $0.isMeant(by: fileExtension) }
    }

    /// Whether a file of this lower-case extension, found in a folder, is a recording with a header.
    /// - Parameter program: what else may read files.
    package static func isRecording(_ fileExtension: String, via program: AudioReader.Program? = nil) -> Bool {
        recordings.contains(fileExtension) || program != nil && foreign.contains(fileExtension)
    }

    private func isMeant(by fileExtension: String) -> Bool {
        switch self {
        case .audio: return Self.isRecording(fileExtension, via: .ffmpeg) || ContainerFormat(fileExtension: fileExtension) != nil
        case .tokens: return TokenFormat(fileExtension: fileExtension) != nil
        case .latents: return LatentFormat(rawValue: fileExtension) != nil
        case .picture: return ["png", "svg", "jpg", "jpeg", "gif", "pdf", "webp"].contains(fileExtension)
        case .text: return ["json", "csv", "html", "htm", "md", "tex", "txt"].contains(fileExtension)
        }
    }

    private static let recordings: Set<String> = [
        "wav", "wave", "rf64", "w64", "flac", "ogg", "oga", "opus", "mp3", "mp2", "mp1", "mpa", "mpga", "aif", "aiff", "aifc", "au", "snd", "caf",
        "sph", "nist", "voc", "sf", "ircam", "sds", "avr", "8svx", "svx", "paf", "pvf", "htk",
    ]

    /// Names of audio that nothing here writes, and that another program reads.
    private static let foreign: Set<String> = [
        "m4a", "m4b", "mp4", "mov", "aac", "adts", "webm", "mka", "mkv", "wma", "asf", "amr", "awb", "3gp", "3g2", "ac3", "eac3", "dts", "ape",
        "wv", "tta", "tak", "mpc", "dsf", "dff", "spx", "gsm", "avi", "flv", "ra", "rm", "ogv",
    ]
}

extension PathName {
    /// Refuses a name that means another kind of file than is to be written. Names that mean nothing pass.
    /// - Throws: `PipelineError.misnamed`.
    package func require(_ content: FileContent) throws(PipelineError) {
        let meant = FileContent.meant(by: fileExtension)
        if let other = meant.first, !meant.contains(content) {
            throw .misnamed(fileExtension: fileExtension, means: other.rawValue, content: content.rawValue)
        }
    }
}
