/// The comparison of one pair of signals, patch by patch.
struct PairComparison {
    /// What `patches` finds.
    enum Outcome {
        /// Band similarities of every patch of the reference.
        case similarities([[Double]])
        case undefined(UndefinedReason)
    }

    private let reference: [Float]
    /// Aligned and at the reference's level.
    private let degraded: [Float]
    private let mode: ViSQOL.Mode
    private let analysis: GammatoneAnalysis

    /// - Parameter gain: what the degraded signal is scaled by.
    init(reference: [Float], degraded: [Float], gain: Float, mode: ViSQOL.Mode, analysis: GammatoneAnalysis) throws {
        self.reference = reference
        let shift = try EnvelopeAlignment.shift(reference: reference, degraded: degraded)
        self.degraded = EnvelopeAlignment.shifted(degraded, by: shift).map { $0 * gain }
        self.mode = mode
        self.analysis = analysis
    }

    /// Finds every patch of the reference in the degraded signal and compares it, aligned once more where that helps.
    func patches() throws -> Outcome {
        guard var r = analysis.spectrogram(reference), var d = analysis.spectrogram(degraded) else { return .undefined(.noOverlap) }
        GammatoneSpectrogram.normalise(&r, &d)
        guard r.values.allSatisfy(\.isFinite), d.values.allSatisfy(\.isFinite) else { return .undefined(.overflow) }
        let starts =
            mode == .speech
            ? ReferencePatches.active(frames: r.frames, length: mode.patchLength, samples: reference, hop: analysis.hop)
            : ReferencePatches.evenlySpaced(frames: r.frames, length: mode.patchLength)
        var matching = PatchMatching(r, d, starts: starts, length: mode.patchLength)
        return .similarities(try matching.matches().map(refined))
    }

    /// The band similarities of a match, or of its samples after a second alignment where those are more alike.
    private func refined(_ match: PatchMatching.Match) throws -> [Double] {
        guard let degradedFrame = match.degradedFrame else { return match.bandMeans }
        let aligned = try EnvelopeAlignment.overlap(
            reference: slice(reference, match.referenceFrame), degraded: slice(degraded, degradedFrame))
        guard var r = analysis.spectrogram(aligned.reference), var d = analysis.spectrogram(aligned.degraded) else {
            return match.bandMeans
        }
        GammatoneSpectrogram.normalise(&r, &d)
        var measure = NeurogramSimilarity(frames: r.frames, bands: r.bands)
        let similarity = measure.measure(
            NeurogramPatch(values: r.values, bands: r.bands), NeurogramPatch(values: d.values, bands: d.bands))
        return similarity < match.similarity ? match.bandMeans : measure.bandMeans
    }

    /// The samples of the patch that starts at `frame`. As in the reference implementation, zeros for what lies beyond the end
    /// go before the samples, and the last sample is not used.
    private func slice(_ samples: [Float], _ frame: Int) -> [Float] {
        let range = (frame * analysis.hop)..<((frame + mode.patchLength) * analysis.hop)
        let end = min(samples.count - 1, range.upperBound)
        return [Float](repeating: 0, count: max(0, range.upperBound - samples.count))
            + samples[min(range.lowerBound, end)..<end]
    }
}
