import Foundation
import Testing
import Tokens

/// How often codewords occur, in memory and in documents.
@Suite struct CodeCountsTests {
    @Test func countsHaveUseRankAndEntropy() {
        var counts = CodeCounts(size: 8)
        counts.push([1, 5, 5, 7, 7, 7, 7, 1, 8, -1])
        #expect(counts.total == 8 && counts.used == 3 && counts.ranked == [4, 2, 2] && counts.groupCount == 8)
        #expect(counts.use == CodebookUse(size: 8, codes: 8, used: 3, entropy: 1.5))
        #expect(counts.use.share == 0.375 && abs(counts.use.perplexity - exp2(1.5)) < 1e-12)
        #expect(CodeCounts(size: 8).entropy == 0 && CodeCounts(size: 0).size == 1)
    }

    @Test func largeCodebooksShareCounts() {
        var counts = CodeCounts(size: 1 << 31, limit: 1 << 10)
        counts.push([0, 1, Int32.max])
        #expect(counts.groupCount <= 1 << 11 && counts.total == 3 && counts.used == 2)
        #expect(throws: EncodingError.self) { try JSONEncoder().encode(counts) }
    }

    @Test func documentsHoldThem() throws {
        let counts = CodeCounts(size: 8, histogram: [5: 1, 1: 2])
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let json = try encoder.encode(counts)
        #expect(String(decoding: json, as: UTF8.self) == #"{"codes":[1,5],"counts":[2,1],"size":8,"total":3}"#)
        #expect(try JSONDecoder().decode(CodeCounts.self, from: json) == counts)
    }

    @Test(arguments: [
        #"{"codes":[5,1],"counts":[1,2],"size":8,"total":3}"#, #"{"codes":[1,1],"counts":[1,2],"size":8,"total":3}"#,
        #"{"codes":[1,8],"counts":[1,2],"size":8,"total":3}"#, #"{"codes":[-1],"counts":[1],"size":8,"total":1}"#,
        #"{"codes":[1],"counts":[0],"size":8,"total":0}"#, #"{"codes":[1],"counts":[2],"size":8,"total":3}"#,
        #"{"codes":[1],"counts":[],"size":8,"total":0}"#, #"{"codes":[1],"counts":[9223372036854775807],"size":8,"total":1}"#,
    ])
    func countsThatNoRecordingHasAreRefused(json: String) {
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(CodeCounts.self, from: Data(json.utf8)) }
    }

    /// Counts of many documents may be added: they end at the largest number.
    @Test func sumsDoNotOverflow() {
        var counts = CodeCounts(size: 2, histogram: [0: .max, 1: 1])
        counts.add(counts)
        #expect(counts.total == .max && counts.ranked == [.max, 2])
        #expect(counts.entropy.isFinite)
    }
}
