import Codetta

/// One thread's work: a row after the other, with the current clip at hand.
struct Worker {
    /// What became of one row.
    struct Outcome {
        var item: EvaluatedDataset.Item
        var score: ItemScore
        var codebooks: [CodeCounts] = []
    }

    let evaluator: Evaluator
    /// Where decoded audio goes; nil for nowhere.
    let audio: PathName?
    private var current: (file: Int, clip: Result<Clip, any Error>)?

    init(evaluator: Evaluator, audio: PathName?) {
        self.evaluator = evaluator
        self.audio = audio
    }

    mutating func work(_ row: Row) -> Outcome {
        let file = evaluator.files[row.file]
        let system = evaluator.systems[row.system]
        var item = EvaluatedDataset.Item(id: file.id, path: file.path.documentText)
        let clip: Clip
        do {
            clip = try load(row.file)
        } catch {
            item.failure = "\(error)"
            return Outcome(
                item: item, score: ItemScore(item: file.id, system: system.description.id, failure: item.failure))
        }
        item.seconds = clip.seconds
        item.sampleRate = clip.sampleRate
        item.channels = clip.audio.channelCount
        do {
            let (score, codebooks) = try evaluate(clip, file, system)
            return Outcome(item: item, score: score, codebooks: codebooks)
        } catch {
            return Outcome(item: item, score: ItemScore(item: file.id, system: system.description.id, failure: "\(error)"))
        }
    }

    private mutating func load(_ number: Int) throws -> Clip {
        if let current, current.file == number { return try current.clip.get() }
        // The old clip goes before the new one comes.
        current = nil
        let settings = evaluator.settings
        let clip = Result { try Clip(evaluator.files[number].path, downmix: settings.downmix) }
        current = (number, clip)
        return try clip.get()
    }

    private func evaluate(
        _ clip: Clip, _ file: Evaluator.File, _ system: any CodingSystem
    ) throws -> (ItemScore, [CodeCounts]) {
        let coded = try system.code(clip)
        let aligned = try Alignment(coded, to: clip, maximumDelay: evaluator.settings.maximumDelay)
        let report = try ReconstructionReport.measure(
            reference: clip.audio, degraded: aligned.audio, sampleRate: clip.sampleRate,
            measures: evaluator.measures.map(Set.init) ?? Measure.standard(sampleRate: clip.sampleRate), speakers: clip.speakers)
        let measures = (evaluator.measures ?? Measure.allCases).map { ($0.rawValue, report.overall[$0].worded) }
        let kept = try keep(aligned.audio, coded.tokens, clip, file, system)
        let score = ItemScore(
            item: file.id, system: system.description.id, rates: coded.rates, delay: aligned.delay,
            measures: Dictionary(uniqueKeysWithValues: measures), codebooks: coded.codebooks.map(\.use),
            encodeSeconds: coded.encodeSeconds, decodeSeconds: coded.decodeSeconds, audio: kept.audio, tokens: kept.tokens)
        return (score, coded.codebooks)
    }

    private func keep(
        _ decoded: AudioBlock, _ tokens: [UInt8]?, _ clip: Clip, _ file: Evaluator.File, _ system: any CodingSystem
    ) throws -> (audio: String?, tokens: String?) {
        guard let paths = evaluator.kept(in: audio, item: file.id, system: system.description.id) else { return (nil, nil) }
        try Clip(audio: decoded, sampleRate: clip.sampleRate).write(to: paths.audio)
        guard let tokens else { return (paths.audio.documentText, nil) }
        let output = try OutputFile(paths.tokens, overwrite: true)
        try tokens.withUnsafeBytes { try output.write($0) }
        try output.commit()
        return (paths.audio.documentText, paths.tokens.documentText)
    }
}
