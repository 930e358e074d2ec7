import CKernels

extension Activation {
    /// Calls `body` with an epilogue for the kernels: this activation on `channels` channels, then the addition of `residual`.
    func withEpilogue<R>(
        channels: Int, residual: Frames? = nil, _ body: (UnsafePointer<ck_epilogue>) -> R
    ) -> R {
        var epilogue = ck_epilogue()
        func withResidual() -> R {
            guard let residual else { return body(&epilogue) }
            return residual.withUnsafeBufferPointer {
                epilogue.residual = $0.baseAddress
                return body(&epilogue)
            }
        }
        let kind: ck_activation
        switch self {
        case .identity: kind = CK_IDENTITY
        case .relu: kind = CK_RELU
        case .leakyReLU(let slope): (kind, epilogue.parameter) = (CK_LEAKY_RELU, slope)
        case .elu(let alpha): (kind, epilogue.parameter) = (CK_ELU, alpha)
        case .gelu: kind = CK_GELU
        case .geluTanh: kind = CK_GELU_TANH
        case .tanh: kind = CK_TANH
        case .sigmoid: kind = CK_SIGMOID
        case .silu: kind = CK_SILU
        case .snake, .snakeBeta: kind = CK_SNAKE
        }
        epilogue.activation = Int32(kind.rawValue)
        guard let (alpha, beta) = snakeParameters else { return withResidual() }
        precondition(alpha.count == channels, "Snake has \(alpha.count) alphas for \(channels) channels")
        precondition(beta == nil || beta!.count == channels, "Snake's betas do not fit \(channels) channels")
        return alpha.withUnsafeBufferPointer {
            epilogue.alpha = $0.baseAddress
            return withOptionalPointer(beta) {
                epilogue.beta = $0
                return withResidual()
            }
        }
    }

    private var snakeParameters: (alpha: [Float], beta: [Float]?)? {
        switch self {
        case .snake(let alpha): return (alpha, nil)
        case .snakeBeta(let alpha, let beta): return (alpha, beta)
        default: return nil
        }
    }
}
