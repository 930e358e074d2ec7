import Codetta

/// Judges outputs of an earlier run.
enum Resume {
    /// The header of a token file that a strict reading accepts; nil when it does not.
    static func soundHeader(_ path: PathName, entropyModels: EntropyModels) throws -> TokenHeader? {
        do {
            let input = try InputFile(path)
            let reader = try TokenFileReader(source: try input.byteSource(), entropyModels: entropyModels)
            while try reader.next() != nil {}
            return reader.header
        } catch let error as TokenStreamError where error.kind == .badData {
            return nil
        }
    }

    /// Whether a `.npy` or `.dac` file holds codes. It names no codec to compare.
    static func isSoundArray(_ path: PathName) throws -> Bool {
        do {
            return [.npy, .dac].contains(try TokenFileReader(source: try InputFile(path).byteSource()).format)
        } catch let error as TokenStreamError where error.kind == .badData {
            return false
        }
    }

    /// What a file was made with, when `encoder` would make it otherwise.
    static func difference(_ header: TokenHeader, _ encoder: FileEncoder) throws -> String? {
        let codec = encoder.model.description
        if try header.modelType != codec.modelType || !encoder.model.hasWeights(header.weights) {
            return "another model (\(header.codecName))"
        }
        // A choice that does not fit this file's tracks fails when the file is encoded; it is not a difference.
        let codebooks = try encoder.choice.resolve(codec, tracks: header.trackCount)
        let found = header.layout.codebooks.count
        if found != codebooks { return Format.count(found, "codebook") }
        return header.entropy == encoder.entropy || encoder.format != .codetta ? nil : "entropy mode \(header.entropy.name)"
    }

    /// Whether an audio file is whole and has the length and form that `header` asks for.
    static func isSoundAudio(_ path: PathName, _ header: TokenHeader, samples: Int) -> Bool {
        guard let input = try? InputFile(path),
            let reader = try? input.audioReader(),
            reader.sampleRate == header.original.sampleRate
        else { return false }
        while let block = try? reader.read(upTo: 1 << 16) {
            if block.isEmpty { return reader.samplesRead == samples }
        }
        return false
    }
}
