import Kernels
import Platform

/// Reduces audio of any length to the extremes and the power of stretches of it while it is read.
public struct WaveformReducer: Sendable {
    /// One stretch of one channel.
    public struct Stretch: Sendable, Hashable {
        /// The lowest sample.
        public var lowest: Float
        /// The highest sample.
        public var highest: Float
        /// Sum of squares.
        public var energy: Double

        /// The stretch made of this one and the next.
        func joined(_ next: Stretch) -> Stretch {
            Stretch(lowest: min(lowest, next.lowest), highest: max(highest, next.highest), energy: energy + next.energy)
        }
    }

    /// Hz.
    public let sampleRate: Int
    /// Samples of a full stretch.
    public private(set) var stretchLength = 1
    /// Samples per channel so far.
    public private(set) var sampleCount = 0
    /// One array per channel.
    public private(set) var channels: [[Stretch]]

    private let limit: Int
    private var pending: [Stretch?]
    private var pendingLength = 0
    private var end = StreamEnd("waveform")

    /// - Parameter maximumStretches: once twice as many are there, neighbours merge.
    public init(sampleRate: Int, channelCount: Int, maximumStretches: Int = 8192) {
        self.sampleRate = sampleRate
        limit = 2 * max(1, maximumStretches)
        channels = Array(repeating: [], count: channelCount)
        pending = Array(repeating: nil, count: channelCount)
    }

    /// Seconds.
    public var duration: Double { Double(sampleCount) / Double(sampleRate) }

    /// Adds the next samples; as many channels as announced.
    /// - Throws: `UsedAfterEnd` after `finish()`.
    public mutating func push(_ block: AudioBlock) throws(UsedAfterEnd) {
        try end.requireOpen()
        for i in 0..<block.sampleCount {
            for c in channels.indices {
                let sample = block.frames[i, c]
                let one = Stretch(lowest: sample, highest: sample, energy: Double(sample) * Double(sample))
                pending[c] = pending[c]?.joined(one) ?? one
            }
            pendingLength += 1
            if pendingLength == stretchLength { flush() }
        }
        sampleCount += block.sampleCount
    }

    /// Ends the last stretch.
    /// - Throws: `UsedAfterEnd` when called again.
    public mutating func finish() throws(UsedAfterEnd) {
        try end.reach()
        flush()
    }

    private mutating func flush() {
        guard pendingLength > 0 else { return }
        for c in channels.indices {
            if let stretch = pending[c] { channels[c].append(stretch) }
            pending[c] = nil
        }
        pendingLength = 0
        guard channels.first?.count ?? 0 >= limit else { return }
        channels = channels.map { stretches in
            stride(from: 0, to: stretches.count - 1, by: 2).map { stretches[$0].joined(stretches[$0 + 1]) }
        }
        stretchLength *= 2
    }
}

/// A picture of waveforms: one lane per channel, the extremes pale and the effective value strong.
public struct WaveformPicture: Sendable {
    /// Pixels.
    public var width: Int
    /// Pixels from top to bottom.
    public var height: Int
    /// Lanes at most; further channels are left out, which the title says.
    public static let maximumLanes = 8

    /// A picture of this many pixels.
    public init(width: Int = 1200, height: Int = 360) { (self.width, self.height) = (width, height) }

    /// - Parameter start: seconds that the time axis begins with.
    /// - Throws: `PlotError.nothing` without samples, `.size` or `.drawing`.
    public func render(
        _ waveform: WaveformReducer, title: String, start: Double = 0, format: PictureFormat
    ) throws(PlotError) -> [UInt8] {
        guard waveform.sampleCount > 0 else { throw .nothing(what: "the audio has no samples") }
        let painter = try CairoPainter(width: width, height: height, format: format)
        let shown = waveform.channels.prefix(Self.maximumLanes)
        let rest = waveform.channels.count - shown.count
        let whole = PlotFrame.area(in: Rectangle(x: 0, y: 0, width: painter.width, height: painter.height), hasTitle: true)
        let peak = shown.joined().reduce(Float(0)) { max($0, abs($1.lowest), abs($1.highest)) }
        let limit = max(1, Double(peak.isFinite ? peak : 1))
        let duration = waveform.duration
        let time = Axis(start...start + duration, label: duration > 120 ? "Time (min:s)" : "Time (s)", notation: .time)
        for (lane, stretches) in shown.enumerated() {
            let height = whole.height / Double(shown.count)
            let area = Rectangle(x: whole.x, y: whole.y + Double(lane) * height, width: whole.width, height: height)
            let amplitude = Axis(-limit...limit, label: "")
            let frame = PlotFrame(area: area, x: time, y: amplitude)
            draw(stretches, of: waveform, start, frame, painter)
        }
        let note = rest > 0 ? "\(title) (\(rest) more channels)" : title
        let isSingle = shown.count == 1
        let label = isSingle ? "Amplitude" : "\(shown.count) channels, ±\(decimal(limit, 2)) each"
        PlotFrame(area: whole, x: time, y: Axis(-limit...limit, label: label), hasRowTicks: isSingle)
            .draw(on: painter, title: note, hasGrid: false)
        return try painter.finish()
    }

    private func draw(
        _ stretches: [WaveformReducer.Stretch], of waveform: WaveformReducer, _ start: Double, _ frame: PlotFrame,
        _ painter: CairoPainter
    ) {
        let length = waveform.stretchLength
        painter.line(frame.place(start, 0), frame.place(start + waveform.duration, 0), .grid)
        let times = stretches.indices.map { start + (Double($0 * length) + Double(length) / 2) / Double(waveform.sampleRate) }
        if length == 1 && stretches.count < 2 * Int(frame.area.width) {
            return painter.stroke(zip(times, stretches).map { frame.place($0, Double($1.highest)) }, width: 1, .series(0))
        }
        let top = zip(times, stretches).map { frame.place($0, Double($1.highest)) }
        let bottom = zip(times, stretches).map { frame.place($0, Double($1.lowest)) }
        painter.fill(top + bottom.reversed(), .series(0), opacity: 0.45)
        painter.stroke(top, width: 0.5, .series(0))
        painter.stroke(bottom, width: 0.5, .series(0))
        let last = waveform.sampleCount - (stretches.count - 1) * length
        let effective = stretches.enumerated().map { index, stretch in
            (stretch.energy / Double(index == stretches.count - 1 ? last : length)).squareRoot()
        }
        let upper = zip(times, effective).map { frame.place($0, $1) }
        let lower = zip(times, effective).map { frame.place($0, -$1) }
        painter.fill(upper + lower.reversed(), .series(0), opacity: 1)
    }
}
