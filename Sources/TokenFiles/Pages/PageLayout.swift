import Tokens

/// How a file of edition 2 cuts its frames into packets and pages. Where it does so stands in the file, so that readers need not know.
public struct PageLayout: Sendable, Hashable, Codable {
    /// What a file is for.
    public enum Preset: String, CaseIterable, Sendable, Codable {
        /// Few bytes: pages of 2 to 8 s, each one packet.
        case archive
        /// Little lost with a page and little waited for: packets of about 20 ms (100 ms where they are range-coded), pages of half a second.
        case stream
    }

    /// Base frames of a packet, the least that is decoded at once: a multiple of the superframe.
    public var framesPerPacket: Int
    /// Base frames of a page, the least that is read and checked at once: a multiple of `framesPerPacket`.
    public var framesPerPage: Int
    /// Pages from one fresh model to the next in entropy modes `adaptive` and `lm`: what a seek decodes, and damage can cost, at most.
    public var pagesPerModel: Int
    /// Pages from one entry of the index to the next; in entropy modes `adaptive` and `lm` rounded up to pages with fresh models.
    public var pagesPerEntry: Int

    /// Nothing is checked before the header's `validate()`.
    public init(framesPerPacket: Int, framesPerPage: Int, pagesPerModel: Int, pagesPerEntry: Int) {
        self.framesPerPacket = framesPerPacket
        self.framesPerPage = framesPerPage
        self.pagesPerModel = pagesPerModel
        self.pagesPerEntry = pagesPerEntry
    }

    /// The preset that cuts codes of this kind into packets so, nil for none. A file shows the packets alone.
    static func preset(framesPerPacket: Int, layout: CodeLayout, trackCount: Int, entropy: EntropyMode) -> Preset? {
        Preset.allCases.first {
            PageLayout($0, layout: layout, trackCount: trackCount, entropy: entropy).framesPerPacket == framesPerPacket
        }
    }

    /// The layout of `preset` for codes of this kind.
    public init(_ preset: Preset, layout: CodeLayout, trackCount: Int, entropy: EntropyMode) {
        switch preset {
        case .archive:
            // Also for what fits no page, which `validate()` then says. A page and its entry cost up to 18 bytes: at most 2 % of its codes.
            let frames = TokenHeader.framesPerPiece(layout, trackCount: trackCount, bytes: 1024)
            self.init(framesPerPacket: frames, framesPerPage: frames, pagesPerModel: 32, pagesPerEntry: 1)
        case .stream:
            let superframe = layout.superframe
            func superframes(_ seconds: Double) -> Int {
                guard superframe <= FormatLimits.framesPerChunk, layout.hopLength > 0, layout.sampleRate > 0 else { return 1 }
                let most = Double(TokenHeader.defaultFramesPerChunk(layout, trackCount: trackCount) / superframe)
                return max(1, Int(min(seconds * layout.frameRate / Double(superframe), most).rounded()))
            }
            let packet = superframes(entropy == .none ? 0.02 : 0.1)
            let packets = max(1, superframes(0.5) / packet)
            self.init(
                framesPerPacket: packet * superframe, framesPerPage: packets * packet * superframe, pagesPerModel: 4, pagesPerEntry: 8)
        }
    }
}
