/// Pictures of spectrograms, with axes and a key.
public struct SpectrogramPicture: Sendable {
    /// Pixels.
    public var width: Int
    /// Pixels from top to bottom.
    public var height: Int
    /// Levels that the colours span, in dB relative to a full-scale sine; what is fainter gets the lowest colour.
    public var levels: ClosedRange<Double>
    /// Linear or mel.
    public var scale: Axis.Scale
    /// Hz at the top; nil: half the sample rate.
    public var highest: Double?
    /// Steps that levels are rounded to, in dB; nil: as fine as the colours. Coarser steps make smaller files.
    public var step: Double?

    /// A picture of this many pixels; levels in dB, frequencies in Hz.
    public init(
        width: Int = 1200, height: Int = 480, levels: ClosedRange<Double> = -100...0, scale: Axis.Scale = .linear,
        highest: Double? = nil, step: Double? = nil
    ) {
        (self.width, self.height, self.levels, self.scale) = (width, height, levels, scale)
        (self.highest, self.step) = (highest, step)
    }

    /// The picture of `spectrogram`.
    /// - Parameters:
    ///   - start: seconds that the time axis begins with.
    ///   - duration: seconds that the picture spans; nil: the spectrogram's.
    /// - Throws: `PlotError.size` or `.drawing`.
    public func render(
        _ spectrogram: Spectrogram, title: String, start: Double = 0, duration: Double? = nil, format: PictureFormat
    ) throws(PlotError) -> [UInt8] {
        let span = duration ?? spectrogram.duration
        let key = Axis(levels, label: "Level (dB)")
        return try render(title, start: start, span: span, rate: spectrogram.sampleRate, key: key, map: .level, format) {
            spectrogram.levels(width: $0, height: $1, frequency: $2, duration: span)
        }
    }

    /// By how much `degraded` is louder than `reference`, in dB. Both are first raised to the lowest of `levels`, so that what
    /// nobody hears makes no difference.
    /// - Throws: `PlotError.size` or `.drawing`.
    public func renderDifference(
        reference: Spectrogram, degraded: Spectrogram, title: String, range: ClosedRange<Double> = -40...40,
        format: PictureFormat
    ) throws(PlotError) -> [UInt8] {
        let span = max(reference.duration, degraded.duration)
        let key = Axis(range, label: "Difference (dB)")
        let floor = Float(levels.lowerBound)
        return try render(title, start: 0, span: span, rate: reference.sampleRate, key: key, map: .difference, format) {
            let before = reference.levels(width: $0, height: $1, frequency: $2, duration: span)
            let after = degraded.levels(width: $0, height: $1, frequency: $2, duration: span)
            return zip(before, after).map { max(floor, $1) - max(floor, $0) }
        }
    }

    private func render(
        _ title: String, start: Double, span: Double, rate: Int, key: Axis, map: ColorMap, _ format: PictureFormat,
        values: (Int, Int, Axis) -> [Float]
    ) throws(PlotError) -> [UInt8] {
        let painter = try CairoPainter(width: width, height: height, format: format)
        let whole = Rectangle(x: 0, y: 0, width: painter.width, height: painter.height)
        let area = PlotFrame.area(in: whole, hasTitle: !title.isEmpty, right: PlotFrame.keyWidth)
        let frequency = Axis(0...(highest ?? Double(rate) / 2), label: "Frequency (kHz)", scale: scale, notation: .kilohertz)
        let time = Axis(start...start + span, label: span > 120 ? "Time (min:s)" : "Time (s)", notation: .time)
        let fractions = values(Int(area.width), Int(area.height), frequency).map { value in
            let rounded = step.map { (Double(value) / $0).rounded() * $0 } ?? Double(value)
            return Float(key.fraction(rounded))
        }
        let image = PixelImage(width: Int(area.width), height: Int(area.height), fractions: fractions, map: map)
        try painter.paint(image, at: Point(area.x, area.y))
        PlotFrame(area: area, x: time, y: frequency).draw(on: painter, title: title, hasGrid: false)
        try PlotFrame.drawKey(on: painter, beside: area, axis: key, map: map)
        return try painter.finish()
    }
}
