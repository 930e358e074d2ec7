import CCodetta
import Codetta
import Kernels
import Metrics
import Platform

/// What is measured, as C asks for it.
private struct MeasureSettings {
    let measures: Set<Measure>?
    let maximumLag: Double
    let cancel: CancelFlag

    private static let delays = -Double.infinity...10

    /// - Throws: `ArgumentError` for options that make no sense.
    init(_ pointer: UnsafePointer<codetta_measure_options>?) throws {
        let options = try Argument.options(pointer, "options", codetta_measure_options())
        measures = try options.measures.map {
            let names = try Argument.text($0, "options: measures")
            return try Measure.named(names)
        }
        guard Self.delays.contains(options.max_delay) else { throw ArgumentError("options", "max_delay is \(options.max_delay) s") }
        maximumLag = options.max_delay == 0 ? 0.25 : max(0, options.max_delay)
        cancel = CancelFlag(options.cancel)
    }

    /// The comparison's document.
    func run(_ reference: RepeatableAudio, _ degraded: RepeatableAudio) throws -> UnsafeMutablePointer<CChar> {
        try cancel.check()
        let report = try Comparison.run(
            reference: reference, degraded: degraded, maximumLag: maximumLag,
            measures: measures ?? Measure.standard(sampleRate: reference.sampleRate), progress: { _ in try cancel.check() })
        return try HandedOut.json(ComparisonDocument(degradedSampleRate: degraded.sampleRate, reconstruction: report))
    }
}

/// What `codetta evaluate` prints of two recordings.
private struct ComparisonDocument: Encodable {
    var schema = Comparison.schema
    let degradedSampleRate: Int
    let reconstruction: ReconstructionReport
}

extension Measure {
    /// The measures of these names, separated by commas, in any letter case; "all" is every one.
    fileprivate static func named(_ names: String) throws -> Set<Measure> {
        if names == "all" { return Set(allCases) }
        return try Set(
            names.split(separator: ",", omittingEmptySubsequences: false).map { name in
                guard let measure = allCases.first(where: { $0.rawValue.lowercased() == name.lowercased() }) else {
                    throw ArgumentError("options", "there is no measure \"\(name)\"; known are \(allCases.map(\.rawValue).joined(separator: ", ")), and all")
                }
                return measure
            })
    }
}

@c @implementation
package func codetta_measure(
    _ reference: UnsafePointer<codetta_audio>?, _ reference_rate: Int32, _ degraded: UnsafePointer<codetta_audio>?,
    _ degraded_rate: Int32, _ options: UnsafePointer<codetta_measure_options>?,
    _ json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> codetta_status {
    call {
        let json = try Argument.output(json, "json", empty: nil)
        let (a, b) = (try AudioArray(reference, "reference"), try AudioArray(degraded, "degraded"))
        let rates = (try Argument.sampleRate(reference_rate, "reference_rate"), try Argument.sampleRate(degraded_rate, "degraded_rate"))
        let settings = try MeasureSettings(options)
        json.pointee = try settings.run(
            RepeatableAudio(try a.wholeBlock(), sampleRate: rates.0), RepeatableAudio(try b.wholeBlock(), sampleRate: rates.1))
    }
}

@c @implementation
package func codetta_measure_files(
    _ reference: UnsafePointer<CChar>?, _ degraded: UnsafePointer<CChar>?, _ options: UnsafePointer<codetta_measure_options>?,
    _ json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> codetta_status {
    call {
        let json = try Argument.output(json, "json", empty: nil)
        let paths = (try Argument.path(reference, "reference"), try Argument.path(degraded, "degraded"))
        let settings = try MeasureSettings(options)
        let original = try naming(paths.0.description) { try RepeatableAudio(paths.0) }
        json.pointee = try naming(paths.1.description) { try settings.run(original, try RepeatableAudio(paths.1)) }
    }
}
