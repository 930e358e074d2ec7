/// The short-time Fourier transform and its exact inverse.
///
/// Frame t is the FFT of window · padded[t·hop ..< t·hop + fftSize], where `padded` is the signal framed as `padding` says.
/// The inverse is weighted overlap-add: Σ w·y / Σ w², exact wherever Σ w² is not zero (Griffin and Lim, 1984).
/// Whole signals and streams run the same steps, so any cut of a signal gives the same bits.
public struct STFT: Sendable {
    /// Where frames lie on the signal of n samples.
    public enum Padding: Sendable, Hashable {
        /// fftSize/2 samples added at both ends, so that frame t is centred on sample t·hop: 1 + ⌊n/hop⌋ frames (torch, librosa).
        case center(Edge = .reflect)
        /// (fftSize − hop)/2 samples added at both ends, so that frame t is centred on hop t: ⌊n/hop⌋ frames (Vocos's "same").
        case same(Edge = .reflect)
        /// fftSize − hop zeros before the signal, so that frame t ends with hop t and needs no later sample; at the end
        /// zeros fill the last hop: ⌈n/hop⌉ frames.
        case causal
        /// Frames inside the signal only.
        case none
    }

    /// What is added outside the signal.
    public enum Edge: Sendable, Hashable {
        /// The signal mirrored at its first and last sample, which are not repeated; needs more samples than are added.
        case reflect
        /// Silence.
        case zero
    }

    /// Samples that a frame covers.
    public let fftSize: Int
    /// Samples from one frame to the next.
    public let hopLength: Int
    /// Which frames there are at the signal's ends.
    public let padding: Padding
    /// The window, padded with zeros on both sides to `fftSize` values.
    public let window: [Float]
    /// Complex values per frame, fftSize/2 + 1.
    public var bins: Int { fft.bins }

    let fft: RealFFT

    /// - Parameters:
    ///   - hopLength: 1 … fftSize.
    ///   - windowLength: nil = `fftSize`; a shorter window is centred in the frame, as torch does.
    /// - Throws: `SpectralError` for sizes out of range, and an odd fftSize − hopLength with `.same`.
    public init(
        fftSize: Int, hopLength: Int, windowLength: Int? = nil, window: Window = .hann, padding: Padding = .center(),
        transforms: any FourierTransforms
    ) throws(SpectralError) {
        try checkSize(fftSize, "FFT size")
        let windowLength = windowLength ?? fftSize
        guard (1...fftSize).contains(windowLength) else {
            throw .size(what: "window length", found: windowLength, allowed: 1...fftSize)
        }
        try self.init(
            fftSize: fftSize, hopLength: hopLength, windowValues: try window.values(windowLength), padding: padding,
            transforms: transforms)
    }

    /// With a window of one's own, at most `fftSize` values.
    /// - Throws: as the other initialiser, and `windowLength`.
    public init(
        fftSize: Int, hopLength: Int, windowValues: [Float], padding: Padding = .center(), transforms: any FourierTransforms
    ) throws(SpectralError) {
        try checkSize(fftSize, "FFT size")
        guard (1...fftSize).contains(hopLength) else {
            throw .size(what: "hop length", found: hopLength, allowed: 1...fftSize)
        }
        guard (1...fftSize).contains(windowValues.count) else {
            throw .windowLength(expected: fftSize, found: windowValues.count)
        }
        if case .same = padding, (fftSize - hopLength) % 2 != 0 {
            throw .oddSize(what: "FFT size − hop length with same padding", found: fftSize - hopLength)
        }
        self.fftSize = fftSize
        self.hopLength = hopLength
        self.padding = padding
        let left = (fftSize - windowValues.count) / 2
        let right = fftSize - windowValues.count - left
        window = [Float](repeating: 0, count: left) + windowValues + [Float](repeating: 0, count: right)
        fft = try RealFFT(size: fftSize, transforms: transforms)
    }

    /// The spectra `[frames, bins]` of a whole signal.
    /// - Throws: `SpectralError.signalTooShort` when reflecting needs more samples.
    public func analyze(_ samples: [Float]) throws(SpectralError) -> Spectrum {
        var analysis = STFTAnalysis(self)
        var spectrum = analysis.advance(samples)
        spectrum.append(try analysis.complete())
        return spectrum
    }

    /// The signal of `spectrum` `[frames, bins]`.
    /// - Parameter length: samples wanted, because the number of frames tells the length only to within a hop; samples that
    ///   no frame covers are zero. nil: what the frames surely cover, (frames − 1)·hop + fftSize less the padding.
    public func synthesize(_ spectrum: Spectrum, length: Int? = nil) -> [Float] {
        var synthesis = STFTSynthesis(self)
        var samples = synthesis.advance(spectrum)
        samples += synthesis.complete(length: length)
        if let length, samples.count > length { samples.removeLast(samples.count - length) }
        return samples
    }

    /// Samples that the padding adds before the signal.
    var leftPadding: Int {
        switch padding {
        case .center: return fftSize / 2
        case .same: return (fftSize - hopLength) / 2
        case .causal: return fftSize - hopLength
        case .none: return 0
        }
    }

    /// Samples that the padding adds after the signal, causal padding's last hop aside.
    var rightPadding: Int { padding == .causal ? 0 : leftPadding }

    /// Whether the padding mirrors the signal.
    var reflects: Bool { padding == .center(.reflect) || padding == .same(.reflect) }

    /// Every whole frame of `padded`, which begins where a frame begins.
    func transform(_ padded: [Float]) -> Spectrum {
        let count = padded.count < fftSize ? 0 : (padded.count - fftSize) / hopLength + 1
        return Spectrum(count: count, bins: bins) { output in
            padded.withUnsafeBufferPointer { input in
                window.withUnsafeBufferPointer { w in
                    fft.withWorkspace { work in
                        guard count > 0, let x = input.baseAddress, let w = w.baseAddress, let y = output.baseAddress
                        else { return }
                        for t in 0..<count {
                            let frame = x + t * hopLength
                            for i in 0..<fftSize { work.samples[i] = w[i] * frame[i] }
                            work.forward()
                            (y + t * bins * 2).update(from: work.spectrum, count: bins * 2)
                        }
                    }
                }
            }
        }
    }
}
