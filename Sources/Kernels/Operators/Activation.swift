/// Pointwise functions that a kernel can apply as its last step.
public enum Activation: Sendable, Equatable {
    case identity
    case relu
    case leakyReLU(slope: Float)
    case elu(alpha: Float)
    /// Exact GELU, x·Φ(x).
    case gelu
    /// GELU in its tanh approximation.
    case geluTanh
    case tanh
    case sigmoid
    case silu
    /// Snake, x + sin²(αx)/(α + 1e-9), one α a channel (Ziyin et al. 2020; the DAC form).
    case snake(alpha: [Float])
    /// SnakeBeta, x + sin²(αx)/(β + 1e-9), one α and one β a channel (Lee et al. 2023, "BigVGAN").
    case snakeBeta(alpha: [Float], beta: [Float])
}
