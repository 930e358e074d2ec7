/// The lengths in samples that P.862 derives from the sample rate.
struct PESQFormat: Sendable, Hashable {
    let sampleRate: Int

    /// Samples of one value of the activity envelope, 4 ms.
    var activityHop: Int { sampleRate / 250 }
    /// Envelope values of silence on both sides of a signal, so that searches need not look for its ends.
    static let marginWindows = 75
    /// The same in samples.
    var margin: Int { Self.marginWindows * activityHop }
    /// Silence behind a signal in which filters ring out, 320 ms.
    var tail: Int { sampleRate * 8 / 25 }
    /// Samples of a frame of the perceptual model, 32 ms.
    var frameLength: Int { 8 * activityHop }
    /// From frame to frame.
    var frameHop: Int { frameLength / 2 }
    /// Samples of a frame of the fine time alignment, 64 ms.
    var alignmentSize: Int { 16 * activityHop }
}
