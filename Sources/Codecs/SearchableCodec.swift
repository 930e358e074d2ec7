import Quantizers

/// A codec whose codes all come from one quantizer that can be told how to search for them.
///
/// Conforming is all that a codec does for `searching(_:)`: its encoders take the quantizer as it is.
public protocol SearchableCodec: Codec {
    associatedtype CodeQuantizer: SearchableQuantizer
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
}

extension SearchableCodec {
    fileprivate func withSearch(_ search: CodeSearch) -> any Codec {
        var codec = self
        codec.quantizer.search = search
        return codec
    }
}
