import Kernels
import Testing

@Suite struct AudioBlockTests {
    private let channels: [[Float]] = [[1, 2, 3, 4], [10, 20, 30, 40], [100, 200, 300, 400]]

    @Test func channelsLieInFramesChannelsLast() {
        let block = AudioBlock(channels: channels)
        #expect(block.frames.values == [1, 10, 100, 2, 20, 200, 3, 30, 300, 4, 40, 400])
        #expect(block.channels == channels && block.channel(1) == channels[1])
        #expect(block.channelCount == 3 && block.sampleCount == 4 && !block.isEmpty)
        #expect(AudioBlock(block.frames) == block)
    }

    @Test(arguments: 0...3)
    func everyNumberOfChannelsComesBack(count: Int) {
        let block = AudioBlock(channels: Array(channels.prefix(count)))
        #expect(block.channels == Array(channels.prefix(count)) && block.channelCount == count)
        #expect(AudioBlock(joining: block.tracks) == block)
        let empty = AudioBlock(channels: Array(repeating: [], count: count))
        #expect(empty == AudioBlock(channelCount: count) && empty.isEmpty && empty.channels.count == count)
    }

    @Test func piecesJoinAgain() {
        let block = AudioBlock(channels: channels)
        for cut in 0...4 {
            var rest = block
            var joined = rest.takeFirst(cut)
            #expect(joined == block.slice(0..<cut) && rest == block.slice(cut..<4))
            joined.append(rest)
            #expect(joined == block)
            rest = block
            rest.removeFirst(cut)
            #expect(rest == block.slice(cut..<4))
        }
    }

    @Test func theMeanHasOneChannel() {
        #expect(AudioBlock(channels: channels).mean().channels == [[37, 74, 111, 148]])
        #expect(AudioBlock(mono: [0.3]).mean() == AudioBlock(mono: [0.3]))
        #expect(AudioBlock(channelCount: 2).mean() == AudioBlock(channelCount: 1))
        #expect(AudioBlock(channelCount: 0).mean() == AudioBlock(channelCount: 1))
    }

    @Test func theMeanOfManyChannelsAddsThemInTheirOrder() {
        let odd: [Float] = [1e8, 1, -1e8, 3, 0.1]
        let mean = odd.reduce(0, +) * (1 / 5)
        #expect(AudioBlock(channels: odd.map { [$0] }).mean().channels == [[mean]])
    }

    @Test func oneChannelSpreadsToMany() {
        let mono = AudioBlock(mono: [1, 2])
        #expect(mono.spread(to: 3).channels == [[1, 2], [1, 2], [1, 2]] && mono.spread(to: 1) == mono)
        #expect(AudioBlock(silence: 2, channelCount: 2).channels == [[0, 0], [0, 0]])
        #expect(AudioBlock(channels: channels).map { -$0 }.channel(2) == [-100, -200, -300, -400])
    }
}
