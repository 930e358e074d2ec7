import Quantizers
import Tokens

/// A codec whose codes all come from one quantizer that can be told how to search for them.
///
/// Conforming is all that a codec does for `searching(_:)`: its encoders take the quantizer as it is.
public protocol SearchableCodec: Codec {
    /// What codes the latents.
    associatedtype CodeQuantizer: SearchableQuantizer
    /// Latents to codes and back.
    var quantizer: CodeQuantizer { get set }
}

extension Codec {
    /// The same codec with encoders that search for codes in this way. Decoders and files stay as they are.
    /// - Throws: `CodecError.searchUnsupported` for any search but the greedy one if the codec has no residual quantizer.
    public func searching(_ search: CodeSearch) throws(CodecError) -> any Codec {
        guard let searchable = self as? any SearchableCodec else {
            if search == .greedy { return self }
            throw .searchUnsupported(model: description.name, search: search.description)
        }
        return searchable.withSearch(search)
    }

    /// How the codec's encoders search for codes.
    public var search: CodeSearch { (self as? any SearchableCodec)?.quantizer.search ?? .greedy }

    /// A search of codes for the latents of one track, by what they leave and what they cost, if that is how this codec searches.
    /// - Throws: `CodecError.codebookCount`, `CodecError.searchUnsupported` for a codec that codes in segments, and what `makeEncoder` throws.
    public func makeRateSearch(codebooks: Int, rates: any CodeRates) throws -> RateSearch? {
        try requireCodebooks(codebooks)
        guard search.rateWeight != nil, let searchable = self as? any SearchableCodec else { return nil }
        guard let encoder = try makeEncoder(codebooks: codebooks) as? any LatentEncoder, encoder.givesQuantizedLatents else {
            throw CodecError.searchUnsupported(model: description.name, search: search.description)
        }
        return searchable.rateSearch(codebooks: codebooks, rates: rates)
    }
}

extension SearchableCodec {
    fileprivate func rateSearch(codebooks: Int, rates: any CodeRates) -> RateSearch {
        RateSearch(quantizer, codebooks: codebooks, rates: rates)
    }

    fileprivate func withSearch(_ search: CodeSearch) -> any Codec {
        var codec = self
        codec.quantizer.search = search
        return codec
    }
}
