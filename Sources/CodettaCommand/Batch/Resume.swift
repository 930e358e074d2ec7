import Codetta

/// Judges outputs of an earlier run by themselves, where there is no `ResumeRecord` of them.
enum Resume {
    /// The header and the samples of a token file that a strict reading accepts; nil when it does not.
    static func soundTokens(_ path: PathName, entropyModels: EntropyModels) throws -> (header: TokenHeader, samples: Int)? {
        do {
            let input = try InputFile(path)
            let reader = try TokenFileReader(source: try input.byteSource(), entropyModels: entropyModels)
            while try reader.next() != nil {}
            guard let header = reader.header, let samples = reader.samples, try !reader.nextRecording() else { return nil }
            return (header, samples)
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

    /// Whether the file that `header` introduces is of the model, the codebooks and the entropy mode of `encoder`.
    static func isMade(_ header: TokenHeader, by encoder: FileEncoder) throws -> Bool {
        let codec = encoder.model.description
        guard try header.modelType == codec.modelType && encoder.model.hasWeights(header.weights) else { return false }
        // A choice that does not fit this file's tracks fails when the file is encoded; it is not a difference.
        let codebooks = try encoder.choice.resolve(codec, tracks: header.trackCount)
        return header.layout.codebooks.count == codebooks && (header.entropy == encoder.entropy || encoder.format != .codetta)
    }

    /// Whether an audio file is whole and has the length and form that `header` asks for.
    static func isSoundAudio(_ path: PathName, _ header: TokenHeader, _ form: OutputForm, samples: Int) -> Bool {
        guard let input = try? InputFile(path),
            let reader = try? input.audioReader(),
            reader.sampleRate == header.original.sampleRate,
            form.sampleFormat == nil || form.sampleFormat == reader.format.sampleFormat
        else { return false }
        while let block = try? reader.read(upTo: 1 << 16) {
            if block.isEmpty { return reader.samplesRead == samples }
        }
        return false
    }
}
