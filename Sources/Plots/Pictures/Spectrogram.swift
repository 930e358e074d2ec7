import Kernels
import Platform
import Spectral

/// Reduces audio of any length to a spectrogram of bounded size while it is read: when there are too many columns, neighbours
/// are merged by averaging their power.
public struct SpectrogramReducer: Sendable {
    /// Hz.
    public let sampleRate: Int
    private let maximumColumns: Int
    private let fftSize: Int
    private let scale: Float
    private var analyses: [STFTAnalysis]
    private var samples = 0
    private var columns: MergingColumns
    private var end = StreamEnd("spectrogram")

    /// - Parameters:
    ///   - sampleRate: Hz; frames take about 40 ms.
    ///   - maximumColumns: once twice as many are there, neighbours merge.
    /// - Throws: `SpectralError` when there can be no transform.
    public init(sampleRate: Int, channelCount: Int, maximumColumns: Int = 2048) throws {
        self.sampleRate = sampleRate
        self.maximumColumns = max(1, maximumColumns)
        fftSize = [256, 512, 1024, 2048, 4096, 8192].first { $0 * 25 >= sampleRate } ?? 16384
        let stft = try STFT(fftSize: fftSize, hopLength: fftSize / 8, padding: .center(.zero))
        // A full-scale sine has amplitude 1 and so 0 dB: its peak bin holds half the window's sum.
        scale = pow(2 / stft.window.reduce(0, +), 2) / Float(max(1, channelCount))
        analyses = Array(repeating: STFTAnalysis(stft), count: channelCount)
        columns = MergingColumns(height: stft.bins, limit: 2 * self.maximumColumns)
    }

    /// Adds the next samples; as many channels as announced.
    /// - Throws: `UsedAfterEnd` after `finish()`.
    public mutating func push(_ block: AudioBlock) throws(UsedAfterEnd) {
        try end.requireOpen()
        for start in stride(from: 0, to: block.sampleCount, by: 8192) {
            let piece = block.slice(start..<min(start + 8192, block.sampleCount))
            add(analyses.indices.map { analyses[$0].advance(piece.channel($0)) })
        }
        samples += block.sampleCount
    }

    /// The spectrogram of everything that was pushed.
    /// - Throws: `PlotError.nothing` without samples; `UsedAfterEnd` when called again.
    public mutating func finish() throws -> Spectrogram {
        try end.reach()
        guard samples > 0 else { throw PlotError.nothing(what: "the audio has no samples") }
        var last: [Spectrum] = []
        for c in analyses.indices { last.append(try analyses[c].complete()) }
        add(last)
        columns.flush()
        return Spectrogram(
            sampleRate: sampleRate, sampleCount: samples, samplesPerColumn: fftSize / 8 * columns.merged,
            bins: columns.height, power: columns.values)
    }

    /// Averages the channels' power.
    private mutating func add(_ spectra: [Spectrum]) {
        guard let first = spectra.first else { return }
        for t in 0..<first.count {
            var column = [Float](repeating: 0, count: first.bins)
            for spectrum in spectra {
                let base = t * spectrum.bins * 2
                for k in column.indices {
                    let (re, im) = (spectrum.values[base + 2 * k], spectrum.values[base + 2 * k + 1])
                    column[k] += (re * re + im * im) * scale
                }
            }
            columns.append(column)
        }
    }
}

/// Columns of equal height; past a limit, pairs become their mean and later columns are averaged by twice as many.
struct MergingColumns: Sendable {
    let height: Int
    private let limit: Int
    /// Columns pushed for each one kept.
    private(set) var merged = 1
    /// Kept columns one after another.
    private(set) var values: [Float] = []
    private var sum: [Float]
    private var pending = 0

    init(height: Int, limit: Int) {
        self.height = height
        self.limit = limit
        sum = [Float](repeating: 0, count: height)
    }

    mutating func append(_ column: [Float]) {
        for k in 0..<height { sum[k] += column[k] }
        pending += 1
        if pending == merged { flush() }
        if values.count >= limit * height { mergePairs() }
    }

    /// Ends a column that is not full.
    mutating func flush() {
        guard pending > 0 else { return }
        let scale = 1 / Float(pending)
        values.append(contentsOf: sum.map { $0 * scale })
        for k in 0..<height { sum[k] = 0 }
        pending = 0
    }

    private mutating func mergePairs() {
        let pairs = values.count / height / 2
        for pair in 0..<pairs {
            for k in 0..<height {
                values[pair * height + k] = (values[2 * pair * height + k] + values[(2 * pair + 1) * height + k]) / 2
            }
        }
        values.removeLast(values.count - pairs * height)
        merged *= 2
    }
}

/// Power over time and frequency, `[columns, bins]`; a full-scale sine has power 1.
public struct Spectrogram: Sendable {
    /// Hz.
    public let sampleRate: Int
    /// Samples per channel.
    public let sampleCount: Int
    /// Time between columns; column t is centred on the samples from t · samplesPerColumn.
    public let samplesPerColumn: Int
    /// From 0 Hz to half the sample rate.
    public let bins: Int
    /// `[columns, bins]`.
    public let power: [Float]

    /// Seconds.
    public var duration: Double { Double(sampleCount) / Double(sampleRate) }

    /// No level is below this one, in dB: it stands for silence.
    public static let silence: Float = -160

    /// Levels in dB, `[rows, columns]` from the top: time from 0 to `duration` (nil: its own), frequency along `frequency`.
    /// What lies beyond the signal's end is silence. Where several bins share a row the strongest counts, so that a tone
    /// stays visible; where several columns share a pixel their mean does.
    public func levels(width: Int, height: Int, frequency: Axis, duration: Double? = nil) -> [Float] {
        var levels = [Float](repeating: Self.silence, count: width * height)
        let columns = power.count / max(bins, 1)
        let samples = (duration ?? self.duration) * Double(sampleRate) / Double(width)
        let rows = rowBins(height, frequency)
        for x in 0..<width {
            let first = Int((Double(x) * samples / Double(samplesPerColumn)).rounded())
            let last = Int((Double(x + 1) * samples / Double(samplesPerColumn)).rounded())
            guard first < columns, Double(x) * samples < Double(sampleCount) else { continue }
            let column = mean(first..<max(first + 1, min(last, columns)))
            for y in 0..<height { levels[y * width + x] = Self.level(column, rows[y]) }
        }
        return levels
    }

    private func mean(_ range: Range<Int>) -> [Float] {
        var sum = [Float](repeating: 0, count: bins)
        for t in range {
            for k in 0..<bins { sum[k] += power[t * bins + k] }
        }
        return sum.map { $0 / Float(range.count) }
    }

    /// The bins at the lower and upper edge of each row, from the top.
    private func rowBins(_ height: Int, _ frequency: Axis) -> [(low: Double, high: Double)] {
        let perBin = Double(sampleRate) / 2 / Double(max(1, bins - 1))
        return (0..<height).map { y in
            let edges = [y + 1, y].map { frequency.value(at: 1 - Double($0) / Double(height)) / perBin }
            return (edges[0], edges[1])
        }
    }

    private static func level(_ column: [Float], _ edges: (low: Double, high: Double)) -> Float {
        let top = Double(column.count - 1)
        guard edges.high >= 0, edges.low <= top else { return silence }
        let (low, high) = (max(0, edges.low), min(top, edges.high))
        let inside = Int(low.rounded(.up))...max(Int(low.rounded(.up)), Int(high.rounded(.down)))
        if high - low >= 1 { return decibels(column[inside].max() ?? 0) }
        let center = (low + high) / 2
        let below = min(Int(center), column.count - 1)
        let above = min(below + 1, column.count - 1)
        let weight = Float(center - Double(below))
        return decibels(column[below]) * (1 - weight) + decibels(column[above]) * weight
    }

    private static func decibels(_ power: Float) -> Float {
        power > 0 ? max(silence, 10 * log10(power)) : silence
    }
}
