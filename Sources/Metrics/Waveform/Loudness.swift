import CEbur128
import Kernels

/// The integrated loudness of a reference and of a degraded signal in LUFS, of all their channels together (ITU-R BS.1770-4,
/// EBU R 128, by libebur128), and the second less the first in LU.
///
/// Each channel weighs what its place asks for; see `Speaker.usual` for channels of which nothing is known. More than eight of those have no
/// loudness.
final class Loudness {
    private let reference: IntegratedLoudness
    private let degraded: IntegratedLoudness
    private var sampleCount = 0
    private let sampleRate: Int

    static let measures: Set<Measure> = [.loudnessReference, .loudnessDegraded, .loudnessDifference]

    /// - Parameter speakers: where the channels are to be heard; nil if that is not known.
    init(sampleRate: Int, channelCount: Int, speakers: [Speaker]?) {
        self.sampleRate = sampleRate
        let speakers = speakers.flatMap { $0.count == channelCount ? $0 : nil } ?? Speaker.usual(channelCount: channelCount)
        reference = IntegratedLoudness(sampleRate: sampleRate, channelCount: channelCount, speakers: speakers)
        degraded = IntegratedLoudness(sampleRate: sampleRate, channelCount: channelCount, speakers: speakers)
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
    private let isPlaced: Bool

    init(sampleRate: Int, channelCount: Int, speakers: [Speaker]?) {
        self.channelCount = channelCount
        isPlaced = speakers != nil
        guard let speakers else { return }
        state = ebur128_init(UInt32(clamping: channelCount), UInt(sampleRate), Int32(EBUR128_MODE_I.rawValue))
        let hasSides = speakers.contains(.sideLeft) || speakers.contains(.sideRight)
        for (channel, speaker) in speakers.enumerated() {
            if let state { ebur128_set_channel(state, UInt32(channel), Int32(Self.place(of: speaker, hasSides: hasSides).rawValue)) }
        }
    }

    /// What libebur128 calls a place. BS.1770-4 (table 4) makes channels count for 1.41 at 60 to 120° to either side on the ears' level, for
    /// 1 everywhere else, and leaves out low frequencies. A pair behind the listener stands at 110° in 5.1, and at 135° beside a pair at the
    /// sides.
    private static func place(of speaker: Speaker, hasSides: Bool) -> channel {
        switch speaker {
        case .frontLeft: return EBUR128_Mp030
        case .frontRight: return EBUR128_Mm030
        case .frontCenter: return EBUR128_Mp000
        case .lowFrequency: return EBUR128_UNUSED
        case .backLeft: return hasSides ? EBUR128_Mp135 : EBUR128_Mp110
        case .backRight: return hasSides ? EBUR128_Mm135 : EBUR128_Mm110
        case .frontLeftOfCenter: return EBUR128_MpSC
        case .frontRightOfCenter: return EBUR128_MmSC
        case .backCenter: return EBUR128_Mp180
        case .sideLeft: return EBUR128_Mp090
        case .sideRight: return EBUR128_Mm090
        case .topCenter: return EBUR128_Tp000
        case .topFrontLeft: return EBUR128_Up030
        case .topFrontCenter: return EBUR128_Up000
        case .topFrontRight: return EBUR128_Um030
        case .topBackLeft: return EBUR128_Up135
        case .topBackCenter: return EBUR128_Up180
        case .topBackRight: return EBUR128_Um135
        }
    }

    // libebur128 does not take a state that is not there.
    deinit { if state != nil { ebur128_destroy(&state) } }

    func push(_ block: AudioBlock) {
        guard let state, !block.isEmpty else { return }
        let failed = block.frames.withUnsafeBufferPointer { ebur128_add_frames_float(state, $0.baseAddress, block.sampleCount) != 0 }
        if failed { ebur128_destroy(&self.state) }
    }

    var value: MetricValue {
        if !isPlaced { return .undefined(.unknownPlaces(channels: channelCount)) }
        var loudness = 0.0
        guard let state, ebur128_loudness_global(state, &loudness) == 0 else { return .undefined(.noLoudness) }
        return loudness.isFinite ? .value(loudness) : .undefined(.inaudible)
    }
}
