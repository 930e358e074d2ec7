import Platform

/// Plain Swift versions of every kernel. Tests compare the fast kernels with them; nothing else uses them.
package enum Reference {
    /// The activation of one value; `channel` selects Snake's α.
    package static func activate(_ x: Float, _ activation: Activation, channel: Int = 0) -> Float {
        switch activation {
        case .identity: return x
        case .relu: return max(x, 0)
        case .leakyReLU(let slope): return x >= 0 ? x : slope * x
        case .elu(let alpha): return x >= 0 ? x : alpha * expm1(x)
        case .gelu: return 0.5 * x * (1 + erf(x * Float(0.5).squareRoot()))
        case .geluTanh:
            return 0.5 * x * (1 + tanhf(0.797_884_56 * (x + 0.044_715 * x * x * x)))
        case .tanh: return tanhf(x)
        case .sigmoid: return 1 / (1 + exp(-x))
        case .silu: return x / (1 + exp(-x))
        case .snake(let alpha):
            let a = alpha[channel]
            let s = sin(a * x)
            return x + s * s / (a + 1e-9)
        case .snakeBeta(let alpha, let beta):
            let s = sin(alpha[channel] * x)
            return x + s * s / (beta[channel] + 1e-9)
        }
    }

    /// Valid convolution of channels-last frames with PyTorch-layout weights `[out, in/groups, kernel]`.
    package static func convolution(
        _ input: Frames, weight: [Float], bias: [Float]?, outputChannels: Int, kernelSize: Int,
        stride: Int = 1, dilation: Int = 1, groups: Int = 1,
        activation: Activation = .identity, residual: Frames? = nil
    ) -> Frames {
        let span = (kernelSize - 1) * dilation + 1
        let count = input.count < span ? 0 : (input.count - span) / stride + 1
        let inGroup = input.channels / groups
        let outGroup = outputChannels / groups
        var output = Frames(zeros: count, channels: outputChannels)
        for t in 0..<count {
            for o in 0..<outputChannels {
                let g = o / outGroup
                var sum = Double(bias?[o] ?? 0)
                for k in 0..<kernelSize {
                    for c in 0..<inGroup {
                        sum += Double(input[t * stride + k * dilation, g * inGroup + c])
                            * Double(weight[(o * inGroup + c) * kernelSize + k])
                    }
                }
                output[t, o] = activate(Float(sum), activation, channel: o) + (residual?[t, o] ?? 0)
            }
        }
        return output
    }

    /// The index of the codeword, of `[size, dimension]`, nearest to each frame by squared Euclidean distance; the lowest index wins a tie.
    package static func nearest(_ input: Frames, codebook: [Float]) -> [Int32] {
        let dim = input.channels
        let size = codebook.count / dim
        return (0..<input.count).map { t in
            var best = 0
            var bestDistance = Double.infinity
            for i in 0..<size {
                var distance = 0.0
                for c in 0..<dim {
                    let d = Double(input[t, c]) - Double(codebook[i * dim + c])
                    distance += d * d
                }
                if distance < bestDistance { (best, bestDistance) = (i, distance) }
            }
            return Int32(best)
        }
    }

    /// Softmax attention of each query over the keys in `range(query)`, as in `Kernels.attend`.
    package static func attend(
        _ queries: Frames, keys: Frames, values: Frames, headSize: Int, range: (Int) -> Range<Int>
    ) -> Frames {
        var output = Frames(zeros: queries.count, channels: queries.channels)
        let group = queries.channels / keys.channels
        for t in 0..<queries.count {
            for head in 0..<(queries.channels / headSize) {
                let (q, k) = (head * headSize, head / group * headSize)
                let scores = range(t).map { j in
                    (0..<headSize).reduce(0.0) { $0 + Double(queries[t, q + $1]) * Double(keys[j, k + $1]) }
                        / Double(headSize).squareRoot()
                }
                let greatest = scores.max() ?? 0
                let weights = scores.map { exp($0 - greatest) }
                let sum = weights.reduce(0, +)
                for c in 0..<headSize {
                    let mixed = zip(range(t), weights).reduce(0.0) { $0 + $1.1 * Double(values[$1.0, k + c]) }
                    output[t, q + c] = Float(mixed / sum)
                }
            }
        }
        return output
    }

    /// Layer normalisation over channels.
    package static func layerNorm(_ input: Frames, weight: [Float]?, bias: [Float]?, epsilon: Float) -> Frames {
        var output = input
        for t in 0..<input.count {
            let row = (0..<input.channels).map { Double(input[t, $0]) }
            let mean = row.reduce(0, +) / Double(row.count)
            let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(row.count)
            let scale = 1 / (variance + Double(epsilon)).squareRoot()
            for c in 0..<input.channels {
                output[t, c] = Float((row[c] - mean) * scale) * (weight?[c] ?? 1) + (bias?[c] ?? 0)
            }
        }
        return output
    }
}
