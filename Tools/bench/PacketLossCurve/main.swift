// Quality over lost packets, as Docs/reliability.md shows it:
//
//     swift run -c release PacketLossCurve FOLDER CLIPS OUT
//
// puts the first CLIPS recordings of FOLDER through codetta-24k at 6 kb/s with 0 to 30 % of the packets lost, at random and in
// bursts, prints a table in Markdown and draws one curve a measure into OUT/loss-MEASURE.svg.
import Codetta
import Evaluation
import Foundation
import Plots

let measures: [Measure] = [.pesqWideband, .stoi, .visqolSpeech]

/// The model with losses whose seed is the clip's length, so that clips do not all lose the same packets.
struct LossySystem: CodingSystem {
    let model: Model
    let pattern: String
    let description: EvaluatedSystem

    init(_ model: Model, _ pattern: String) throws {
        self.model = model
        self.pattern = pattern
        description = try ModelSystem(model, choice: .all, loss: PacketLoss(pattern)).description
    }

    func code(_ clip: Clip) throws -> CodedClip {
        try ModelSystem(model, choice: .all, loss: PacketLoss(pattern, seed: UInt64(clip.audio.sampleCount))).code(clip)
    }
}

/// One pattern of losses: what to call it and how to ask for it.
struct Pattern {
    let name: String
    let prefix: String
}

let patterns = [Pattern(name: "random", prefix: "random"), Pattern(name: "bursts of 4", prefix: "bursty")]
let percents = [0, 5, 10, 20, 30]

func curves(_ results: EvaluationResults, _ measure: Measure, _ ids: [String: [String]]) -> [RateDistortionChart.Curve] {
    patterns.enumerated().map { style, pattern in
        let points = zip(percents, ids[pattern.prefix] ?? []).compactMap { percent, id -> RateDistortionChart.Point? in
            let summary = results.summaries.first { $0.system == id }?.measures.first { $0.measure == measure.rawValue }
            return summary?.mean.map { mean in
                .init(rate: Double(percent), value: mean, interval: summary?.interval.map { $0.low...$0.high })
            }
        }
        return .init(name: pattern.name, points: points, style: style)
    }
}

func main(folder: String, clips: Int, output: String) throws {
    let model = try Model.load("codetta-24k")
    var systems: [any CodingSystem] = []
    var ids: [String: [String]] = [:]
    for pattern in patterns {
        for percent in percents {
            let system = try LossySystem(model, "\(pattern.prefix):\(percent)")
            systems.append(system)
            ids[pattern.prefix, default: []].append(system.description.id)
        }
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { !$0.hasPrefix(".") }.sorted()
    let files = names.prefix(clips).map { Evaluator.File(id: $0, path: PathName(folder).appending(PathName($0))) }
    let results = try Evaluator(
        producer: "PacketLossCurve", name: "packet loss", files: Array(files), systems: systems, measures: measures
    ).run()
    print(MarkdownTable(results).text)
    for measure in measures {
        let title = results.measures.first { $0.name == measure.rawValue }?.title ?? measure.rawValue
        let chart = RateDistortionChart(
            title: "", label: title, rateLabel: "Packets lost (%)", curves: curves(results, measure, ids))
        let picture = try chart.render(width: 640, height: 420, format: .svg)
        try Data(picture).write(to: URL(fileURLWithPath: output).appendingPathComponent("loss-\(measure.rawValue).svg"))
    }
}

let arguments = CommandLine.arguments
guard arguments.count == 4, let clips = Int(arguments[2]) else {
    FileHandle.standardError.write(Data("usage: PacketLossCurve FOLDER CLIPS OUT\n".utf8))
    exit(64)
}
try main(folder: arguments[1], clips: clips, output: arguments[3])
