import Kernels
import Platform

/// A part of a network as a step function: it takes the next frames and returns all output frames that can be known by then.
///
/// The weights never change and are shared. Only the state changes, and it is a value. A whole signal is one `step` and a `finish`.
/// However else the signal is cut into steps, the output is the same to the bit.
public protocol StreamingLayer: Sendable {
    /// What a layer remembers of a signal. A copy is a checkpoint.
    associatedtype State: Sendable

    /// Channels of the input.
    var inputChannels: Int { get }
    /// Channels of the output.
    var outputChannels: Int { get }
    /// Output frames per input frame, as a fraction: 1/2 for a convolution of stride 2, 2/1 for its transpose.
    var rate: Rate { get }
    /// Input frames after the current one that an output frame needs.
    var lookahead: Int { get }
    /// How many output frames `step` has given in all after `count` input frames in all, however they were cut.
    /// The default is that of a layer of rate 1 which always waits for its lookahead.
    func known(after count: Int) -> Int

    /// The state at the start of a signal.
    func makeState() -> State
    /// Takes the next frames `[time, inputChannels]` and returns the output frames `[time, outputChannels]` that became known,
    /// possibly none.
    /// - Throws: `UsedAfterEnd` for a state that has finished: the next signal starts with `makeState()`.
    func step(_ input: Frames, state: inout State) throws(UsedAfterEnd) -> Frames
    /// Ends the signal: pads it on the right as the layer's padding says, and returns the output frames that are left.
    /// - Throws: `UsedAfterEnd` for a state that has finished already.
    func finish(state: inout State) throws(UsedAfterEnd) -> Frames
}

/// Output frames per input frame, a fraction in lowest terms.
public struct Rate: Sendable, Hashable {
    /// Output frames for `denominator` input frames.
    public let numerator: Int
    /// Input frames for `numerator` output frames.
    public let denominator: Int

    /// The fraction `numerator`/`denominator`, reduced.
    public init(_ numerator: Int, _ denominator: Int = 1) {
        var (a, b) = (numerator, denominator)
        while b != 0 { (a, b) = (b, a % b) }
        self.numerator = numerator / a
        self.denominator = denominator / a
    }

    /// As many output frames as input frames.
    public static let one = Rate(1)

    /// The rate of two layers one after the other.
    public static func * (a: Rate, b: Rate) -> Rate {
        Rate(a.numerator * b.numerator, a.denominator * b.denominator)
    }
}

extension StreamingLayer {
    /// Output frames per input frame.
    public var rate: Rate { .one }
    /// Input frames after the current one that an output frame needs.
    public var lookahead: Int { 0 }

    /// How many output frames `step` has given in all after `count` input frames in all.
    public func known(after count: Int) -> Int { max(0, count - lookahead) }

    /// The whole signal at once: one `step`, then `finish`.
    public func callAsFunction(_ input: Frames) -> Frames {
        var state = makeState()
        var output = advance(input, state: &state)
        output.append(complete(state: &state))
        return output
    }

    /// `step` with a state that the caller made itself and has not finished.
    package func advance(_ input: Frames, state: inout State) -> Frames {
        do { return try step(input, state: &state) } catch { preconditionFailure("\(error)") }
    }

    /// `finish` with a state that the caller made itself and has not finished.
    package func complete(state: inout State) -> Frames {
        do { return try finish(state: &state) } catch { preconditionFailure("\(error)") }
    }
}
