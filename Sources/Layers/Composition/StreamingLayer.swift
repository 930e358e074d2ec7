import Kernels
import Platform

/// A network part as a step function: give it the next frames, get as many output frames as are known by now.
///
/// Weights are immutable and shared; all that changes is the state, a value. A whole signal is one `step` and a `finish`;
/// any other cut of the same signal gives the same output to the bit.
public protocol StreamingLayer: Sendable {
    associatedtype State: Sendable

    var inputChannels: Int { get }
    var outputChannels: Int { get }
    /// Output frames a input frame, as a fraction: a convolution of stride 2 has 1/2, its transpose 2/1.
    var rate: Rate { get }
    /// Input frames after the current one that an output frame needs.
    var lookahead: Int { get }
    /// Output frames that `step` has given in all once it was given `count` input frames in all, however they were cut.
    /// By default that of a layer of rate 1 which always waits for its lookahead.
    func known(after count: Int) -> Int

    func makeState() -> State
    /// Consumes `input` `[time, inputChannels]`, returns the output frames that became known (maybe none).
    /// - Throws: `UsedAfterEnd` for a state that has finished: the next signal starts with `makeState()`.
    func step(_ input: Frames, state: inout State) throws(UsedAfterEnd) -> Frames
    /// The end of the signal: pads on the right as the layer's padding says and returns what is left.
    /// - Throws: `UsedAfterEnd` for a state that has finished already.
    func finish(state: inout State) throws(UsedAfterEnd) -> Frames
}

/// Output frames for input frames, in lowest terms.
public struct Rate: Sendable, Hashable {
    public let numerator: Int
    public let denominator: Int

    public init(_ numerator: Int, _ denominator: Int = 1) {
        var (a, b) = (numerator, denominator)
        while b != 0 { (a, b) = (b, a % b) }
        self.numerator = numerator / a
        self.denominator = denominator / a
    }

    public static let one = Rate(1)

    public static func * (a: Rate, b: Rate) -> Rate {
        Rate(a.numerator * b.numerator, a.denominator * b.denominator)
    }
}

extension StreamingLayer {
    public var rate: Rate { .one }
    public var lookahead: Int { 0 }

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
