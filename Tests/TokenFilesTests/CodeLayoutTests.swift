import Testing
import Tokens

@Suite struct CodeLayoutTests {
    private let layout = CodeLayout(
        codebooks: [.init(size: 8, stride: 4), .init(size: 8, stride: 2), .init(size: 8)], hopLength: 10, sampleRate: 1000)

    @Test(arguments: [
        ([1, 2, 4], 4), ([2, 4, 8], 8), ([2, 4, 7], 7), ([1, 3, 7], 4), ([1, 2], 4), ([1], 4), ([0, 0, 0], 0), ([1, 0, 4], 0), ([], 0),
    ])
    func framesAreThoseThatEveryCodebookReaches(counts: [Int], frames: Int) {
        let codes = Codes(streams: counts.map { [Int32](repeating: 0, count: $0) })
        #expect(layout.frames(of: codes) == frames)
        #expect(layout.frames(of: [codes, codes]) == frames)
    }

    @Test func noTracksHaveNoFrames() { #expect(layout.frames(of: []) == 0) }
}
