/// Where a channel of a recording is to be heard; raw values are the bits of `dwChannelMask` (WAVEFORMATEXTENSIBLE).
public enum Speaker: Int, Sendable, Hashable, CaseIterable {
    /// Before the listener.
    case frontLeft, frontRight, frontCenter
    /// Low frequencies only; not part of loudness.
    case lowFrequency
    /// Behind the listener, or where there are none at the sides, at either side.
    case backLeft, backRight
    /// Between the center and the front.
    case frontLeftOfCenter, frontRightOfCenter
    /// Right behind the listener.
    case backCenter
    /// At the listener's sides.
    case sideLeft, sideRight
    /// Above the listener.
    case topCenter, topFrontLeft, topFrontCenter, topFrontRight, topBackLeft, topBackCenter, topBackRight

    /// The speakers of a `dwChannelMask`, in the order of the channels; nil for a mask of fewer than there are channels, as the mask 0 of
    /// channels that are only numbered.
    public static func speakers(mask: Int, channelCount: Int) -> [Speaker]? {
        let speakers = allCases.filter { mask >> $0.rawValue & 1 == 1 }.prefix(max(0, channelCount))
        return speakers.count == channelCount ? Array(speakers) : nil
    }

    /// Where as many channels stand unless a file says otherwise, in the order of WAVE and FLAC: up to 7.1; nil for more.
    public static func usual(channelCount: Int) -> [Speaker]? {
        let front: [Speaker] = [.frontLeft, .frontRight, .frontCenter]
        switch channelCount {
        case 1: return [.frontCenter]
        case 2, 3: return Array(front.prefix(channelCount))
        case 4: return [.frontLeft, .frontRight, .backLeft, .backRight]
        case 5: return front + [.backLeft, .backRight]
        case 6: return front + [.lowFrequency, .backLeft, .backRight]
        case 7: return front + [.lowFrequency, .backCenter, .sideLeft, .sideRight]
        case 8: return front + [.lowFrequency, .backLeft, .backRight, .sideLeft, .sideRight]
        default: return nil
        }
    }
}
