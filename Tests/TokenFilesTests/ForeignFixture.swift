import Foundation
import TestSupport
import Testing
import TokenFiles
import Tokens

/// Files that Tools/goldens/foreign.py had other programs write, and the codes that are in them.
struct ForeignFixture: Decodable {
    /// `[codebooks][frames]`, or `[tracks][codebooks][frames]`.
    var codes: [[[Int32]]]
    var samples: Int?
    var scales: [Float]?
    var starts: [Int]?

    enum CodingKeys: CodingKey { case codes, samples, scales, starts }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        codes = try (try? fields.decode([[[Int32]]].self, forKey: .codes)) ?? [fields.decode([[Int32]].self, forKey: .codes)]
        samples = try fields.decodeIfPresent(Int.self, forKey: .samples)
        scales = try fields.decodeIfPresent([Float].self, forKey: .scales)
        starts = try fields.decodeIfPresent([Int].self, forKey: .starts)
    }

    static func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: Bundle.module.fixture("foreign/" + name))))
    }

    static func named(_ name: String) throws -> ForeignFixture {
        try #require(Bundle.module.decodeFixture("foreign/codes.json", as: [String: ForeignFixture].self)[name])
    }

    var tracks: [Codes] {
        let segments = zip(starts ?? [], scales ?? []).map { CodeSegment(frame: $0, scale: $1) }
        return codes.map { Codes(streams: $0, segments: segments) }
    }
}

/// The one line of what `body` throws, which must be about bad data.
func badData(_ body: () throws -> Void) -> String {
    do {
        try body()
        return ""
    } catch let error as TokenStreamError {
        #expect(error.kind == .badData, "\(error)")
        return "\(error)".contains("\n") ? "" : "\(error)"
    } catch {
        Issue.record("\(error)")
        return ""
    }
}
