import Checkpoints
import Layers

extension ConvNeXtBlock {
    /// A causal block of the recipe's models: `depthwise`, `norm`, `expand`, `contract` and the branch's scale `gamma`.
    /// - Throws: `CheckpointError` for a tensor that is missing or misshapen.
    init(_ path: WeightPath, width d: Int, expansion: Int, kernelSize: Int) throws {
        let inner = d * expansion
        try self.init(
            depthwise: Conv1d(
                weight: path.tensor("depthwise.weight", shape: [d, 1, kernelSize]), bias: path.tensor("depthwise.bias", shape: [d]),
                inputChannels: d, outputChannels: d, kernelSize: kernelSize, groups: d),
            norm: LayerNorm(path / "norm", channels: d, epsilon: 1e-6),
            expand: Linear(
                weight: path.tensor("expand.weight", shape: [inner, d]), bias: path.tensor("expand.bias", shape: [inner]),
                inputChannels: d, outputChannels: inner, activation: .geluTanh),
            contract: Linear(
                weight: path.tensor("contract.weight", shape: [d, inner]), bias: path.tensor("contract.bias", shape: [d]),
                inputChannels: inner, outputChannels: d, outputScale: path.tensor("gamma", shape: [d])))
    }
}
