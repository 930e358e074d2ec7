import Platform

/// Samples in, spectra out, in pieces of any size; any cut of a signal gives the same bits. A value: a copy is a checkpoint.
public struct STFTAnalysis: Sendable {
    /// The transform of a frame.
    public let stft: STFT
    /// The padded signal from the next frame's first sample; until the left edge can be mirrored, the bare signal.
    private var pending: [Float]
    private var hasLeftEdge: Bool
    /// The last samples of the signal, enough to mirror the right edge.
    private var tail: [Float] = []
    private var sampleCount = 0
    private var end = StreamEnd("STFT analysis")

    /// Before the first sample.
    public init(_ stft: STFT) {
        self.stft = stft
        hasLeftEdge = !stft.reflects
        pending = hasLeftEdge ? [Float](repeating: 0, count: stft.leftPadding) : []
    }

    /// The frames `[frames, bins]` that `samples` completes.
    /// - Throws: `UsedAfterEnd` after `finish()`.
    public mutating func push(_ samples: [Float]) throws(UsedAfterEnd) -> Spectrum {
        try end.requireOpen()
        return advance(samples)
    }

    /// The end: pads on the right as the STFT's padding says and returns the frames that are left.
    /// - Throws: `SpectralError.signalTooShort` when the signal has too few samples to mirror; `UsedAfterEnd` when called again.
    public mutating func finish() throws -> Spectrum {
        try end.reach()
        return try complete()
    }

    /// `push` for a caller that knows that the signal has not ended.
    package mutating func advance(_ samples: [Float]) -> Spectrum {
        sampleCount += samples.count
        pending += samples
        if stft.reflects { remember(samples) }
        if !hasLeftEdge {
            let padding = stft.leftPadding
            guard pending.count > padding else { return Spectrum(bins: stft.bins) }
            let mirrored = (0..<padding).map { pending[padding - $0] }
            pending = mirrored + pending
            hasLeftEdge = true
        }
        return takeFrames()
    }

    /// `finish` for a caller that knows that the signal has not ended.
    package mutating func complete() throws(SpectralError) -> Spectrum {
        guard hasLeftEdge else { throw .signalTooShort(samples: sampleCount, needed: stft.leftPadding + 1) }
        if stft.reflects {
            pending += tail.dropLast().reversed()
        } else if stft.padding == .causal {
            let partial = sampleCount % stft.hopLength
            if partial > 0 { pending += [Float](repeating: 0, count: stft.hopLength - partial) }
        } else {
            pending += [Float](repeating: 0, count: stft.rightPadding)
        }
        return takeFrames()
    }

    private mutating func takeFrames() -> Spectrum {
        let spectrum = stft.transform(pending)
        pending.removeFirst(spectrum.count * stft.hopLength)
        return spectrum
    }

    private mutating func remember(_ samples: [Float]) {
        let needed = stft.rightPadding + 1
        tail += samples[max(0, samples.count - needed)...]
        if tail.count > needed { tail.removeFirst(tail.count - needed) }
    }
}

/// Spectra in, samples out, in pieces of any size; any cut of the frames gives the same bits. A value: a copy is a checkpoint.
///
/// A sample comes out once no later frame reaches it, fftSize − hop samples behind the newest frame's end.
public struct STFTSynthesis: Sendable {
    /// The transform of a frame.
    public let stft: STFT
    /// Σ w·y and Σ w² from the first sample that the next frame reaches.
    private var sum: [Float]
    private var weight: [Float]
    private let squaredWindow: [Float]
    /// Samples of the left padding still to be dropped.
    private var skip: Int
    private var frameCount = 0
    private var emitted = 0
    private var end = StreamEnd("STFT synthesis")

    /// Before the first frame.
    public init(_ stft: STFT) {
        self.stft = stft
        sum = [Float](repeating: 0, count: stft.fftSize)
        weight = sum
        squaredWindow = stft.window.map { $0 * $0 }
        skip = stft.leftPadding
    }

    /// The samples that `spectrum` `[frames, bins]` completes.
    /// - Throws: `UsedAfterEnd` after `finish()`.
    public mutating func push(_ spectrum: Spectrum) throws(UsedAfterEnd) -> [Float] {
        try end.requireOpen()
        return advance(spectrum)
    }

    /// `push` for a caller that knows that the signal has not ended.
    package mutating func advance(_ spectrum: Spectrum) -> [Float] {
        precondition(spectrum.bins == stft.bins, "rows of \(spectrum.bins) bins for an STFT of \(stft.bins)")
        var output: [Float] = []
        output.reserveCapacity(spectrum.count * stft.hopLength)
        stft.fft.withWorkspace { work in
            spectrum.values.withUnsafeBufferPointer { input in
                for t in 0..<spectrum.count {
                    let base = t * stft.bins * 2
                    for i in 0..<(stft.bins * 2) { work.spectrum[i] = input[base + i] }
                    work.inverse()
                    add(work.samples)
                    emit(stft.hopLength, into: &output)
                    shift()
                }
            }
        }
        frameCount += spectrum.count
        emitted += output.count
        return output
    }

    /// The end: the samples that are left.
    /// - Parameter length: total samples wanted of the signal; samples that no frame covers are zero.
    ///   nil: what the frames surely cover, (frames − 1)·hop + fftSize less the padding.
    /// - Throws: `UsedAfterEnd` when called again.
    public mutating func finish(length: Int? = nil) throws(UsedAfterEnd) -> [Float] {
        try end.reach()
        return complete(length: length)
    }

    /// `finish` for a caller that knows that the signal has not ended.
    package mutating func complete(length: Int? = nil) -> [Float] {
        let covered =
            frameCount == 0
            ? 0 : (frameCount - 1) * stft.hopLength + stft.fftSize - stft.leftPadding - stft.rightPadding
        let wanted = max(0, (length ?? covered) - emitted)
        var output: [Float] = []
        emit(min(stft.fftSize - stft.hopLength, skip + wanted), into: &output)
        return output + [Float](repeating: 0, count: wanted - output.count)
    }

    private mutating func add(_ samples: UnsafeMutablePointer<Float>) {
        let scale = 1 / Float(stft.fftSize)
        stft.window.withUnsafeBufferPointer { w in
            for i in 0..<stft.fftSize {
                sum[i] += samples[i] * w[i] * scale
                weight[i] += squaredWindow[i]
            }
        }
    }

    /// Appends the first `count` samples, the left padding left out.
    private mutating func emit(_ count: Int, into output: inout [Float]) {
        let dropped = min(skip, count)
        for i in dropped..<count { output.append(weight[i] > Self.leastWeight ? sum[i] / weight[i] : 0) }
        skip -= dropped
    }

    /// Moves on by one hop.
    private mutating func shift() {
        let kept = stft.fftSize - stft.hopLength
        for i in 0..<kept {
            sum[i] = sum[i + stft.hopLength]
            weight[i] = weight[i + stft.hopLength]
        }
        for i in kept..<stft.fftSize {
            sum[i] = 0
            weight[i] = 0
        }
    }

    /// Below this Σ w² counts as zero; the bound that torch.istft demands.
    private static let leastWeight: Float = 1e-11
}
