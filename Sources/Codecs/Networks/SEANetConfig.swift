import Layers

/// The fields of `config.json` that describe the convolutional networks of EnCodec and its kin; see `SEANet`.
public struct SEANetConfig: Decodable, Sendable, Equatable {
    /// Channels at the waveform; each ratio doubles them.
    public var numFilters: Int
    /// Strides from the latents to the waveform; the encoder has them in reverse.
    public var upsamplingRatios: [Int]
    public var numResidualLayers: Int
    public var kernelSize: Int
    public var lastKernelSize: Int
    public var residualKernelSize: Int
    /// Dilation of a residual unit over that of the one before.
    public var dilationGrowthRate: Int
    /// Channels over those inside a residual unit.
    public var compress: Int
    /// Whether a residual unit's shortcut has a 1×1 convolution.
    public var useConvShortcut: Bool
    /// None where the config does not mention them, as in Mimi's.
    public var numLSTMLayers: Int
    public var useCausalConv: Bool
    /// `reflect`, `constant` (zeros) or `replicate`.
    public var padMode: String
    /// Share of a causal transposed convolution's trim that is on the right.
    public var trimRightRatio: Double
    /// `weight_norm`, stored apart or folded, which may go without saying; `time_group_norm` norms each convolution's output over
    /// all of time and channels.
    public var normType: String

    enum CodingKeys: String, CodingKey {
        case numFilters = "num_filters"
        case upsamplingRatios = "upsampling_ratios"
        case numResidualLayers = "num_residual_layers"
        case kernelSize = "kernel_size"
        case lastKernelSize = "last_kernel_size"
        case residualKernelSize = "residual_kernel_size"
        case dilationGrowthRate = "dilation_growth_rate"
        case compress
        case useConvShortcut = "use_conv_shortcut"
        case numLSTMLayers = "num_lstm_layers"
        case useCausalConv = "use_causal_conv"
        case padMode = "pad_mode"
        case trimRightRatio = "trim_right_ratio"
        case normType = "norm_type"
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        numFilters = try fields.decode(Int.self, forKey: .numFilters)
        upsamplingRatios = try fields.decode([Int].self, forKey: .upsamplingRatios)
        numResidualLayers = try fields.decode(Int.self, forKey: .numResidualLayers)
        kernelSize = try fields.decode(Int.self, forKey: .kernelSize)
        lastKernelSize = try fields.decode(Int.self, forKey: .lastKernelSize)
        residualKernelSize = try fields.decode(Int.self, forKey: .residualKernelSize)
        dilationGrowthRate = try fields.decode(Int.self, forKey: .dilationGrowthRate)
        compress = try fields.decode(Int.self, forKey: .compress)
        useConvShortcut = try fields.decode(Bool.self, forKey: .useConvShortcut)
        numLSTMLayers = try fields.decodeIfPresent(Int.self, forKey: .numLSTMLayers) ?? 0
        useCausalConv = try fields.decode(Bool.self, forKey: .useCausalConv)
        padMode = try fields.decode(String.self, forKey: .padMode)
        trimRightRatio = try fields.decode(Double.self, forKey: .trimRightRatio)
        normType = try fields.decodeIfPresent(String.self, forKey: .normType) ?? "weight_norm"
    }

    /// Whether each convolution's output is normed over all of its time, so that the whole signal is needed.
    public var hasTimeNorm: Bool { normType == "time_group_norm" }
    /// Samples a frame, of a validated config.
    public var hopLength: Int { upsamplingRatios.reduce(1, *) }
    /// Channels next to the latents, of a validated config.
    public var deepestWidth: Int { numFilters << upsamplingRatios.count }

    /// What `padMode` means to our layers; nil if nothing.
    var paddingMode: PaddingMode? {
        switch padMode {
        case "reflect": return .reflect
        case "constant": return .zero
        case "replicate": return .replicate
        default: return nil
        }
    }

    /// What a transposed convolution of `stride` and a kernel twice as long cuts off, of a validated config.
    func convTransposeTrim(stride: Int) -> (left: Int, right: Int) {
        let right = useCausalConv ? Int((Double(stride) * trimRightRatio).rounded(.up)) : stride / 2
        return (stride - right, right)
    }

    /// Refuses values that no model of the family has, before anything is sized by them.
    /// - Parameter allowsTimeNorm: whether the signal comes in segments, over which it can be normed.
    /// - Throws: `CheckpointError.invalidConfig` naming the field.
    public func validate(file: String, allowsTimeNorm: Bool = false) throws {
        let check = ConfigCheck<CodingKeys>(file: file)
        try check.requireCount(.upsamplingRatios, upsamplingRatios.count, in: 1...8)
        try check.require(.upsamplingRatios, upsamplingRatios, in: 1...64)
        try check.requireHop(.upsamplingRatios, upsamplingRatios)
        try check.require(.numFilters, [numFilters], in: 1...(16_384 >> upsamplingRatios.count))
        try check.require(.compress, [compress], in: 1...numFilters)
        try check.require(.numResidualLayers, [numResidualLayers], in: 0...8)
        try check.require(.dilationGrowthRate, [dilationGrowthRate], in: 1...4)
        try check.require(.kernelSize, [kernelSize], in: 1...255)
        try check.require(.lastKernelSize, [lastKernelSize], in: 1...255)
        try check.require(.residualKernelSize, [residualKernelSize], in: 1...255)
        try check.require(.numLSTMLayers, [numLSTMLayers], in: 0...16)
        guard paddingMode != nil else {
            throw check.invalid(.padMode, "is \"\(padMode)\", expected reflect, constant or replicate")
        }
        guard useCausalConv ? (0...1).contains(trimRightRatio) : trimRightRatio == 1 else {
            throw check.invalid(.trimRightRatio, "is \(trimRightRatio), expected 0...1, and 1 unless use_causal_conv")
        }
        guard normType == "weight_norm" || (hasTimeNorm && allowsTimeNorm) else {
            throw check.invalid(.normType, "is \"\(normType)\", expected weight_norm, or time_group_norm with chunk_length_s")
        }
    }
}
