/// Pointwise functions that a kernel can apply as its last step.
public enum Activation: Sendable, Equatable {
    /// x.
    case identity
    /// max(x, 0).
    case relu
    /// x for x ≥ 0, else slope · x.
    case leakyReLU(slope: Float)
    /// x for x ≥ 0, else alpha · (eˣ − 1).
    case elu(alpha: Float)
    /// Exact GELU, x·Φ(x).
    case gelu
    /// GELU in its tanh approximation.
    case geluTanh
    /// The hyperbolic tangent.
    case tanh
    /// 1/(1 + e⁻ˣ).
    case sigmoid
    /// x · sigmoid(x).
    case silu
    /// Snake, x + sin²(αx)/(α + 1e-9), with one α per channel (Ziyin et al. 2020; the DAC form).
    case snake(alpha: [Float])
    /// SnakeBeta, x + sin²(αx)/(β + 1e-9), with one α and one β per channel (Lee et al. 2023, "BigVGAN").
    case snakeBeta(alpha: [Float], beta: [Float])
}
