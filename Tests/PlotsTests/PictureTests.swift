import Foundation
import Kernels
import Plots
import TestSupport
import Testing
import Tokens

private func tone(_ hertz: Double, rate: Int, seconds: Double, amplitude: Double = 1) -> AudioBlock {
    AudioBlock(mono: sine(hertz, rate: rate, samples: Int(seconds * Double(rate)), amplitude: amplitude))
}

private func spectrogram(_ audio: AudioBlock, rate: Int, columns: Int = 2048, piece: Int = 1000) throws -> Spectrogram {
    var reducer = try SpectrogramReducer(sampleRate: rate, channelCount: audio.channelCount, maximumColumns: columns)
    for start in stride(from: 0, to: audio.sampleCount, by: piece) {
        try reducer.push(audio.slice(start..<min(start + piece, audio.sampleCount)))
    }
    return try reducer.finish()
}

@Suite struct SpectrogramTests {
    private let linear = Axis(0...8000, label: "", notation: .kilohertz)

    @Test(arguments: [(1000.0, 70), (4000, 40), (7500, 5)])
    func aToneLiesInItsRow(hertz: Double, row: Int) throws {
        let levels = try spectrogram(tone(hertz, rate: 16000, seconds: 1), rate: 16000).levels(width: 50, height: 80, frequency: linear)
        let column = (0..<80).map { levels[$0 * 50 + 25] }
        let loudest = try #require(column.indices.max { column[$0] < column[$1] })
        #expect(abs(loudest - row) <= 1)
        #expect(abs(column[loudest]) < 1.5, "a full-scale sine is at 0 dB")
        #expect(column[(row + 30) % 80] < -60)
    }

    @Test func theMelScaleGivesLowFrequenciesMoreRoom() throws {
        let mel = Axis(0...8000, label: "", scale: .mel)
        let levels = try spectrogram(tone(1000, rate: 16000, seconds: 1), rate: 16000).levels(width: 10, height: 100, frequency: mel)
        let column = (0..<100).map { levels[$0 * 10 + 5] }
        let loudest = try #require(column.indices.max { column[$0] < column[$1] })
        // 1000 Hz is 1000 mel of 2840.
        #expect(abs(loudest - 64) <= 1)
    }

    @Test func aToneThatStopsIsSilentAfterwards() throws {
        var audio = tone(2000, rate: 16000, seconds: 1)
        audio.append(AudioBlock(mono: [Float](repeating: 0, count: 16000)))
        let levels = try spectrogram(audio, rate: 16000).levels(width: 40, height: 80, frequency: linear)
        #expect(levels[60 * 40 + 10] > -3)
        #expect((0..<80).allSatisfy { levels[$0 * 40 + 30] == Spectrogram.silence })
    }

    @Test func anyCutGivesTheSamePicture() throws {
        let audio = tone(440, rate: 8000, seconds: 3)
        let whole = try spectrogram(audio, rate: 8000, columns: 100, piece: audio.sampleCount)
        let cut = try spectrogram(audio, rate: 8000, columns: 100, piece: 77)
        #expect(whole.power == cut.power && whole.samplesPerColumn == cut.samplesPerColumn)
    }

    @Test func longAudioIsReducedToABoundedNumberOfColumns() throws {
        let long = try spectrogram(tone(440, rate: 8000, seconds: 60), rate: 8000, columns: 64)
        #expect(long.power.count / long.bins < 128)
        let levels = long.levels(width: 60, height: 40, frequency: Axis(0...4000, label: ""))
        #expect((0..<60).allSatisfy { levels[35 * 60 + $0] > -3 }, "the tone fills the whole width")
        #expect(abs(long.duration - 60) < 1e-9)
    }

    @Test func noSamplesAreRefused() {
        #expect(throws: PlotError.self) { try spectrogram(AudioBlock(channelCount: 1), rate: 8000) }
    }

    @Test func theChannelsPowerIsAveraged() throws {
        let mono = tone(1000, rate: 16000, seconds: 1).channels[0]
        let half = AudioBlock(channels: [mono, [Float](repeating: 0, count: mono.count)])
        let levels = try spectrogram(half, rate: 16000).levels(width: 10, height: 80, frequency: linear)
        #expect(abs(levels[70 * 10 + 5] + 3) < 1.5)
    }
}

@Suite struct SpectrogramPictureTests {
    @Test func silenceHasTheLowestColourAndAToneTheHighest() throws {
        var audio = tone(2000, rate: 16000, seconds: 1)
        audio.append(AudioBlock(mono: [Float](repeating: 0, count: 16000)))
        let bytes = try SpectrogramPicture(width: 600, height: 300).render(
            try spectrogram(audio, rate: 16000), title: "tone", format: .png)
        let image = try PNGImage(bytes)
        #expect(image.width == 600 && image.height == 300)
        #expect(image.isNear(image[450, 100], ColorMap.level[0]))
        let rows = (40..<250).filter { image.isNear(image[150, $0], ColorMap.level[1], by: 12) }
        // 2 of 8 kHz: three quarters down the area, which spans rows 32 to 254.
        #expect(!rows.isEmpty && rows.allSatisfy { abs($0 - 198) < 4 }, "\(rows)")
    }

    @Test func equalSignalsDifferNowhereAndALouderOneIsRed() throws {
        let quiet = try spectrogram(tone(2000, rate: 16000, seconds: 1, amplitude: 0.1), rate: 16000)
        let loud = try spectrogram(tone(2000, rate: 16000, seconds: 1), rate: 16000)
        let picture = SpectrogramPicture(width: 400, height: 300)
        let same = try PNGImage(try picture.renderDifference(reference: quiet, degraded: quiet, title: "", format: .png))
        #expect(same.isNear(same[200, 100], ColorMap.difference[0.5]))
        #expect(same.isNear(same[200, 195], ColorMap.difference[0.5]))
        let other = try PNGImage(try picture.renderDifference(reference: quiet, degraded: loud, title: "", format: .png))
        let reddest = (20..<250).map { Int(other[200, $0].0) - Int(other[200, $0].2) }.max() ?? 0
        #expect(reddest > 60)
    }

    @Test func svgIsMarkupWithTheSizeInPixels() throws {
        let bytes = try SpectrogramPicture(width: 400, height: 300).render(
            try spectrogram(tone(500, rate: 8000, seconds: 1), rate: 8000), title: "a<b>&c", format: .svg)
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.contains("<svg") && text.contains("width=\"400px\"") && text.contains("image/png"))
    }

    @Test func impossibleSizesAreRefused() throws {
        let sound = try spectrogram(tone(500, rate: 8000, seconds: 0.1), rate: 8000)
        for (width, height) in [(0, 300), (300, -1), (300, 1 << 20), (Int.max, 300)] {
            let error = #expect(throws: PlotError.self) {
                try SpectrogramPicture(width: width, height: height).render(sound, title: "", format: .png)
            }
            #expect(error?.description.contains("\n") == false)
        }
    }
}

@Suite struct WaveformTests {
    @Test func extremesAndEnergySurviveTheReduction() throws {
        var audio = [Float](repeating: 0.25, count: 100_000)
        audio[54_321] = -0.9
        audio[77_777] = 0.8
        var reducer = WaveformReducer(sampleRate: 8000, channelCount: 1, maximumStretches: 100)
        for start in stride(from: 0, to: audio.count, by: 7001) {
            try reducer.push(AudioBlock(mono: Array(audio[start..<min(start + 7001, audio.count)])))
        }
        try reducer.finish()
        let stretches = reducer.channels[0]
        #expect(stretches.count < 200)
        #expect(stretches[54_321 / reducer.stretchLength].lowest == -0.9)
        #expect(stretches[77_777 / reducer.stretchLength].highest == 0.8)
        let energy = stretches.reduce(0) { $0 + $1.energy }
        #expect(abs(energy - (99_998 * 0.0625 + 0.81 + 0.64)) < 1e-3)
    }

    @Test func aLoudHalfIsTallerThanAQuietOne() throws {
        var reducer = WaveformReducer(sampleRate: 8000, channelCount: 1)
        try reducer.push(tone(100, rate: 8000, seconds: 1))
        try reducer.push(tone(100, rate: 8000, seconds: 1, amplitude: 0.1))
        try reducer.finish()
        let image = try PNGImage(try WaveformPicture(width: 500, height: 300).render(reducer, title: "", format: .png))
        func inked(_ x: Int) -> Int { (20..<250).count { Int(image[x, $0].2) > Int(image[x, $0].0) + 40 } }
        #expect(inked(150) > 4 * inked(400) && inked(400) > 5)
    }

    @Test func manyChannelsGetLanesUpToALimit() throws {
        var reducer = WaveformReducer(sampleRate: 8000, channelCount: 20)
        try reducer.push(AudioBlock(channels: Array(repeating: [0, 0.5, -0.5], count: 20)))
        try reducer.finish()
        #expect(try !WaveformPicture().render(reducer, title: "x", format: .png).isEmpty)
        let empty = WaveformReducer(sampleRate: 8000, channelCount: 1)
        #expect(throws: PlotError.self) { try WaveformPicture().render(empty, title: "", format: .png) }
    }
}

@Suite struct TokenPictureTests {
    private let layout = CodeLayout(
        codebooks: [.init(size: 16, stride: 2), .init(size: 16)], hopLength: 100, sampleRate: 1000)

    @Test func codesAreColouredByRowAndTime() throws {
        var map = try TokenMapReducer(layout: layout, trackCount: 1)
        map.push([Codes(streams: [[0, 15], [15, 15, 0, 0]])])
        #expect(map.frameCount == 4 && map.rowCount == 2)
        let image = try PNGImage(try TokenMapPicture(width: 400, height: 300).render(map, title: "", format: .png))
        #expect(image.isNear(image[100, 60], ColorMap.level[0]) && image.isNear(image[250, 60], ColorMap.level[1]))
        #expect(image.isNear(image[100, 200], ColorMap.level[1]) && image.isNear(image[250, 200], ColorMap.level[0]))
    }

    @Test func anyNumberOfFramesStaysDrawable() throws {
        var map = try TokenMapReducer(layout: layout, trackCount: 2)
        for _ in 0..<50 {
            let track = Codes(streams: [[Int32](repeating: 3, count: 1000), [Int32](repeating: 5, count: 2000)])
            map.push([track, track])
        }
        #expect(map.frameCount == 100_000 && map.rowCount == 4)
        #expect(try !TokenMapPicture().render(map, title: "", format: .svg).isEmpty)
    }

    @Test func countsKnowUseAndEntropy() throws {
        var counts = CodeCounts.counters(CodeLayout(uniform: 2, size: 4, hopLength: 1, sampleRate: 1))
        counts.push(Codes(streams: [[0, 1, 2, 3], [2, 2, 2, 2]]))
        counts.push(Codes(streams: [[0, 1, 2, 3], [2, 2, 9, -1]]))
        #expect(counts[0].ranked == [2, 2, 2, 2] && counts[0].entropy == 2)
        #expect(counts[1].used == 1 && counts[1].entropy == 0)
        #expect(try !HistogramPicture().render(counts, title: "", format: .png).isEmpty)
    }

    @Test func hugeCodebooksAreCountedInGroups() {
        let layout = CodeLayout(uniform: 2, size: 1 << 31, hopLength: 1, sampleRate: 1)
        var counts = CodeCounts.counters(layout, budget: HistogramPicture.countBudget)
        counts.push(Codes(streams: [[Int32.max, 0], [7, 7]]))
        #expect(counts.allSatisfy { $0.groupCount <= 1 << 21 && $0.total == 2 })
        #expect(counts[0].used == 2)
    }

    @Test func nothingIsRefused() throws {
        #expect(throws: PlotError.self) { try TokenMapReducer(layout: layout, trackCount: 0) }
        let empty = try TokenMapReducer(layout: layout, trackCount: 1)
        #expect(throws: PlotError.self) { try TokenMapPicture().render(empty, title: "", format: .png) }
        #expect(throws: PlotError.self) { try HistogramPicture().render([], title: "", format: .png) }
    }
}
