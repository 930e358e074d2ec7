import Kernels
import Layers
import Platform

/// SNAC's noise block, x + noise · Wx, with one normal deviate a frame for all channels.
///
/// Where the reference draws anew at each run, here the deviate is a function of the seed and the frame's index: SplitMix64
/// (Steele et al. 2014) of both, whose halves of 24 bits a Box–Muller transform turns into a deviate.
struct SeededNoise: StreamingLayer {
    private let gain: Linear
    private let seed: UInt64

    var inputChannels: Int { gain.inputChannels }
    var outputChannels: Int { gain.outputChannels }

    /// - Parameters:
    ///   - gain: W, from as many channels as to.
    ///   - seed: another one for every block of a model.
    init(gain: Linear, seed: UInt64) {
        self.gain = gain
        self.seed = seed
    }

    struct State: Sendable {
        fileprivate var position: UInt64 = 0
        fileprivate var end = StreamEnd("layer")
    }

    func makeState() -> State { State() }

    func step(_ input: Frames, state: inout State) throws(UsedAfterEnd) -> Frames {
        try state.end.requireOpen()
        guard !input.isEmpty else { return input }
        var noise = gain.apply(input)
        let (first, channels) = (state.position, input.channels)
        noise.withUnsafeMutableBufferPointer { values in
            for t in 0..<(values.count / channels) {
                let deviate = Self.deviate(seed: seed, position: first &+ UInt64(t))
                for c in (t * channels)..<((t + 1) * channels) { values[c] *= deviate }
            }
        }
        state.position = first &+ UInt64(input.count)
        Kernels.add(input, to: &noise)
        return noise
    }

    func finish(state: inout State) throws(UsedAfterEnd) -> Frames {
        try state.end.reach()
        return Frames(channels: outputChannels)
    }

    /// The normal deviate at `position` of the sequence `seed`.
    static func deviate(seed: UInt64, position: UInt64) -> Float {
        let bits = mix(mix(seed) &+ position)
        let radius = Double((bits >> 40) + 1) / 0x1p24
        let turn = Double(bits & 0xFF_FFFF) / 0x1p24
        return Float((-2 * log(radius)).squareRoot() * cos(2 * Double.pi * turn))
    }

    /// A step of SplitMix64 from `state`.
    private static func mix(_ state: UInt64) -> UInt64 {
        var z = state &+ 0x9E37_79B9_7F4A_7C15
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
