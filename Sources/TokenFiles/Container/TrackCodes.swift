import Tokens

extension [Codes] {
    /// No codes of any track that `header` announces.
    package init(noneOf header: TokenHeader) {
        self.init(repeating: Codes(codebooks: header.layout.codebooks.count), count: header.trackCount)
    }

    /// Adds the next codes of each track.
    package mutating func append(tracks more: [Codes]) {
        for (track, codes) in more.enumerated() { self[track].append(codes) }
    }
}
