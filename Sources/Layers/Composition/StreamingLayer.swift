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
    /// Input frames before the current one that an output frame depends on; none before these changes a bit of it. Output frame j of
    /// a layer of rate p/q is that of input frame ⌊j·q/p⌋. Nil (the default) where there is no bound, as with recurrence and norms over
    /// time, and where the result depends on how far from the signal's start it is.
    ///
    /// So a fresh state that gets a signal from frame s on, a multiple of `alignment`, gives from the output of frame s + `lookback` on
    /// the same bits as one that got all of the signal.
    var lookback: Int? { get }
    /// A signal that begins a multiple of so many input frames later gives the same output as much later; 1 by default. It is more where
    /// there is not an output frame for each input frame, and where neighbouring frames are computed together (`Convolution.period`).
    var alignment: Int { get }
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
        let divisor = greatestCommonDivisor(numerator, denominator)
        self.numerator = numerator / divisor
        self.denominator = denominator / divisor
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
    /// Input frames before the current one that an output frame depends on; by default no bound is known.
    public var lookback: Int? { nil }
    /// Input frames by whose multiples a signal may begin later.
    public var alignment: Int { 1 }

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
