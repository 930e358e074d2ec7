import Kernels
import Platform
import TestSupport
import Testing

/// The activation in double precision; Snake's product αx is rounded to Float first, as every implementation has it.
private func exact(_ x: Float, _ activation: Activation, channel: Int) -> Double {
    let d = Double(x)
    switch activation {
    case .identity: return d
    case .relu: return max(d, 0)
    case .leakyReLU(let slope): return d >= 0 ? d : Double(slope) * d
    case .elu(let alpha): return d >= 0 ? d : Double(alpha) * expm1(d)
    case .gelu: return d * 0.5 * erfc(-d * 0.5.squareRoot())
    case .geluTanh: return d / (1 + exp(-2 * (2 / Double.pi).squareRoot() * (d + 0.044715 * d * d * d)))
    case .tanh: return tanh(d)
    case .sigmoid: return 1 / (1 + exp(-d))
    case .silu: return d / (1 + exp(-d))
    case .snake(let alpha):
        let s = sin(Double(alpha[channel] * x))
        return d + s * s / (Double(alpha[channel]) + 1e-9)
    case .snakeBeta(let alpha, let beta):
        let s = sin(Double(alpha[channel] * x))
        return d + s * s / (Double(beta[channel]) + 1e-9)
    }
}

/// A dense grid near 0, then magnitudes up to 10⁴ and the ends of the range.
private let arguments: [Float] = {
    var values = (-4000...4000).map { Float($0) * 0.005 }
    for exponent in stride(from: -30.0, through: 4, by: 0.01) {
        values += [Float(pow(10, exponent)), -Float(pow(10, exponent))]
    }
    return values + [0, -0.0, 87, 88, 89, 100, -87, -88, -89, -100, 1e20, -1e20]
}()

@Suite struct ActivationTests {
    @Test(arguments: InstructionSet.available)
    func agreeWithDoublePrecision(_ set: InstructionSet) {
        var generator = SplitMix64(seed: 1)
        for activation in allActivations(channels: 3, using: &generator) {
            let isSnake = switch activation {
            case .snake, .snakeBeta: true
            default: false
            }
            let inputs = isSnake ? arguments.filter { abs($0) <= 1e4 } : arguments
            let input = Frames(count: inputs.count, channels: 3, values: inputs.flatMap { [$0, $0, $0] })
            var output = input
            Execution(instructionSet: set).run { Kernels.apply(activation, to: &output) }
            var worst = 0.0
            for t in 0..<input.count {
                for c in 0..<3 {
                    let expected = exact(input[t, c], activation, channel: c)
                    worst = max(worst, abs(Double(output[t, c]) - expected) / max(1, abs(expected)))
                }
            }
            #expect(worst < 1e-6, "\(activation): \(worst)")
        }
    }

    @Test(arguments: InstructionSet.available)
    func keepRelativePrecisionNearZero(_ set: InstructionSet) {
        let inputs = arguments.filter { abs($0) < 0.5 && $0 != 0 }
        for activation in [Activation.elu(alpha: 1), .tanh, .gelu, .geluTanh, .silu] {
            var output = Frames(count: inputs.count, channels: 1, values: inputs)
            Execution(instructionSet: set).run { Kernels.apply(activation, to: &output) }
            for (x, y) in zip(inputs, output.values) {
                let expected = exact(x, activation, channel: 0)
                #expect(abs(Double(y) - expected) <= 1e-6 * abs(expected), "\(activation) at \(x)")
            }
        }
    }

    @Test(arguments: InstructionSet.available)
    func saturateAndStayBoundedAtTheEndsOfTheRange(_ set: InstructionSet) {
        func apply(_ activation: Activation, _ x: Float) -> Float {
            var frames = Frames(count: 1, channels: 1, values: [x])
            Execution(instructionSet: set).run { Kernels.apply(activation, to: &frames) }
            return frames[0, 0]
        }
        #expect(apply(.sigmoid, .infinity) == 1)
        #expect(apply(.sigmoid, -.infinity) == 0)
        #expect(apply(.tanh, .infinity) == 1)
        #expect(apply(.tanh, -.infinity) == -1)
        #expect(apply(.elu(alpha: 1), -.infinity) == -1)
        #expect(apply(.relu, -.infinity) == 0)
        #expect(apply(.silu, -1e38) == 0)
        #expect(apply(.gelu, -1e38) == 0)
        let far = apply(.snake(alpha: [1]), 1e30)
        #expect(far == 1e30)
    }

    @Test(arguments: InstructionSet.available)
    func passNotANumberOn(_ set: InstructionSet) {
        var generator = SplitMix64(seed: 2)
        for activation in allActivations(channels: 5, using: &generator) {
            for position in 0..<5 {
                var frames = generator.frames(1, channels: 5)
                frames[0, position] = .nan
                Execution(instructionSet: set).run { Kernels.apply(activation, to: &frames) }
                #expect((0..<5).allSatisfy { frames[0, $0].isNaN == ($0 == position) }, "\(activation)")
            }
        }
    }

    @Test(arguments: InstructionSet.available)
    func giveAValueTheSameBitsAtAnyPosition(_ set: InstructionSet) {
        var generator = SplitMix64(seed: 3)
        for channels in [1, 3, 17, 40, 300] {
            let input = generator.frames(23, channels: channels, in: -20...20)
            for activation in allActivations(channels: channels, using: &generator) {
                Execution(instructionSet: set).run {
                    var whole = input
                    Kernels.apply(activation, to: &whole)
                    var parts = Frames(channels: channels)
                    for range in [0..<1, 1..<6, 6..<23] {
                        var part = input.slice(range)
                        Kernels.apply(activation, to: &part)
                        parts.append(part)
                    }
                    #expect(whole.bits == parts.bits, "\(activation), \(channels) channels")
                }
            }
        }
    }
}
