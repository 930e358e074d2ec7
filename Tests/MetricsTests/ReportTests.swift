import Foundation
import Metrics
import Testing
import Tokens

struct ReportTests {
    @Test func survivesJSON() throws {
        let (r, d) = signals(count: 900)
        let found = try report(r, d, maximumLag: 20)
        let data = try JSONEncoder().encode(found)
        #expect(try JSONDecoder().decode(ReconstructionReport.self, from: data) == found)
    }

    @Test func anOlderReportReadsAsNotMeasured() throws {
        let values = try JSONDecoder().decode(MeasureValues.self, from: Data(#"{"snr":{"value":3}}"#.utf8))
        #expect(values[.snr] == .value(3))
        #expect(values[.stoi] == .undefined(.notMeasured))
    }

    @Test func codebookUseCountsAndWeighsCodes() {
        var counts = CodeCounts.counters(CodeLayout(uniform: 2, size: 8, hopLength: 320, sampleRate: 24000))
        counts.push(Codes(streams: [[0, 1], [5, 5]]))
        counts.push(Codes(streams: [[2, 3], [5, 5]]))
        #expect(counts.map(\.use.used) == [4, 1])
        #expect(counts.map(\.use.codes) == [4, 4])
        #expect(counts.map(\.use.entropy) == [2, 0])
        #expect(counts.map(\.use.perplexity) == [4, 1])
    }

    @Test func valuesAndReasonsReadPlainlyInJSON() throws {
        func json(_ value: MetricValue) throws -> String {
            let encoder = JSONEncoder()
            encoder.outputFormatting = .sortedKeys
            return String(decoding: try encoder.encode(value), as: UTF8.self)
        }
        #expect(try json(.value(12.5)) == #"{"value":12.5}"#)
        #expect(try json(.undefined(.silentReference)) == #"{"undefined":{"silentReference":{}}}"#)
        #expect(
            try json(.undefined(.tooShort(samples: 3, needed: 1025)))
                == #"{"undefined":{"tooShort":{"needed":1025,"samples":3}}}"#)
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(MetricValue.self, from: Data("{}".utf8)) }
    }

    @Test func bitratesCountWhatTheySay() {
        let uniform = CodeLayout(uniform: 8, size: 1024, hopLength: 320, sampleRate: 24000)
        let bitrate = Bitrate(layout: uniform, fileBytes: 1500, sampleCount: 48000)
        #expect(bitrate.nominal == 6000)
        #expect(bitrate.packed == 6000)
        #expect(bitrate.actual == .value(6000))
        #expect(bitrate.challenge == .undefined(.notMeasured))
        #expect(Bitrate(layout: uniform, fileBytes: 1500, sampleCount: 48000, tracks: 2).nominal == 12000)
        // 151 frames where 150 would do: 8 · 10 bits more over two seconds at 44.1 kHz.
        let counted = Bitrate(layout: uniform, fileBytes: 1500, sampleCount: 88200, sampleRate: 44100, frames: 151, tracks: 2)
        #expect(counted.actual == .value(6000))
        #expect(abs((counted.challenge.number ?? 0) - 151 * 80) < 1e-9)

        let ragged = CodeLayout(
            codebooks: [.init(size: 1000, stride: 4), .init(size: 1025)], hopLength: 240, sampleRate: 24000)
        let odd = Bitrate(layout: ragged, fileBytes: 10, sampleCount: 0)
        #expect(abs(odd.nominal - (25 * log2(1000) + 100 * log2(1025))) < 1e-9)
        #expect(odd.packed == 25 * 10 + 100 * 11)
        #expect(odd.actual == .undefined(.tooShort(samples: 0, needed: 1)))
    }
}
