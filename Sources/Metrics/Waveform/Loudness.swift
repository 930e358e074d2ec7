import CEbur128
import Kernels

/// The integrated loudness of a reference and of a degraded signal in LUFS, of all their channels together (ITU-R BS.1770-4,
/// EBU R 128, by libebur128), and the second less the first in LU.
///
/// Beyond two channels the weights are those of L, R, C, LFE, Ls, Rs in this order.
final class Loudness {
    private let reference: IntegratedLoudness
    private let degraded: IntegratedLoudness
    private var sampleCount = 0
    private let sampleRate: Int

    static let measures: Set<Measure> = [.loudnessReference, .loudnessDegraded, .loudnessDifference]

    init(sampleRate: Int, channelCount: Int) {
        self.sampleRate = sampleRate
        reference = IntegratedLoudness(sampleRate: sampleRate, channelCount: channelCount)
        degraded = IntegratedLoudness(sampleRate: sampleRate, channelCount: channelCount)
    }

    /// Takes as many samples of both signals.
    func push(reference r: AudioBlock, degraded d: AudioBlock) {
        sampleCount += r.sampleCount
        reference.push(r)
        degraded.push(d)
    }

    func value(_ measure: Measure) -> MetricValue {
        // One gating block of 400 ms.
        let needed = (sampleRate * 4 + 9) / 10
        if sampleCount < needed { return .undefined(.tooShort(samples: sampleCount, needed: needed)) }
        let (r, d) = (reference.value, degraded.value)
        switch measure {
        case .loudnessReference: return r
        case .loudnessDegraded: return d
        default:
            guard let loudness = r.number else { return r }
            return d.number.map { .value($0 - loudness) } ?? d
        }
    }
}

/// One signal's state in libebur128. It keeps a number each 100 ms, some MB for a day.
private final class IntegratedLoudness {
    /// Nil when libebur128 does not take the layout or has no memory.
    private var state: UnsafeMutablePointer<ebur128_state>?
    private let channelCount: Int

    init(sampleRate: Int, channelCount: Int) {
        self.channelCount = channelCount
        state = ebur128_init(UInt32(clamping: channelCount), UInt(sampleRate), Int32(EBUR128_MODE_I.rawValue))
    }

    deinit { ebur128_destroy(&state) }

    func push(_ block: AudioBlock) {
        guard let state, !block.isEmpty else { return }
        let failed = block.frames.withUnsafeBufferPointer { ebur128_add_frames_float(state, $0.baseAddress, block.sampleCount) != 0 }
        if failed { ebur128_destroy(&self.state) }
    }

    var value: MetricValue {
        var loudness = 0.0
        guard let state, ebur128_loudness_global(state, &loudness) == 0 else { return .undefined(.noLoudness) }
        return loudness.isFinite ? .value(loudness) : .undefined(.inaudible)
    }
}
