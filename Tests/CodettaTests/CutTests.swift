import Codetta
import Platform
import TestSupport
import Testing

/// A part of a recording decodes to the samples that the whole gives there, bit for bit, whether it is cut out, joined again or decoded in part.
@Suite struct CutTests {
    /// How a file is made.
    struct Form: Sendable, CustomStringConvertible {
        var rate: Int
        var channels = 1
        var entropy = EntropyMode.none
        var preset = PageLayout.Preset.archive
        var knowsLength = true

        var description: String { "\(rate) Hz, \(channels) channels, \(entropy.name), \(preset.rawValue), length \(knowsLength)" }

        static let all = [24_000, 44_100, 16_000].flatMap { rate in
            [EntropyMode.none, .adaptive].flatMap { entropy in
                PageLayout.Preset.allCases.map { preset in
                    Form(rate: rate, channels: preset == .stream ? 2 : 1, entropy: entropy, preset: preset, knowsLength: entropy == .none)
                }
            }
        }
    }

    private let model: Model

    init() throws { model = try tinyModel() }

    /// A token file of tones, and what it decodes to.
    private func file(_ form: Form, samples: Int) throws -> (bytes: [UInt8], audio: AudioBlock) {
        var document = try model.encode(tones(samples, channels: form.channels), sampleRate: form.rate)
        document.header.entropy = form.entropy
        document.header.page(by: form.preset)
        if !form.knowsLength { document.header.original.sampleCount = nil }
        let sink = MemorySink()
        try document.write(to: sink)
        return (sink.bytes, try decode(sink.bytes))
    }

    /// All recordings of a file, or a part of their audio.
    private func decode(_ bytes: [UInt8], _ span: TimeSpan? = nil, isPipe: Bool = false) throws -> AudioBlock {
        let reader = try self.reader(bytes, isPipe: isPipe)
        if let span { try reader.select(span, context: model.description.decodingContext) }
        var audio: AudioBlock?
        repeat {
            var decoder = try AudioDecoder(model: model, header: try #require(reader.header))
            audio = audio ?? AudioBlock(channelCount: decoder.channelCount)
            while let codes = try reader.next() { audio?.append(try decoder.push(codes)) }
            audio?.append(try decoder.finish(total: try #require(reader.samples)))
        } while try reader.nextRecording()
        return try #require(audio)
    }

    private func reader(_ bytes: [UInt8], isPipe: Bool = false) throws -> TokenFileReader {
        guard isPipe else { return try TokenFileReader(source: MemorySource(bytes)) }
        let source = MemorySource(bytes)
        return try TokenFileReader(source: ClosureSource { source.read(into: $0) })
    }

    private func cut(_ bytes: [UInt8], _ span: TimeSpan, preset: PageLayout.Preset? = nil, isPipe: Bool = false) throws -> [UInt8] {
        var conversion = TokenConversion(to: .codetta, entropy: nil)
        (conversion.span, conversion.preset) = (span, preset)
        let sink = MemorySink()
        _ = try conversion.convert(try reader(bytes, isPipe: isPipe), to: sink)
        return sink.bytes
    }

    private func join(_ files: [[UInt8]]) throws -> [UInt8] {
        let sink = MemorySink()
        let join = TokenJoin(to: sink)
        for file in files { try join.add(try reader(file)) }
        return sink.bytes
    }

    private func span(_ range: Range<Int>, _ rate: Int) throws -> TimeSpan {
        try #require(TimeSpan(from: Double(range.lowerBound) / Double(rate), to: Double(range.upperBound) / Double(rate)))
    }

    /// A part that may be short, long, at the beginning or at the end.
    private func part(of count: Int, using random: inout SplitMix64) -> Range<Int> {
        let length = [1, 100, 5000, count].randomElement(using: &random)!
        let start = [0, max(0, count - length), Int.random(in: 0..<count, using: &random)].randomElement(using: &random)!
        return start..<min(count, start + Int.random(in: 1...length, using: &random))
    }

    @Test(arguments: Form.all)
    func partsAreThoseOfTheWhole(form: Form) throws {
        var random = SplitMix64(seed: UInt64(form.rate) + UInt64(form.channels))
        let length = 31_234 + Int.random(in: 0..<500, using: &random)
        let whole = try file(form, samples: length)
        #expect(whole.audio.sampleCount == length)
        for round in 0..<16 {
            let range = part(of: length, using: &random)
            let span = try span(range, form.rate)
            let expected = whole.audio.slice(range)
            let isPipe = round % 4 == 3
            #expect(try decode(whole.bytes, span, isPipe: isPipe) == expected, "decoded \(range)")
            let cut = try cut(whole.bytes, span, preset: round % 3 == 0 ? .stream : nil, isPipe: isPipe)
            #expect(try decode(cut) == expected, "cut \(range)")
            // A part of the part.
            let inner = part(of: range.count, using: &random)
            #expect(try decode(try self.cut(cut, try self.span(inner, form.rate))) == expected.slice(inner), "cut \(range), then \(inner)")
        }
    }

    @Test(arguments: Form.all)
    func partsThatAdjoinGiveTheWholeAgain(form: Form) throws {
        var random = SplitMix64(seed: UInt64(form.rate))
        let length = 20_011
        let whole = try file(form, samples: length)
        for _ in 0..<6 {
            let places = ([0, length] + (0..<2).map { _ in Int.random(in: 1..<length, using: &random) }).sorted()
            let parts = try zip(places, places.dropFirst()).filter { $0 < $1 }.map { try cut(whole.bytes, try span($0..<$1, form.rate)) }
            let joined = try join(parts)
            #expect(try decode(joined) == whole.audio, "joined at \(places)")
            // Concatenated bytes are a chain as well.
            #expect(try decode(parts.flatMap { $0 }, isPipe: true) == whole.audio, "one behind the other at \(places)")
            // A part across the joint, and one of the last recording alone.
            for range in [part(of: length, using: &random), max(1, places[1] - 50)..<min(length, places[1] + 50), length - 5..<length] {
                #expect(try decode(joined, try span(range, form.rate)) == whole.audio.slice(range), "\(range) of what was joined at \(places)")
                let cut = try cut(joined, try span(range, form.rate))
                #expect(try decode(cut) == whole.audio.slice(range), "\(range) cut from what was joined at \(places)")
            }
        }
    }

    @Test func thePartsOfACodecThatLooksAtAllDecodeAlike() throws {
        // Where nobody says how far the codec looks, all before and after is kept.
        let whole = try file(Form(rate: 24_000), samples: 9_000)
        let reader = try reader(whole.bytes)
        var document = try EncodedAudio(source: MemorySource(whole.bytes))
        document.header.paging?.context = nil
        let sink = MemorySink()
        try document.write(to: sink)
        let cut = try cut(sink.bytes, try span(4_000..<5_000, 24_000))
        #expect(try decode(cut) == whole.audio.slice(4_000..<5_000))
        #expect(cut.count > sink.bytes.count / 2)
        #expect(reader.header?.paging?.context != nil)
    }

    @Test func partsBehindTheEndAreRefused() throws {
        let whole = try file(Form(rate: 24_000), samples: 9_000)
        for isPipe in [false, true] {
            for (from, to) in [(9_000, 9_001), (20_000, 30_000)] {
                #expect(throws: TokenStreamError.self) { try cut(whole.bytes, try span(from..<to, 24_000), isPipe: isPipe) }
                #expect(throws: TokenStreamError.self) { try decode(whole.bytes, try span(from..<to, 24_000), isPipe: isPipe) }
            }
            // One that begins before it ends there.
            #expect(try decode(whole.bytes, try span(8_000..<30_000, 24_000), isPipe: isPipe) == whole.audio.slice(8_000..<9_000))
        }
    }

    @Test func recordingsOfOtherFormsAreNotJoined() throws {
        let one = try file(Form(rate: 24_000), samples: 900)
        let files = [try file(Form(rate: 16_000), samples: 900), try file(Form(rate: 24_000, channels: 2), samples: 900)]
        for other in files {
            #expect(throws: PipelineError.self) { try join([one.bytes, other.bytes]) }
        }
    }

    @Test func theBundledModelsFilesAreCutInEveryMode() throws {
        let model = try Model(contentsOf: PackageFolder.url.appendingPathComponent("Models/codetta-24k"))
        let clip = try AudioReader(path: PackageFolder.url.appendingPathComponent("Samples/speech-en.wav").path)
        let audio = try clip.read(upTo: 3 * clip.sampleRate)
        let document = try model.encode(audio, sampleRate: clip.sampleRate, bitrate: .count(6))
        var random = SplitMix64(seed: 5)
        for entropy in [EntropyMode.none, .adaptive, .lm] {
            for preset in PageLayout.Preset.allCases {
                var header = document.header
                header.entropy = entropy
                header.page(by: preset)
                let entropyModel = entropy == .lm ? try model.entropyModel(for: .lm) : nil
                header.entropyModel = entropyModel?.name
                let sink = MemorySink()
                let writer = try TokenFileWriter(.codetta, header: header, sink: sink, entropyModel: entropyModel)
                try writer.write(document.tracks)
                try writer.finish(samples: document.samples)
                let tests = CutTests(model: model)
                let whole = try tests.decode(sink.bytes)
                for _ in 0..<3 {
                    let range = part(of: audio.sampleCount, using: &random)
                    let span = try span(range, clip.sampleRate)
                    #expect(try tests.decode(sink.bytes, span) == whole.slice(range), "\(range), \(entropy.name), \(preset.rawValue)")
                    #expect(try tests.decode(try tests.cut(sink.bytes, span)) == whole.slice(range), "cut \(range), \(entropy.name), \(preset.rawValue)")
                }
            }
        }
    }

    private init(model: Model) { self.model = model }
}
