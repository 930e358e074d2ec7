import CKernels

/// How many bits the weights of a matrix take.
public enum WeightPrecision: String, Sendable, CaseIterable {
    case float
    /// 8 bits, a scale an output.
    case int8
    /// 4 bits, a scale for 32 inputs of an output.
    case int4
}

/// Small integers in place of weights: weight = scale · code, with one scale for a run of inputs of one output.
public struct QuantizedWeights: Sendable {
    /// `[outputs, inputs]`.
    public let codes: [Int8]
    /// `[outputs, ⌈inputs/group⌉]`.
    public let scales: [Float]
    public let inputs: Int
    /// Inputs that share a scale.
    public let group: Int

    /// Rounds `weight` `[outputs, inputs]` to codes of `bits` bits.
    ///
    /// The weight of the greatest magnitude in a group gets the code −2^(bits − 1); then the scale becomes the one of least squared
    /// error for the codes.
    public init(rounding weight: [Float], inputs: Int, bits: Int, group: Int) {
        precondition(inputs > 0 && group > 0 && (2...8).contains(bits) && weight.count % inputs == 0, "shape of quantized weights")
        let limit = Float(1 << (bits - 1))
        let (outputs, groups) = (weight.count / inputs, (inputs + group - 1) / group)
        var codes = [Int8](repeating: 0, count: weight.count)
        var scales = [Float](repeating: 0, count: outputs * groups)
        for index in scales.indices {
            let (output, g) = (index / groups, index % groups)
            let range = (output * inputs + g * group)..<(output * inputs + min(inputs, (g + 1) * group))
            var peak: Float = 0
            for i in range where abs(weight[i]) > abs(peak) { peak = weight[i] }
            let first = -peak / limit
            // Below this the quotients are no numbers to round.
            guard first.isNormal else { continue }
            var (product, square) = (0.0, 0.0)
            for i in range {
                let code = min(max((weight[i] / first).rounded(), -limit), limit - 1)
                codes[i] = Int8(code)
                product += Double(weight[i]) * Double(code)
                square += Double(code) * Double(code)
            }
            scales[index] = Float(product / square)
        }
        self.codes = codes
        self.scales = scales
        self.inputs = inputs
        self.group = group
    }

    /// The weight that the codes stand for.
    public func weight(output: Int, input: Int) -> Float {
        let groups = (inputs + group - 1) / group
        return scales[output * groups + input / group] * Float(codes[output * inputs + input])
    }
}

/// The product with a matrix of 8- or 4-bit weights, packed once for the kernels. Activations stay Float32.
///
/// For one row at a time the weights' way from memory is the cost, and fewer bytes are faster; for many rows a `Convolution` is.
/// As there, a row's result never depends on the rows beside it, to the bit.
public struct QuantizedMatrix: Sendable {
    public let inputChannels: Int
    public let outputChannels: Int
    /// Of the packed weights and scales.
    public let byteCount: Int
    private let bits: Int
    private let group: Int
    private let instructionSet: InstructionSet
    private let packed: AlignedFloats

    /// Inputs that share a scale of 4-bit weights.
    public static let groupOfFourBits = 32

    /// Rounds and packs weights for the current `Kernels.instructionSet`.
    /// - Parameters:
    ///   - weight: PyTorch layout `[outputChannels, inputChannels]`, finite.
    ///   - bits: 8, with a scale an output, or 4, with one for each `groupOfFourBits` inputs of an output.
    public init(weight: [Float], inputChannels: Int, bits: Int) {
        precondition(bits == 8 || bits == 4, "weights of \(bits) bits")
        let group = bits == 8 ? inputChannels : Self.groupOfFourBits
        self.init(QuantizedWeights(rounding: weight, inputs: inputChannels, bits: bits, group: group), bits: bits)
    }

    private init(_ weights: QuantizedWeights, bits: Int) {
        let set = Kernels.instructionSet
        inputChannels = weights.inputs
        outputChannels = weights.codes.count / weights.inputs
        (self.bits, group, instructionSet) = (bits, weights.group, set)
        var shape = ck_quantized(inputs: inputChannels, outputs: outputChannels, bits: bits, group: group)
        let size = ck_quantized_packed_size(set.code, &shape)
        byteCount = size
        packed = AlignedFloats(count: (size + 3) / 4) { packed in
            weights.codes.withUnsafeBufferPointer { codes in
                weights.scales.withUnsafeBufferPointer { scales in
                    ck_quantized_pack(set.code, &shape, codes.baseAddress!, scales.baseAddress!, packed)
                }
            }
        }
    }

    /// `activation(W·input) + residual`.
    /// - Parameters:
    ///   - input: `[time, inputChannels]`.
    ///   - residual: `[time, outputChannels]`, added after the activation.
    public func callAsFunction(_ input: Frames, activation: Activation = .identity, residual: Frames? = nil) -> Frames {
        precondition(input.channels == inputChannels, "a matrix of \(inputChannels) inputs was given \(input.channels)")
        precondition(
            residual.map { $0.count == input.count && $0.channels == outputChannels } ?? true, "residual of another shape")
        if input.isEmpty { return Frames(channels: outputChannels) }
        var shape = ck_quantized(inputs: inputChannels, outputs: outputChannels, bits: bits, group: group)
        let count = input.count
        return input.withUnsafeBufferPointer { input in
            activation.withEpilogue(channels: outputChannels, residual: residual) { epilogue in
                Frames(count: count, channels: outputChannels) { output in
                    ck_quantized_product(
                        instructionSet.code, &shape, packed.pointer, input.baseAddress, count, epilogue, output.baseAddress)
                }
            }
        }
    }
}
