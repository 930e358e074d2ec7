import Kernels
import Testing

@Suite struct FramesTests {
    private let frames = Frames(count: 4, channels: 2, values: [0, 1, 10, 11, 20, 21, 30, 31])

    @Test func appendingGrowsAtTheEnd() {
        var joined = Frames(channels: 2)
        joined.append(frames)
        joined.append(frames.slice(1..<2))
        joined.append(frames, range: 2..<4)
        joined.append(frames, range: 3..<3)
        #expect(joined.values == frames.values + [10, 11, 20, 21, 30, 31])
        #expect(joined.count == 7)
    }

    @Test func appendingLeavesTheSourceAlone() {
        var joined = Frames(channels: 2)
        joined.append(frames)
        joined[0, 0] = 99
        #expect(frames[0, 0] == 0)
        #expect(joined[0, 0] == 99)
    }

    @Test(arguments: 0...4)
    func removingFirstKeepsTheRest(_ n: Int) {
        var rest = frames
        rest.removeFirst(n)
        #expect(rest == frames.slice(n..<4))
        #expect(rest.count == 4 - n)
        rest.append(frames)
        #expect(rest.slice(4 - n..<8 - n) == frames)
    }

    @Test func zerosAreZeros() {
        let zeros = Frames(zeros: 3, channels: 5)
        #expect(zeros.values == [Float](repeating: 0, count: 15))
        #expect(Frames(zeros: 0, channels: 5).isEmpty)
    }
}
