import Foundation
import Plots
import Testing

@Suite struct ColorTests {
    @Test func levelsGrowLighterInEvenSteps() {
        let lightness = ColorMap.level.colors.map(\.lightness)
        let steps = zip(lightness.dropFirst(), lightness).map { $0 - $1 }
        let even = (lightness[255] - lightness[0]) / 255
        #expect(lightness[0] < 0.2 && lightness[255] > 0.9)
        #expect(steps.allSatisfy { abs($0 - even) < 0.35 * even })
    }

    @Test func differencesAreEvenlyDarkOnBothSides() {
        let colors = ColorMap.difference.colors
        for i in 0..<128 { #expect(abs(colors[i].lightness - colors[255 - i].lightness) < 0.01) }
        #expect(ColorMap.difference[0].blue > ColorMap.difference[0].red)
        #expect(ColorMap.difference[1].red > ColorMap.difference[1].blue)
    }

    @Test func whatIsOutOfRangeGetsTheNearestEnd() {
        #expect(ColorMap.level[-3] == ColorMap.level[0] && ColorMap.level[7] == ColorMap.level[1])
        #expect(ColorMap.level[.nan] == ColorMap.level[0] && ColorMap.level[.infinity] == ColorMap.level[1])
    }

    @Test func oklabLightnessIsRight() {
        #expect(abs(Color(gray: 1).lightness - 1) < 1e-6 && Color(gray: 0).lightness < 1e-6)
        #expect(abs(Color(red: 1, green: 0, blue: 0).lightness - 0.62796) < 1e-4)
        #expect(Color(red: 1, green: 0, blue: 0.5).hexadecimal == "#ff0080")
    }
}

@Suite struct AxisTests {
    @Test(arguments: [
        (Axis(0...1, label: ""), 5, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
        (Axis(0...12000, label: "", notation: .kilohertz), 6, ["0", "2", "4", "6", "8", "10", "12"]),
        (Axis(-100...0, label: ""), 5, ["−100", "−80", "−60", "−40", "−20", "0"]),
        (Axis(0...3600, label: "", notation: .time), 6, ["0:00", "10:00", "20:00", "30:00", "40:00", "50:00", "1:00:00"]),
        (Axis(1.31...6.9, label: "", scale: .logarithmic), 4, ["1.5", "3", "6"]),
        (Axis(0...24000, label: "", scale: .mel, notation: .kilohertz), 4, ["0", "0.8", "3", "8", "20"]),
    ])
    func ticksAreRound(axis: Axis, count: Int, texts: [String]) {
        let ticks = axis.ticks(count)
        #expect(ticks.map(\.text) == texts)
        for tick in ticks { #expect((-1e-9...1 + 1e-9).contains(axis.fraction(tick.value))) }
    }

    @Test(arguments: [Axis.Scale.linear, .logarithmic, .mel])
    func valuesAndFractionsAreInverse(scale: Axis.Scale) {
        let axis = Axis(20...8000, label: "", scale: scale)
        for value in [20.0, 100, 1000, 8000] { #expect(abs(axis.value(at: axis.fraction(value)) - value) < 1e-6) }
    }

    @Test func aRangeWithoutExtentCanBeDrawn() {
        for value in [0.0, 3, -3] {
            let axis = Axis(value...value, label: "")
            #expect(axis.fraction(value).isFinite && !axis.ticks(5).isEmpty)
        }
    }
}

@Suite struct ChartTests {
    private let chart = RateDistortionChart(
        title: "STOI", label: "STOI",
        curves: [
            .init(name: "a <b>", points: [.init(rate: 1.5, value: 0.6, interval: 0.5...0.7), .init(rate: 6, value: 0.8)], style: 0),
            .init(name: "empty", points: [.init(rate: .nan, value: 1)], style: 1),
        ])

    @Test func markupHasCurvesIntervalsAndEscapedNames() {
        let painter = MarkupPainter(width: 600, height: 400, label: "STOI over \"bitrate\"")
        chart.draw(on: painter)
        #expect(painter.markup.hasPrefix("<svg") && painter.markup.hasSuffix("</svg>"))
        #expect(painter.markup.contains("a &lt;b&gt;") && !painter.markup.contains("a <b>"))
        #expect(painter.markup.contains("&quot;bitrate&quot;") && painter.markup.contains("var(--series-0)"))
        #expect(!painter.markup.contains("nan"))
        #expect(painter.markup.contains("Bitrate (kb/s)"))
    }

    @Test func aPictureShowsTheCurve() throws {
        let image = try PNGImage(try chart.render(format: .png))
        let color = SeriesColors.color(0)
        let inked = (0..<image.height).reduce(0) { sum, y in
            sum + (100..<700).count { image.isNear(image[$0, y], color) }
        }
        #expect(inked > 500)
        let empty = RateDistortionChart(title: "", label: "", curves: [])
        #expect(throws: PlotError.self) { try empty.render(format: .png) }
    }

    @Test func escapedTextHasNoMarkup() {
        #expect(Markup.escape("<a href='x'>\"&\u{7}") == "&lt;a href=&#39;x&#39;&gt;&quot;&amp;\\x07")
    }

    @Test func textIsDrawnWithoutFonts() throws {
        let painter = try CairoPainter(width: 400, height: 120, format: .png)
        painter.text("Hamburg 0123 ∞", at: Point(20, 80), size: 32)
        let image = try PNGImage(try painter.finish())
        let dark = (0..<120).reduce(0) { sum, y in sum + (0..<400).count { image[$0, y].0 < 100 } }
        #expect(dark > 800)
    }
}
