import Tokens

/// A pattern laid out over a number of frames: which code stands in which step.
public struct PatternSchedule: Sendable, Equatable {
    /// A place of a step where no code stands, or a code that is not known yet.
    public static let absent: Int32 = -1

    /// The order that is laid out.
    public let pattern: CodebookPattern
    /// Base frames covered.
    public let frames: Int
    /// Codes of each codebook.
    public let lengths: [Int]
    /// Steps in all.
    public let stepCount: Int
    /// `[steps, codebooks]`: the time, within its codebook, of the code there, or `absent`.
    private let times: [Int32]
    /// `[codebook][time]`: the step of a code.
    private let steps: [[Int]]
    /// How many steps it takes until base frame f and all before it are known.
    private let stepsUntilFrame: [Int]

    /// Number of codebooks.
    public var codebookCount: Int { pattern.codebookCount }

    init(pattern: CodebookPattern, frames: Int, lengths: [Int], key: (_ codebook: Int, _ frame: Int) -> Int) {
        self.pattern = pattern
        self.frames = frames
        self.lengths = lengths
        let (strides, count) = (pattern.strides, pattern.codebookCount)
        let keys = strides.enumerated().map { k, stride in
            Swift.stride(from: 0, to: frames, by: stride).map { key(k, $0) }
        }
        // Keys without a code make no step. They reach little beyond the number of codes: a table of them all is small.
        var stepOfKey = [Int32](repeating: Self.absent, count: (keys.lazy.compactMap { $0.max() }.max() ?? -1) + 1)
        for key in keys.joined() { stepOfKey[key] = 0 }
        var stepCount = 0
        for key in stepOfKey.indices where stepOfKey[key] != Self.absent {
            stepOfKey[key] = Int32(stepCount)
            stepCount += 1
        }
        var times = [Int32](repeating: Self.absent, count: stepCount * count)
        var needed = [Int](repeating: 0, count: frames)
        let steps = keys.map { $0.map { Int(stepOfKey[$0]) } }
        for (k, stride) in strides.enumerated() {
            for (t, step) in steps[k].enumerated() {
                times[step * count + k] = Int32(t)
                for frame in (t * stride)..<min(frames, (t + 1) * stride) { needed[frame] = max(needed[frame], step + 1) }
            }
        }
        for frame in needed.indices.dropFirst() { needed[frame] = max(needed[frame], needed[frame - 1]) }
        self.stepCount = stepCount
        self.times = times
        self.steps = steps
        stepsUntilFrame = needed
    }

    /// The time of codebook `codebook`'s code in `step`, or nil if it has none there.
    public func time(step: Int, codebook: Int) -> Int? {
        let time = times[step * codebookCount + codebook]
        return time == Self.absent ? nil : Int(time)
    }

    /// How many leading base frames are complete in all codebooks once the first `steps` steps are known.
    public func completeFrames(afterSteps steps: Int) -> Int {
        var (low, high) = (0, frames)
        while low < high {
            let middle = (low + high) / 2
            if stepsUntilFrame[middle] <= steps { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Codes to steps, `[steps, codebooks]` with `absent` where no code stands.
    ///
    /// Streams may be shorter than the schedule: what they lack is `absent` as well. Longer ones are cut.
    /// - Throws: `TokenLMError.codes` for another number of codebooks.
    public func interleave(_ codes: Codes) throws(TokenLMError) -> [Int32] {
        guard codes.codebookCount == codebookCount else {
            throw .codes("\(codes.codebookCount) codebooks, expected \(codebookCount)")
        }
        return times.indices.map { place in
            let (stream, time) = (codes.streams[place % codebookCount], times[place])
            return time == Self.absent || Int(time) >= stream.count ? Self.absent : stream[Int(time)]
        }
    }

    /// Steps to codes: the inverse of `interleave`.
    /// - Parameter grid: `[n, codebooks]` for the first n steps.
    /// - Returns: all codes of the schedule, `absent` where unknown, and for each code whether it is known.
    /// - Throws: `TokenLMError.codes` for a grid that is no whole number of steps or longer than the schedule.
    public func invert(_ grid: [Int32]) throws(TokenLMError) -> (codes: Codes, isKnown: [[Bool]]) {
        guard grid.count % codebookCount == 0, grid.count <= times.count else {
            throw .codes("\(grid.count) places, expected at most \(stepCount) steps of \(codebookCount)")
        }
        var streams = lengths.map { [Int32](repeating: Self.absent, count: $0) }
        for (place, code) in grid.enumerated() where times[place] != Self.absent {
            streams[place % codebookCount][Int(times[place])] = code
        }
        return (Codes(streams: streams), streams.map { $0.map { $0 != Self.absent } })
    }

    /// The codes of the base frames `range`; of a ragged codebook those that start in the range.
    /// - Parameter grid: `[n, codebooks]` for at least the steps that hold these codes.
    public func codes(of range: Range<Int>, in grid: [Int32]) -> Codes {
        Codes(
            streams: zip(steps, pattern.strides).enumerated().map { k, codebook in
                let (steps, stride) = codebook
                let times = ((range.lowerBound + stride - 1) / stride)..<((range.upperBound + stride - 1) / stride)
                return times.map { grid[steps[$0] * codebookCount + k] }
            })
    }
}
