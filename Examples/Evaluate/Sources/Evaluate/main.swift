// How close is one recording to another? Evaluate REFERENCE DEGRADED
import Codetta
import Foundation

guard CommandLine.arguments.count == 3 else {
    print("usage: Evaluate REFERENCE DEGRADED")
    exit(64)
}
let (reference, degraded) = (PathName(CommandLine.arguments[1]), PathName(CommandLine.arguments[2]))
let report = try Comparison.run(
    reference: RepeatableAudio(reference), degraded: RepeatableAudio(degraded), maximumLag: 0.5)
for measure in Measure.allCases {
    guard case .value(let number) = report.overall[measure] else { continue }
    print("\(measure.definition.title): \(String(format: "%.3f", number)) \(measure.definition.unit)")
}
