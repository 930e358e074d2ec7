import Checkpoints
import Kernels
import Layers

/// What WavTokenizer puts before Vocos's blocks, as in the image autoencoders that it takes it from:
///
///     unit ─ unit ─ attention of all frames to all ─ unit ─ unit ─ norm
///     unit  x + (norm ─ SiLU ─ conv k3 ─ norm ─ SiLU ─ conv k3)
///
/// The norms are over groups of channels and all of time, so that all of it needs the whole signal.
struct WavTokenizerPositionNet: WholeSignalLayer {
    /// Groups of every norm.
    static let groups = 32

    private let units: [Unit]
    private let attention: GlobalAttention
    private let norm: GroupNorm

    var inputChannels: Int { norm.inputChannels }
    var outputChannels: Int { norm.outputChannels }

    /// The modules at `weights`, of which the third is the attention.
    init(_ weights: WeightPath, channels: Int) throws {
        units = try [0, 1, 3, 4].map { try Unit(weights / $0, channels: channels) }
        attention = try GlobalAttention(weights / 2, channels: channels)
        norm = try GroupNorm(weights / 5, groups: Self.groups, channels: channels)
    }

    func apply(_ signal: Frames) -> Frames {
        var x = units[1].apply(units[0].apply(signal))
        x = attention.apply(x)
        return norm.apply(units[3].apply(units[2].apply(x)))
    }

    private struct Unit {
        let norms: [GroupNorm]
        let convolutions: [Conv1d]

        init(_ path: WeightPath, channels: Int) throws {
            norms = try [1, 2].map { try GroupNorm(path / "norm\($0)", groups: WavTokenizerPositionNet.groups, channels: channels) }
            convolutions = try [1, 2].map { try Conv1d(path / "conv\($0)", channels, channels, kernel: 3, padding: .centred) }
        }

        func apply(_ signal: Frames) -> Frames {
            var x = signal
            for (norm, convolution) in zip(norms, convolutions) {
                var normed = norm.apply(x)
                Kernels.apply(.silu, to: &normed)
                x = convolution(normed)
            }
            Kernels.add(signal, to: &x)
            return x
        }
    }

    /// x + attention(norm(x)) of one head.
    private struct GlobalAttention {
        let norm: GroupNorm
        let query: Conv1d
        let key: Conv1d
        let value: Conv1d
        let output: Conv1d

        init(_ path: WeightPath, channels: Int) throws {
            func pointwise(_ name: String) throws -> Conv1d { try Conv1d(path / name, channels, channels, kernel: 1) }
            norm = try GroupNorm(path / "norm", groups: WavTokenizerPositionNet.groups, channels: channels)
            query = try pointwise("q")
            key = try pointwise("k")
            value = try pointwise("v")
            output = try pointwise("proj_out")
        }

        func apply(_ signal: Frames) -> Frames {
            let normed = norm.apply(signal)
            let mixed = Kernels.attend(
                query(normed), keys: key(normed), values: value(normed), headSize: signal.channels) { _ in 0..<signal.count }
            var x = output(mixed)
            Kernels.add(signal, to: &x)
            return x
        }
    }
}
