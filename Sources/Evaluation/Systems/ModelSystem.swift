import Codetta

/// A neural codec of this toolkit at one number of codebooks or bitrate.
public struct ModelSystem: CodingSystem {
    /// What results say of the model.
    public let description: EvaluatedSystem
    private let model: Model
    private let choice: CodebookChoice
    private let loss: PacketLoss?
    private let entropy: EntropyMode
    private let entropyModel: EntropyModel?

    /// - Parameters:
    ///   - name: what to call the codec in results; a search other than the greedy one and an entropy mode are added to it.
    ///   - entropy: how files code the codes.
    ///   - loss: packets that are lost between encoder and decoder.
    ///   - kind: `.peer` for a published codec that is there to compare with.
    /// - Throws: `PipelineError.codebooks` or `.bitrate` for what the model cannot do with one track, `.noEntropyModel` or
    ///   `.unpricedSearch`, `CodecError.searchUnsupported`.
    public init(
        _ model: Model, name: String? = nil, choice: CodebookChoice, search: CodeSearch = .greedy,
        entropy: EntropyMode = .none, loss: PacketLoss? = nil, kind: EvaluatedSystem.Kind = .model
    ) throws {
        let model = try model.searching(search)
        self.model = model
        self.choice = choice
        self.loss = loss
        if search.rateWeight != nil && entropy == .none { throw PipelineError.unpricedSearch("\(search)") }
        self.entropy = entropy
        entropyModel = try model.entropyModel(for: entropy)
        let codec = model.codec.description
        let codebooks = try choice.resolve(codec, tracks: 1)
        let layout = codec.layout.prefix(codebooks)
        let notes = [search == .greedy ? nil : "\(search)", entropy == .none ? nil : entropy.name, loss.map { "\($0)" }]
        let name = (name ?? codec.name) + notes.compactMap { $0 }.map { " (\($0))" }.joined()
        let setting = Self.setting(choice, layout)
        description = EvaluatedSystem(
            id: "\(name)@\(setting)", name: name, kind: kind, setting: setting, nominalRate: layout.nominalBitrate / 1000,
            parameters: [
                "model": codec.name, "modelType": codec.modelType, "weights": "\(try model.weights)",
                "codebooks": "\(codebooks)", "frameRate": "\(layout.frameRate)",
                "search": "\(search)", "entropy": entropy.name,
            ].merging(loss.map { ["loss": "\($0)", "lossSeed": "\($0.seed)"] } ?? [:]) { first, _ in first }, sampleRate: codec.sampleRate, parameterCount: codec.parameterCount)
    }

    private static func setting(_ choice: CodebookChoice, _ layout: CodeLayout) -> String {
        switch choice {
        case .bitrate(let rate): return rateText(rate / 1000)
        case .count(let count): return "\(count) codebook\(count == 1 ? "" : "s")"
        case .all: return rateText(layout.nominalBitrate / 1000)
        }
    }

    /// Encodes and decodes a clip, and times both.
    /// - Throws: `PipelineError`, `CodecError`, `AudioError`.
    public func code(_ clip: Clip) throws -> CodedClip {
        let clock = ContinuousClock()
        let original = OriginalAudio(
            sampleRate: clip.sampleRate, channels: clip.audio.channelCount, sampleCount: clip.audio.sampleCount)
        var encoder = try AudioEncoder(model: model, original: original, choice: choice, entropy: entropy)
        var pieces: [[Codes]] = []
        let encoding = try clock.measure {
            try encoder.encode(clip.audio, upTo: Self.blockSize) { pieces.append($0) }
        }
        var decoder = try AudioDecoder(model: model, header: encoder.header)
        var decoded = AudioBlock(channelCount: decoder.channelCount)
        let decoding = try clock.measure {
            decoded = try decoder.decode(received(pieces, encoder.header), total: clip.audio.sampleCount)
        }
        let file = try file(pieces, encoder.header, samples: clip.audio.sampleCount)
        let use = Self.use(pieces.joined(), encoder.header.layout)
        return CodedClip(
            decoded: decoded, rates: Self.rates(use, encoder.header, file, seconds: clip.seconds),
            codebooks: use, encodeSeconds: encoding / .seconds(1), decodeSeconds: decoding / .seconds(1), mayLag: false,
            tokens: file.bytes)
    }

    /// What the decoder gets. Losses take whole superframes, which pieces need not be.
    private func received(_ pieces: [[Codes]], _ header: TokenHeader) -> [[Codes]] {
        guard let loss, var whole = pieces.first else { return pieces }
        for piece in pieces.dropFirst() { whole.append(tracks: piece) }
        var channel = PacketLossChannel(loss, header: header)
        return [channel.transmit(whole)]
    }

    /// Samples per channel that are coded at once.
    private static let blockSize = 1 << 14

    private func file(_ pieces: [[Codes]], _ header: TokenHeader, samples: Int) throws -> (bytes: [UInt8], payload: Int) {
        let sink = MemorySink()
        let writer = try ContainerWriter(header: header, sink: sink, entropyModel: entropyModel)
        for tracks in pieces { try writer.write(tracks) }
        try writer.finish(samples: samples)
        return (sink.bytes, writer.payloadByteCount)
    }

    private static func use(_ codes: some Sequence<Codes>, _ layout: CodeLayout) -> [CodeCounts] {
        var counts = CodeCounts.counters(layout)
        for part in codes { counts.push(part) }
        return counts
    }

    private static func rates(
        _ use: [CodeCounts], _ header: TokenHeader, _ file: (bytes: [UInt8], payload: Int), seconds: Double
    ) -> ItemRates {
        let packed = zip(use, header.layout.codebooks).reduce(0) { $0 + $1.0.total * $1.1.bits }
        let payload = header.entropy == .none ? packed : 8 * file.payload
        let entropy = use.reduce(0) { $0 + $1.entropy * Double($1.total) }
        return ItemRates(
            nominal: header.nominalBitrate / 1000, payload: Double(payload) / 1000 / seconds,
            file: Double(8 * file.bytes.count) / 1000 / seconds, entropy: entropy / 1000 / seconds)
    }
}

/// kb/s with at most three decimals.
func rateText(_ rate: Double) -> String {
    let rounded = (rate * 1000).rounded() / 1000
    return rounded == rounded.rounded() && rounded.magnitude < 1e15 ? "\(Int(rounded))" : "\(rounded)"
}
