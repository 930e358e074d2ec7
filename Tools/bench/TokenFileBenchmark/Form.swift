import Codetta
import Platform

/// One way to write a token file.
struct Form {
    let name: String
    /// Nil for edition 1.
    let preset: PageLayout.Preset?
    let entropy: EntropyMode

    static let all = [EntropyMode.none, .adaptive, .lm].flatMap { entropy in
        [Form(name: "1", preset: nil, entropy: entropy)]
            + PageLayout.Preset.allCases.map { Form(name: "2, \($0.rawValue)", preset: $0, entropy: entropy) }
    }
}

struct Written {
    var bytes: [UInt8]
    /// Bytes of the codes alone.
    var payload: Int
}

func write(_ document: EncodedAudio, _ form: Form, _ model: Model) throws -> Written {
    var header = document.header
    (header.entropy, header.entropyModel, header.paging) = (form.entropy, nil, nil)
    header.weights = try model.weights
    header.framesPerChunk = TokenHeader.defaultFramesPerChunk(header.layout, trackCount: header.trackCount)
    let entropyModel = try model.entropyModel(for: form.entropy)
    if form.entropy == .lm { header.entropyModel = entropyModel?.name }
    if let preset = form.preset {
        header.page(by: preset)
        header.paging?.context = document.header.paging?.context
        header.paging?.tailFrames = document.header.paging?.tailFrames
    }
    let sink = MemorySink()
    let writer = try ContainerWriter(header: header, sink: sink, entropyModel: entropyModel)
    try writer.write(document.tracks)
    try writer.finish(samples: document.samples)
    return Written(bytes: sink.bytes, payload: writer.payloadByteCount)
}
