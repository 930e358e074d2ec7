/// Where a convolution's padding goes. `span` is (kernelSize − 1)·dilation + 1.
///
/// The first three pad with `span − stride` frames in all, and with more on the right where the last stride is incomplete:
/// n ≥ 0 input frames give ⌈n / stride⌉ output frames (the rule of EnCodec and Mimi).
public enum Padding: Sendable, Hashable {
    /// All of it on the left, so that no output frame waits for a later input frame.
    case causal
    /// ⌊(span − stride)/2⌋ on the right, the rest on the left.
    case centred
    /// This many frames on the right, the rest on the left.
    case lookahead(Int)
    /// As PyTorch's `padding`, but with a number for each side: n ≥ 1 input frames give ⌊(n + left + right − span)/stride⌋ + 1 output
    /// frames (none where that is negative), and no input frames give none.
    case explicit(left: Int, right: Int)
}

/// The values of a convolution's padding.
public enum PaddingMode: Sendable, Hashable {
    /// Zeros.
    case zero
    /// Mirrors the signal about its first and last frame. A signal that is not longer than the padding is first lengthened on
    /// the right with zeros, as EnCodec does, and these count as padding.
    case reflect
    /// Repeats the first and the last frame.
    case replicate
}

/// A convolution's padding in numbers.
struct ResolvedPadding: Sendable {
    let left: Int
    let right: Int
    let mode: PaddingMode
    /// The stride whose last step is completed by more padding on the right; 1 where an incomplete step is left as it is.
    private let completedStride: Int

    init(_ padding: Padding, mode: PaddingMode, span: Int, stride: Int) {
        self.mode = mode
        let total = span - stride
        switch padding {
        case .causal: (left, right, completedStride) = (total, 0, stride)
        case .centred: (left, right, completedStride) = (total - total / 2, total / 2, stride)
        case .lookahead(let frames): (left, right, completedStride) = (total - frames, frames, stride)
        case .explicit(let left, let right): (self.left, self.right, completedStride) = (left, right, 1)
        }
        precondition(left >= 0 && right >= 0, "negative padding: left \(left), right \(right)")
    }

    /// Right padding of a signal of `count` frames.
    func right(after count: Int) -> Int {
        right + (completedStride - count % completedStride) % completedStride
    }

    /// Input frames that must have come before the left padding is known.
    var leftNeeds: Int {
        switch mode {
        case .zero: return 0
        case .replicate: return left > 0 ? 1 : 0
        case .reflect: return left > 0 ? left + 1 : 0
        }
    }

    /// How many of the last input frames the right padding may copy.
    var rightNeeds: Int {
        let most = right + completedStride - 1
        switch mode {
        case .zero: return 0
        case .replicate: return most > 0 ? 1 : 0
        case .reflect: return most > 0 ? most + 1 : 0
        }
    }

    /// How many input frames before its own an output frame depends on: those of its window and, at the signal's end, those that the
    /// right padding mirrors or repeats in its window. A mirroring signal must also be longer than the padding.
    func lookback(span: Int) -> Int {
        let most = right + completedStride - 1
        // Of the output frame whose window ends with the padding, from the signal's last frame to its own.
        let behind = most + left - span + 1
        switch mode {
        case .zero: return left
        case .replicate: return max(left, behind)
        case .reflect: return max(left, behind + most, most)
        }
    }

    /// The number of the input frame whose values are at `index` of the padded signal, or nil for zeros. The first input frame is at
    /// index 0; the left padding has indices below it.
    ///
    /// - Parameters:
    ///   - count: length of the signal, or any shorter length greater than `left` while only the left side is asked for.
    ///   - right: right padding at that length.
    func source(of index: Int, count: Int, right: Int) -> Int? {
        if (0..<count).contains(index) { return index }
        switch mode {
        case .zero: return nil
        case .replicate: return index < 0 ? 0 : count - 1
        case .reflect:
            let lengthened = max(count, max(left, right) + 1)
            let mirrored = index < 0 ? -index : index < lengthened ? index : 2 * (lengthened - 1) - index
            return mirrored < count ? mirrored : nil
        }
    }
}
