import Codetta
import Foundation

/// A line on the terminal that says how far a long piece of work is: shown from the second second on, and only on a terminal.
final class Progress {
    private let title: String
    private let total: Int?
    private let isEstimate: Bool
    private let rate: Int
    private let isShown: Bool
    private let start = ContinuousClock.now
    private var lastDrawn: ContinuousClock.Instant
    private var isDrawn = false

    /// - Parameters:
    ///   - total: samples in all, when known.
    ///   - isEstimate: whether `total` is a guess.
    ///   - rate: samples per second of audio, for the speed.
    init(_ title: String, total: Int?, isEstimate: Bool = false, rate: Int, isShown: Bool) {
        self.title = title
        self.total = total
        self.isEstimate = isEstimate
        self.rate = rate
        self.isShown = isShown && Terminal.isInteractive
        lastDrawn = start
    }

    /// Progress through the audio that `reader` holds.
    convenience init(_ title: String, _ reader: AudioReader, isShown: Bool) {
        self.init(
            title, total: reader.totalSamples ?? reader.estimatedSamples, isEstimate: reader.totalSamples == nil, rate: reader.sampleRate,
            isShown: isShown)
    }

    func update(_ done: Int) {
        guard isShown else { return }
        let now = ContinuousClock.now
        guard now - start > .seconds(1), now - lastDrawn > .milliseconds(200) else { return }
        lastDrawn = now
        isDrawn = true
        Terminal.progress(text(done, elapsed: now - start))
    }

    /// Removes the line.
    func finish() {
        if isDrawn { Terminal.progress("") }
        isDrawn = false
    }

    private func text(_ done: Int, elapsed: Duration) -> String {
        let seconds = elapsed / .seconds(1)
        let speed = Double(done) / Double(rate) / seconds
        var parts = [title]
        if let total, total > 0 {
            parts.append("\(isEstimate ? "about " : "")\(min(100, 100 * done / total)) %")
            let left = Double(max(0, total - done)) / max(Double(done), 1) * seconds
            parts.append("ETA \(isEstimate ? "about " : "")\(Format.duration(left.rounded()))")
        } else {
            parts.append(Format.duration(Double(done) / Double(rate)))
        }
        parts.append("\(Format.decimal(speed, 0))× real time")
        return parts.joined(separator: "  ")
    }
}
