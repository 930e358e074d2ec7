// Kernel rates at codec shapes: `swift run -c release KernelBenchmark [portable|neon|avx2|avx512]`.
// One thread, the best of several runs; clocks drift, so the percentages of the peak measured alongside say more than the rates.
import Kernels

/// A convolution to time.
struct Shape {
    let name: String
    let inputs, outputs: Int
    var kernel = 1, stride = 1, dilation = 1, groups = 1
    var activation: Activation = .identity
    let rows: [Int]

    var operationsPerRow: Double { 2 * Double(outputs * (inputs / groups) * kernel) }
}

let shapes = [
    Shape(name: "linear 256→768", inputs: 256, outputs: 768, rows: [96, 1]),
    Shape(name: "linear 256→768, GELU", inputs: 256, outputs: 768, activation: .gelu, rows: [96, 1]),
    Shape(name: "linear 768→256", inputs: 768, outputs: 256, rows: [96, 1]),
    Shape(name: "linear 512→256", inputs: 512, outputs: 256, rows: [96, 1]),
    Shape(name: "linear 1024→1024", inputs: 1024, outputs: 1024, rows: [96, 1]),
    Shape(name: "conv 7 d3 96→96", inputs: 96, outputs: 96, kernel: 7, dilation: 3, rows: [960, 96]),
    Shape(
        name: "conv 7 d3 96→96, Snake", inputs: 96, outputs: 96, kernel: 7, dilation: 3,
        activation: .snake(alpha: [Float](repeating: 0.7, count: 96)), rows: [960]),
    Shape(name: "conv 7 d3 768→768", inputs: 768, outputs: 768, kernel: 7, dilation: 3, rows: [96]),
    Shape(name: "conv 16 s8 256→512", inputs: 256, outputs: 512, kernel: 16, stride: 8, rows: [75]),
    Shape(name: "conv 7 1→32", inputs: 1, outputs: 32, kernel: 7, rows: [960]),
    Shape(name: "conv 7 32→1", inputs: 32, outputs: 1, kernel: 7, rows: [960]),
    Shape(name: "depthwise 7, 256", inputs: 256, outputs: 256, kernel: 7, groups: 256, rows: [96, 1]),
]

/// Seconds a call, the best of seven runs of about 20 ms.
func time(_ body: () -> Void) -> Double {
    let clock = ContinuousClock()
    body()
    let once = max(clock.measure(body) / .seconds(1), 1e-7)
    let repeats = max(1, Int(0.02 / once))
    return (0..<7).map { _ in
        clock.measure { for _ in 0..<repeats { body() } } / .seconds(1) / Double(repeats)
    }.min()!
}

func ramp(_ count: Int) -> [Float] { (0..<count).map { Float($0 % 17 - 8) * 0.01 } }

func report(_ name: String, rows: Int, operations: Double, peak: Double, _ body: () -> Void) {
    let seconds = time(body)
    let columns = [
        name.padded(to: 26), "\(rows)".padded(to: 6), "\(fixed(operations / seconds / 1e9)) GFLOP/s".padded(to: 16),
        "\(fixed(100 * operations / seconds / peak)) %".padded(to: 9), "\(fixed(seconds * 1e6)) µs",
    ]
    print(columns.joined(separator: " "))
}

func fixed(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return "\(tenths / 10).\(tenths % 10)"
}

extension String {
    func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}

func benchmark() {
    let peak = Execution.current.instructionSet.measurePeakRate()
    print("\(Execution.current.instructionSet.rawValue), one thread, peak \(fixed(peak / 1e9)) GFLOP/s")
    for shape in shapes {
        let weights = ramp(shape.outputs * shape.inputs / shape.groups * shape.kernel)
        let convolution = Convolution(
            weight: weights, bias: ramp(shape.outputs), inputChannels: shape.inputs, outputChannels: shape.outputs,
            kernelSize: shape.kernel, stride: shape.stride, dilation: shape.dilation, groups: shape.groups)
        for rows in shape.rows {
            let frames = (rows - 1) * shape.stride + convolution.span
            let input = Frames(count: frames, channels: shape.inputs, values: ramp(frames * shape.inputs))
            report(shape.name, rows: rows, operations: shape.operationsPerRow * Double(rows), peak: peak) {
                _ = convolution(input, activation: shape.activation)
            }
        }
    }
    for (size, dimension) in [(1024, 64), (1024, 8), (2048, 256)] {
        let codebook = PackedCodebook(codewords: ramp(size * dimension), dimension: dimension)
        for rows in [96, 1] {
            let input = Frames(count: rows, channels: dimension, values: ramp(rows * dimension))
            report(
                "codebook \(size)×\(dimension)", rows: rows, operations: 2 * Double(rows * size * dimension), peak: peak
            ) { _ = codebook.nearest(input) }
        }
    }
}

if let name = CommandLine.arguments.dropFirst().first {
    if let set = InstructionSet(rawValue: name), set.isAvailable {
        Execution(instructionSet: set).run(benchmark)
    } else {
        print("no instruction set \(name) here; there are \(InstructionSet.available.map(\.rawValue))")
    }
} else {
    benchmark()
}
