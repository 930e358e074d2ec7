import Foundation
import Metrics
import Tensors
import Testing
import TokenStream

struct ReportTests {
    @Test func survivesJSON() throws {
        let (r, d) = signals(count: 900)
        let found = try report(r, d, maximumLag: 20)
        let data = try JSONEncoder().encode(found)
        #expect(try JSONDecoder().decode(ReconstructionReport.self, from: data) == found)
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
        #expect(Bitrate(layout: uniform, fileBytes: 1500, sampleCount: 48000, tracks: 2).nominal == 12000)

        let ragged = CodeLayout(
            codebooks: [.init(size: 1000, stride: 4), .init(size: 1025)], hopLength: 240, sampleRate: 24000)
        let odd = Bitrate(layout: ragged, fileBytes: 10, sampleCount: 0)
        #expect(abs(odd.nominal - (25 * log2(1000) + 100 * log2(1025))) < 1e-9)
        #expect(odd.packed == 25 * 10 + 100 * 11)
        #expect(odd.actual == .undefined(.tooShort(samples: 0, needed: 1)))
    }
}
