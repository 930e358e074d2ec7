import Testing
import TokenFiles
import Tokens

/// Two ragged tracks of `frames` frames; every code tells its place.
private func sent(frames: Int) -> (header: TokenHeader, tracks: [Codes]) {
    let document = smallDocument(frames: frames)
    return (document.header, document.tracks)
}

/// Sends `tracks` in pieces of `piece` frames.
private func transmit(
    _ tracks: [Codes], _ header: TokenHeader, _ loss: PacketLoss, piece: Int
) -> (codes: [Codes], channel: PacketLossChannel) {
    var channel = PacketLossChannel(loss, header: header)
    let frames = tracks[0].streams[2].count
    var received = tracks.map { Codes(codebooks: $0.codebookCount) }
    for start in stride(from: 0, to: frames, by: piece) {
        let range = start..<min(frames, start + piece)
        let part = tracks.map { track in
            Codes(streams: zip(track.streams, header.layout.codebooks).map { Array($0[range.lowerBound / $1.stride..<range.upperBound / $1.stride]) })
        }
        for (track, codes) in channel.transmit(part).enumerated() { received[track].append(codes) }
    }
    return (received, channel)
}

@Test(arguments: ["random:0", "random:5", "random:10", "random:20", "random:30", "bursty:5", "bursty:10", "bursty:20", "bursty:30:8"])
func lossKeepsTheNumberOfCodesAndItsRate(pattern: String) throws {
    let (header, tracks) = sent(frames: 80_000)
    let loss = try PacketLoss(pattern, seed: 3)
    let (received, channel) = transmit(tracks, header, loss, piece: 80_000)
    #expect(received.map { $0.streams.map(\.count) } == tracks.map { $0.streams.map(\.count) })
    #expect(channel.frames == 80_000)
    // 20 000 packets of four frames; bursts scatter more than single losses do.
    #expect(abs(Double(channel.lostFrames) / 80_000 - loss.rate) < 0.02)
    #expect((received == tracks) == (loss.rate == 0))
}

@Test func theSameSeedLosesTheSamePacketsHoweverTheyAreCut() throws {
    let (header, tracks) = sent(frames: 4000)
    let loss = try PacketLoss("bursty:20", seed: 5)
    let whole = transmit(tracks, header, loss, piece: 4000).codes
    #expect(transmit(tracks, header, loss, piece: 12).codes == whole)
    #expect(transmit(tracks, header, try PacketLoss("bursty:20", seed: 6), piece: 4000).codes != whole)
}

@Test func lostPacketsRepeatTheLastCodeOfEachStream() throws {
    let (header, tracks) = sent(frames: 4000)
    let (received, channel) = transmit(tracks, header, try PacketLoss("bursty:30:3", seed: 1), piece: 4000)
    for (track, codes) in received.enumerated() {
        var lost = 0
        for (k, codebook) in header.layout.codebooks.enumerated() {
            let count = 4 / codebook.stride
            var last: Int32 = 0
            for packet in 0..<1000 {
                let range = packet * count..<(packet + 1) * count
                let arrived = Array(codes.streams[k][range])
                // A packet that came is as sent; another repeats. A repetition may look like what was sent.
                if arrived != Array(tracks[track].streams[k][range]) {
                    #expect(arrived == Array(repeating: last, count: count))
                    lost += k == 2 ? 4 : 0
                }
                last = arrived.last ?? last
            }
        }
        #expect(lost <= channel.lostFrames && lost > channel.lostFrames / 2)
    }
}

@Test func burstsAreAsLongAsAskedFor() throws {
    let (header, tracks) = sent(frames: 400_000)
    for burst in [1.0, 4, 10] {
        let loss = try PacketLoss(rate: 0.2, burst: burst, seed: 2)
        var channel = PacketLossChannel(loss, header: header)
        var (runs, lost, isRun) = (0, 0, false)
        for packet in 0..<100_000 {
            let part = tracks.map { track in
                Codes(streams: zip(track.streams, header.layout.codebooks).map { Array($0[packet * 4 / $1.stride..<(packet + 1) * 4 / $1.stride]) })
            }
            let before = channel.lostFrames
            _ = channel.transmit(part)
            let isLost = channel.lostFrames > before
            if isLost && !isRun { runs += 1 }
            lost += isLost ? 1 : 0
            isRun = isLost
        }
        #expect(abs(Double(lost) / Double(runs) / burst - 1) < 0.05)
    }
}

@Test func patternsOfLossAreReadAndWritten() throws {
    #expect(try PacketLoss("random:10") == PacketLoss(rate: 0.1))
    #expect(try PacketLoss("bursty:2.5", seed: 7) == PacketLoss(rate: 0.025, burst: 4, seed: 7))
    for text in ["random:10", "bursty:2.5:4", "bursty:30:1.5", "random:0"] { #expect(try PacketLoss(text).description == text) }
    for wrong in ["", "random", "random:", "random:x", "random:91", "random:-1", "random:nan", "random:1:2", "bursty:60:1", "bursty:10:0", "bursty:1:2:3", "no:1"] {
        #expect(throws: TokenStreamError.self, "\(wrong)") { try PacketLoss(wrong) }
    }
}
