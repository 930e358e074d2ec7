import CKernels

/// How many bits the weights of a matrix take.
public enum WeightPrecision: String, Sendable, CaseIterable {
    /// 32-bit floating point.
    case float
    /// 8 bits, with one scale per output.
    case int8
    /// 4 bits, with one scale for every 32 inputs of an output.
    case int4
}

/// Small integers in place of weights: weight = scale · code, with one scale for every few inputs of an output.
public struct QuantizedWeights: Sendable {
    /// The integers, `[outputs, inputs]`.
    public let codes: [Int8]
    /// The scales, `[outputs, ⌈inputs/group⌉]`.
    public let scales: [Float]
    /// Inputs of the matrix.
    public let inputs: Int
    /// Inputs that share a scale.
    public let group: Int

    /// Rounds `weight` `[outputs, inputs]` to codes of `bits` bits.
    ///
    /// A first scale gives the weight of the greatest magnitude in a group the code −2^(bits − 1), and so all other weights their
    /// codes. The group then gets the scale that has the least squared error with these codes.
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
            // With a smaller scale the quotients overflow.
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
/// It is faster than a `Convolution` for one row at a time, where reading the weights from memory takes most of the time and
/// fewer bytes take less. For many rows a `Convolution` is faster. A row's result never depends on the rows beside it, to the bit.
public struct QuantizedMatrix: Sendable {
    /// Channels of the input.
    public let inputChannels: Int
    /// Channels of the output.
    public let outputChannels: Int
    /// Bytes of the packed weights and scales.
    public let byteCount: Int
    private let bits: Int
    private let group: Int
    private let instructionSet: InstructionSet
    private let packed: AlignedFloats

    /// How many inputs of an output share a scale where weights have 4 bits.
    public static let groupOfFourBits = 32

    /// Rounds and packs weights for the instruction set of `Execution.current`.
    /// - Parameters:
    ///   - weight: PyTorch layout `[outputChannels, inputChannels]`, finite.
    ///   - inputChannels: channels of the input.
    ///   - bits: 8, with one scale per output, or 4, with one scale for every `groupOfFourBits` inputs of an output.
    public init(weight: [Float], inputChannels: Int, bits: Int) {
        precondition(bits == 8 || bits == 4, "weights of \(bits) bits")
        let group = bits == 8 ? inputChannels : Self.groupOfFourBits
        self.init(QuantizedWeights(rounding: weight, inputs: inputChannels, bits: bits, group: group), bits: bits)
    }

    private init(_ weights: QuantizedWeights, bits: Int) {
        let set = Execution.current.instructionSet
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
        let execution = Execution.current
        return input.withUnsafeBufferPointer { input in
            activation.withEpilogue(channels: outputChannels, residual: residual) { epilogue in
                Frames(count: count, channels: outputChannels) { output in
                    execution.timed(
                        .quantizedProduct, ck_convolution(inputs: inputChannels, outputs: outputChannels), rows: count
                    ) {
                        ck_quantized_product(
                            instructionSet.code, &shape, packed.pointer, input.baseAddress, count, epilogue, output.baseAddress)
                    }
                }
            }
        }
    }
}
