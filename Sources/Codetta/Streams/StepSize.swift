import Codecs
import Kernels
import Tokens

/// How much of a stream is coded in one step where all of it is at hand, as in a file.
///
/// The networks cut a step into blocks that suit the caches (`Sequential`), so more at once helps threads alone, each of which
/// should have several blocks in a step.
public enum StepSize {
    /// Samples per channel to encode at once.
    public static var samples: Int {
        let threads = min(Execution.current.threadCount, 4)
        return threads == 1 ? 1 << 16 : threads << 17
    }

    /// Base frames to decode at once: about as many samples.
    package static func frames(_ layout: CodeLayout) -> Int { max(64, samples / max(1, layout.hopLength)) }
}
