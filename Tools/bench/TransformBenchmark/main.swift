// TransformBenchmark [SECONDS PER SIZE]: microseconds of a transform and its inverse, by the transforms of this build.
import Kernels
import Spectral

/// Seconds on a clock that only goes forward.
func now() -> Double {
    let time = ContinuousClock.now - start
    return Double(time.components.seconds) + Double(time.components.attoseconds) * 1e-18
}
let start = ContinuousClock.now

let seconds = CommandLine.arguments.dropFirst().first.flatMap(Double.init) ?? 0.5
print("\(StandardTransforms.self)")
print("| size | forward, µs | inverse, µs |\n|---|---|---|")
for size in [256, 320, 400, 512, 1024, 1280, 2048, 2205, 4096, 1021] {
    let fft = try RealFFT(size: size)
    let rows = Frames(count: 64, channels: size, values: (0..<64 * size).map { Float(($0 * 7919) % 997) / 997 - 0.5 })
    let spectrum = fft.forward(rows)
    /// The least of several runs' microseconds per row.
    func time(_ body: () -> Void) -> Double {
        var best = Double.infinity
        let end = now() + seconds
        repeat {
            let begin = now()
            body()
            best = min(best, (now() - begin) * 1e6 / 64)
        } while now() < end
        return best
    }
    let (there, back) = (time { _ = fft.forward(rows) }, time { _ = fft.inverse(spectrum) })
    func decimal(_ value: Double) -> String { "\((value * 100).rounded() / 100)" }
    print("| \(size) | \(decimal(there)) | \(decimal(back)) |")
}
