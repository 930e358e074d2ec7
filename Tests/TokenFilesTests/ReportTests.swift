import Foundation
import Testing
import TokenFiles

@Test func aReportSumsUpASoundFile() throws {
    let document = smallDocument(frames: 100)
    let bytes = try document.bytes
    let report = try TokenFileReport(reading: pipe(bytes, piece: 50))
    #expect(report.isSound && report.flaws.isEmpty)
    #expect(report.formatVersion == "1.0")
    #expect(report.header == document.header)
    #expect(report.totals.frames == 100 && report.totals.samples == document.samples)
    #expect(report.totals.chunkCount == 13 && report.totals.byteCount == bytes.count)
    #expect(report.duration == Double(document.samples) / 48000)
    #expect(report.actualBitrate == Double(bytes.count * 8) / report.duration)
    #expect(report.nominalBitrate == document.header.layout.nominalBitrate * 2)
}

@Test func aReportListsFlawsAndSurvivesJSON() throws {
    var bytes = try smallDocument(frames: 100).bytes
    bytes[400] ^= 0xFF
    bytes.removeLast(10)
    let report = try TokenFileReport(reading: MemorySource(bytes))
    #expect(!report.isSound && report.totals.isSalvaged)
    #expect(report.flaws.allSatisfy { $0.kind == .badData && !$0.description.isEmpty })
    let decoded = try JSONDecoder().decode(TokenFileReport.self, from: try JSONEncoder().encode(report))
    #expect(decoded.flaws == report.flaws && decoded.header == report.header && decoded.totals == report.totals)
}

@Test func anEmptyFileHasNoActualBitrate() throws {
    let report = try TokenFileReport(reading: MemorySource(try smallDocument(frames: 0).bytes))
    #expect(report.isSound && report.actualBitrate == nil && report.duration == 0)
}

@Test func aReportNeedsAHeader() {
    #expect(throws: TokenStreamError.self) { try TokenFileReport(reading: MemorySource([1, 2, 3])) }
}
