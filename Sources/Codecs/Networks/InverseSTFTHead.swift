import Kernels
import Layers
import Platform
import Transforms

/// The end of Vocos (Siuzdak 2023): log magnitudes and phases `[time, fftSize + 2]` to samples by an inverse STFT. Frame t is
/// centred on hop t, for `[time·hop, 1]` samples, or on hop t's first sample, for `[(time − 1)·hop, 1]`.
struct InverseSTFTHead: StreamingLayer {
    private let stft: STFT

    var inputChannels: Int { 2 * stft.bins }
    var outputChannels: Int { 1 }
    var rate: Rate { Rate(stft.hopLength) }
    /// Frames that overlap the end of a frame's hop.
    var lookahead: Int { (padding + stft.hopLength - 1) / stft.hopLength }
    /// Frames before a hop that overlap its start.
    var lookback: Int? { (stft.fftSize - 1 - padding) / stft.hopLength }
    /// Samples that are cut off at either end.
    private let padding: Int

    /// Greatest magnitude, as in the reference.
    private static let magnitudeLimit: Float = 100

    /// - Parameter isCentred: whether frames are centred on their hop's first sample; then fftSize is at least 2·hopLength.
    /// - Throws: `SpectralError` for sizes that no STFT has.
    init(fftSize: Int, hopLength: Int, isCentred: Bool = false, transforms: any FourierTransforms) throws {
        padding = isCentred ? fftSize / 2 : (fftSize - hopLength) / 2
        stft = try STFT(
            fftSize: fftSize, hopLength: hopLength, window: .hann, padding: isCentred ? .center(.zero) : .same(.zero),
            transforms: transforms)
    }

    struct State: Sendable {
        fileprivate var synthesis: STFTSynthesis
    }

    func known(after count: Int) -> Int { max(0, count * stft.hopLength - padding) }

    func makeState() -> State { State(synthesis: STFTSynthesis(stft)) }

    func step(_ input: Frames, state: inout State) throws(UsedAfterEnd) -> Frames {
        samples(try state.synthesis.push(spectrum(input)))
    }

    func finish(state: inout State) throws(UsedAfterEnd) -> Frames { samples(try state.synthesis.finish()) }

    private func samples(_ values: [Float]) -> Frames { Frames(count: values.count, channels: 1, values: values) }

    /// Of each row the first half are logarithms of magnitudes, the second half phases.
    private func spectrum(_ input: Frames) -> Spectrum {
        let bins = stft.bins
        let magnitudes = Frames(count: input.count, channels: bins) { output in
            input.withUnsafeBufferPointer { x in
                for t in 0..<input.count {
                    for k in 0..<bins { output[t * bins + k] = min(expf(x[2 * t * bins + k]), Self.magnitudeLimit) }
                }
            }
        }
        let phases = Frames(count: input.count, channels: bins) { output in
            input.withUnsafeBufferPointer { x in
                for t in 0..<input.count {
                    for k in 0..<bins { output[t * bins + k] = x[(2 * t + 1) * bins + k] }
                }
            }
        }
        return Spectrum(magnitude: magnitudes, phase: phases)
    }
}
