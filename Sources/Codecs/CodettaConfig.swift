/// The `config.json` of the `codetta` family, with the field names that Tools/train writes.
public struct CodettaConfig: Decodable, Sendable, Equatable {
    public var sampling_rate: Int
    /// Samples a frame; the lapped transform's window is two hops.
    public var hop_length: Int
    /// `mdct`, the family's lapped transform.
    public var transform: String
    public var hidden_size: Int
    /// Channels inside a block, as a multiple of `hidden_size`.
    public var expansion: Int
    public var kernel_size: Int
    public var encoder_layers: Int
    public var decoder_layers: Int
    /// Frames that the decoder's first convolution sees ahead.
    public var decoder_lookahead: Int
    /// Log band energies beside the compressed coefficients.
    public var num_bands: Int
    public var codebook_dim: Int
    public var num_codebooks: Int
    public var codebook_size: Int
    public var noise_filling: Bool
    /// Below this a coefficient is nearly linear, above it a square root.
    public var compression: Float

    /// Algorithmic latency in samples: the two hops of the window and the decoder's lookahead.
    public var latency: Int { hop_length * (2 + decoder_lookahead) }

    /// Refuses values that no model of the family has, before anything is sized by them.
    /// - Throws: `CodecError.invalidConfig` naming the field.
    public func validate(file: String) throws(CodecError) {
        let ranges: [(String, Int, ClosedRange<Int>)] = [
            ("sampling_rate", sampling_rate, 1000...384_000),
            ("hop_length", hop_length, 2...65_536),
            ("hidden_size", hidden_size, 1...8192),
            ("expansion", expansion, 1...16),
            ("kernel_size", kernel_size, 1...255),
            ("encoder_layers", encoder_layers, 0...128),
            ("decoder_layers", decoder_layers, 0...128),
            ("decoder_lookahead", decoder_lookahead, 0...16),
            ("num_bands", num_bands, 1...1024),
            ("codebook_dim", codebook_dim, 1...8192),
            ("num_codebooks", num_codebooks, 1...256),
            ("codebook_size", codebook_size, 2...65_536),
        ]
        for (field, value, range) in ranges where !range.contains(value) {
            throw .invalidConfig(
                field: field, reason: "is \(value), expected \(range.lowerBound)...\(range.upperBound)", file: file)
        }
        if hop_length % 2 != 0 {
            throw .invalidConfig(field: "hop_length", reason: "is \(hop_length), expected an even number", file: file)
        }
        if num_bands > hop_length {
            throw .invalidConfig(field: "num_bands", reason: "is \(num_bands), over hop_length \(hop_length)", file: file)
        }
        if transform != "mdct" {
            throw .invalidConfig(field: "transform", reason: "is \"\(transform)\", expected \"mdct\"", file: file)
        }
        if !(compression > 0 && compression <= 1) {
            throw .invalidConfig(field: "compression", reason: "is \(compression), expected above 0 and at most 1", file: file)
        }
    }
}
