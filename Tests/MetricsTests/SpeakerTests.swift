import Kernels
import Metrics
import TestSupport
import Testing

/// Loudness of channels by their places (ITU-R BS.1770-4, table 4), held to that of one front channel.
@Suite struct SpeakerTests {
    /// LUFS of `count` channels of which only one, `channel`, has a tone of 997 Hz at full scale.
    private func loudness(_ channel: Int, of count: Int, _ speakers: [Speaker]? = nil) throws -> MetricValue {
        let silence = [Float](repeating: 0, count: 48_000)
        let tone = sine(997, rate: 48_000, samples: 48_000, amplitude: 1)
        let audio = AudioBlock(channels: (0..<count).map { $0 == channel ? tone : silence })
        return try ReconstructionReport.measure(
            reference: audio, degraded: audio, sampleRate: 48_000, measures: [.loudnessReference], speakers: speakers
        ).overall[.loudnessReference]
    }

    /// 10·log₁₀ of 1.41, which a channel to a side is louder by.
    private static let side = 1.492

    private func expect(_ weights: [Double?], _ speakers: [Speaker]?, _ place: SourceLocation = #_sourceLocation) throws {
        for (channel, weight) in weights.enumerated() {
            let found = try loudness(channel, of: weights.count, speakers)
            if let weight {
                let number = try #require(found.number, "channel \(channel)", sourceLocation: place)
                #expect(abs(number - (-3.01 + weight)) < 0.01, "channel \(channel): \(number)", sourceLocation: place)
            } else {
                #expect(found == .undefined(.inaudible), "channel \(channel)", sourceLocation: place)
            }
        }
    }

    /// Up to 7.1 in the order of WAVE and FLAC: those at the sides weigh more, low frequencies nothing, and what is behind like the front.
    @Test func channelsWithoutPlacesHaveTheUsualOnes() throws {
        try expect([0], nil)
        try expect([0, 0, 0], nil)
        try expect([0, 0, Self.side, Self.side], nil)
        try expect([0, 0, 0, Self.side, Self.side], nil)
        try expect([0, 0, 0, nil, Self.side, Self.side], nil)
        try expect([0, 0, 0, nil, 0, Self.side, Self.side], nil)
        try expect([0, 0, 0, nil, 0, 0, Self.side, Self.side], nil)
    }

    @Test func placesThatAreKnownDecide() throws {
        // 3.1, which is as many channels as 4.0; 5.1 in Vorbis's order; and 5.1.4, more than libebur128 knows by itself.
        try expect([0, 0, 0, nil], Speaker.speakers(mask: 0xF, channelCount: 4))
        try expect(
            [0, 0, 0, Self.side, Self.side, nil], [.frontLeft, .frontCenter, .frontRight, .backLeft, .backRight, .lowFrequency])
        try expect(
            [0, 0, 0, nil, Self.side, Self.side, 0, 0, 0, 0], Speaker.speakers(mask: 0x2_D60F, channelCount: 10))
        #expect(Speaker.speakers(mask: 0x2_D60F, channelCount: 10)?.last == .topBackRight)
    }

    @Test func aSilentFirstChannelHidesNoLoudness() throws {
        let number = try #require(loudness(1, of: 2).number)
        #expect(abs(number + 3.01) < 0.01)
        #expect(try loudness(9, of: 2) == .undefined(.silentReference))
    }

    @Test(arguments: [9, 12, 64, 100]) func moreChannelsOfUnknownPlacesHaveAReason(count: Int) throws {
        let found = try loudness(0, of: count)
        #expect(found == .undefined(.unknownPlaces(channels: count)))
        #expect("\(found)".contains("where the \(count) channels stand, which the file does not say"))
    }

    @Test func aMaskNeedsAPlaceForEveryChannel() {
        #expect(Speaker.speakers(mask: 0, channelCount: 2) == nil)
        #expect(Speaker.speakers(mask: 0x3, channelCount: 3) == nil)
        // More places than channels: the last ones are left out.
        #expect(Speaker.speakers(mask: 0x3F, channelCount: 2) == [.frontLeft, .frontRight])
        #expect(Speaker.speakers(mask: -1, channelCount: 18)?.count == 18)
        #expect(Speaker.speakers(mask: 1 << 40, channelCount: 1) == nil)
    }
}
