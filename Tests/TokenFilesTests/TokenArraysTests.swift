import Testing
import TokenFiles
import Tokens

@Suite struct TokenArraysTests {
    /// 2 tracks of 3 codebooks with segments.
    private func arrays() throws -> TokenArrays {
        var tracks = try ForeignFixture.named("numpy.npz").tracks
        tracks[0].segments = [CodeSegment(frame: 0, scale: 0.25), CodeSegment(frame: 5, scale: 0.5)]
        tracks[1].segments = [CodeSegment(frame: 0, scale: 1), CodeSegment(frame: 5, scale: 2)]
        return TokenArrays(tracks: tracks, record: nil)
    }

    @Test func numPysArchivesAreRead() throws {
        #expect(try TokenArrays(npz: ForeignFixture.bytes("numpy.npz")) == arrays())
    }

    @Test func compressedArchivesSayWhatToDo() throws {
        #expect(badData { _ = try TokenArrays(npz: ForeignFixture.bytes("compressed.npz")) }.contains("numpy.savez,"))
    }

    @Test func archivesComeBackWithTheirRecord() throws {
        let ragged = smallDocument()
        let record = TokenRecord(header: ragged.header, samples: ragged.samples)
        for tracks in [ragged.tracks, try arrays().tracks] {
            let arrays = TokenArrays(tracks: tracks, record: record)
            #expect(try TokenArrays(npz: arrays.npz()) == arrays)
        }
    }

    /// Contradiction 9 of `VerdictTests`.
    @Test func contradiction9TracksMayHaveDifferentNumbersOfSegments() throws {
        var uneven = try arrays()
        uneven.tracks[1].segments = []
        for counts in [[2, 0], [1, 2]] {
            uneven.tracks[0].segments = (0..<counts[0]).map { CodeSegment(frame: $0 * 3, scale: 0.5) }
            uneven.tracks[1].segments = (0..<counts[1]).map { CodeSegment(frame: $0 * 4, scale: 2) }
            #expect(try TokenArrays(npz: uneven.npz()) == uneven)
            #expect(try uneven.arrays().map(\.name) == ["codes", "segment_counts", "segment_frames", "segment_scales"])
            #expect(try uneven.arrays()[2].shape == [2, 2])
        }
        #expect(try arrays().arrays().allSatisfy { $0.name != "segment_counts" })
        let plain = try uneven.arrays()
        for bad in [[3, 0], [-1, 0], [1]] as [[Int32]] {
            let counts = TokenArray(name: "segment_counts", shape: [bad.count], content: .integers(bad))
            let line = badData {
                _ = try TokenArrays(record: nil, format: "npz") { name in name == counts.name ? counts : plain.first { $0.name == name } }
            }
            #expect(line.contains("segment_counts"), "\(bad)")
        }
    }

    @Test func everyCutAndEveryFlippedBitOfAnArrayIsNoticed() throws {
        let bytes = try arrays().npz()
        for count in 0..<bytes.count { #expect(!badData { _ = try TokenArrays(npz: Array(bytes[..<count])) }.isEmpty) }
        for bit in 0..<8 * bytes.count {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            // Times, versions and unread copies of the sizes are all that may change.
            if let read = try? TokenArrays(npz: damaged) { #expect(try read == arrays(), "bit \(bit)") }
        }
    }

    @Test func arraysThatAreNoCodesAreRefused() throws {
        func line(_ arrays: [TokenArray]) -> String {
            badData { _ = try TokenArrays(record: nil, format: "npz") { name in arrays.first { $0.name == name } } }
        }
        let codes = TokenArray(name: "codes", shape: [1, 1, 2], content: .integers([1, 2]))
        #expect(line([codes]).isEmpty)
        #expect(line([]).contains("codes_0"))
        #expect(line([TokenArray(name: "codes", shape: [2], content: .integers([1, 2]))]).contains("[K, T]"))
        #expect(line([TokenArray(name: "codes", shape: [1, 2], content: .floats([1, 2]))]).contains("[K, T]"))
        #expect(line([TokenArray(name: "codes", shape: [1, 2], content: .integers([1, -2]))]).contains("negative"))
        #expect(line([TokenArray(name: "codes", shape: [0, 1, 2], content: .integers([]))]).contains("0 track"))
        #expect(line([codes, TokenArray(name: "segment_frames", shape: [1, 1], content: .integers([0]))]).contains("segment_scales"))
    }
}
