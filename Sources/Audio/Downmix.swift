import Kernels

extension AudioBlock {
    /// The mean of all channels with equal weights, as one channel. One channel stays as it is; none gives silence of no length.
    public func downmixedToMono() -> AudioBlock {
        guard channelCount > 1 else { return channelCount == 1 ? self : AudioBlock(channelCount: 1) }
        var sum = channels[0]
        for channel in channels.dropFirst() {
            for i in sum.indices { sum[i] += channel[i] }
        }
        let weight = 1 / Float(channelCount)
        for i in sum.indices { sum[i] *= weight }
        return AudioBlock(mono: sum)
    }
}
