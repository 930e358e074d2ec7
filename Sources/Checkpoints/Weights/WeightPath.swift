/// A prefix of tensor names in a checkpoint under construction: `weights / "encoder" / 3` names `encoder.3`.
///
/// What a layer demands from here is either there in the right shape or noted, see `WeightLoader`; the methods throw
/// only where going on is pointless, when the file cannot be read or what is missing would not fit into memory.
public struct WeightPath {
    /// The dotted prefix, empty at the root.
    public let path: String
    private let loader: WeightLoader

    init(path: String, loader: WeightLoader) {
        self.path = path
        self.loader = loader
    }

    /// `name`, itself a dotted path or not, below `parent`.
    public static func / (parent: WeightPath, name: String) -> WeightPath {
        WeightPath(path: parent.fullName(name), loader: parent.loader)
    }

    /// The numbered part `index` of `parent`.
    public static func / (parent: WeightPath, index: Int) -> WeightPath { parent / String(index) }

    /// Whether the checkpoint has the tensor `name` here.
    public func has(_ name: String) -> Bool { loader.shape(of: fullName(name)) != nil }

    /// The shape that the checkpoint gives to `name`, or nil if it is missing.
    public func shape(of name: String) -> [Int]? { loader.shape(of: fullName(name)) }

    /// Values of `name` in row-major order, as many as `shape` says; zeros if the tensor is not there in that shape.
    public func tensor(_ name: String, shape: [Int]) throws -> [Float] {
        try loader.values(fullName(name), shape: shape)
    }

    /// As `tensor`, but nil without complaint if there is no such tensor.
    public func optionalTensor(_ name: String, shape: [Int]) throws -> [Float]? {
        has(name) ? try tensor(name, shape: shape) : nil
    }

    /// Lets `names` be present here without being used.
    public func ignore(_ names: String...) {
        for name in names { loader.ignore(fullName(name)) }
    }

    /// The `weight` of a layer of this `shape`, with its weight norm folded if it is stored apart.
    ///
    /// Weight norm (Salimans and Kingma 2016) stores a direction v and a gain g for each index of one axis, usually the first;
    /// weight = v · g / ‖v‖ over all other axes. The three spellings are `weight_g` and `weight_v`,
    /// `parametrizations.weight.original0` and `original1`, and a plain `weight`, already folded.
    /// - Parameter axis: of `shape`, that of the gains.
    public func normalizedWeight(shape: [Int], axis: Int = 0) throws -> [Float] {
        if has("weight_v") { return try foldedWeight(gain: "weight_g", direction: "weight_v", shape: shape, axis: axis) }
        let (gain, direction) = ("parametrizations.weight.original0", "parametrizations.weight.original1")
        if has(direction) { return try foldedWeight(gain: gain, direction: direction, shape: shape, axis: axis) }
        return try tensor("weight", shape: shape)
    }

    /// The weight of a map applied to each frame by itself, `[outputs, inputs]`, whether it is stored as a linear layer
    /// or as a convolution of kernel size 1, `[outputs, inputs, 1]`, with weight norm or without.
    public func pointwiseWeight(outputs: Int, inputs: Int) throws -> [Float] {
        let names = ["weight_v", "parametrizations.weight.original1", "weight"]
        let isConvolution = names.lazy.compactMap(shape(of:)).first?.count == 3
        return try normalizedWeight(shape: isConvolution ? [outputs, inputs, 1] : [outputs, inputs])
    }

    private func foldedWeight(gain: String, direction: String, shape: [Int], axis: Int) throws -> [Float] {
        let gains = try tensor(gain, shape: shape.indices.map { $0 == axis ? shape[axis] : 1 })
        var weight = try tensor(direction, shape: shape)
        guard !weight.isEmpty else { return weight }
        // Of neighbouring values with one index on the axis.
        let run = shape[(axis + 1)...].reduce(1, *)
        for (row, gain) in gains.enumerated() {
            let starts = stride(from: row * run, to: weight.count, by: gains.count * run)
            var squares = 0.0
            for start in starts { for i in start..<(start + run) { squares += Double(weight[i]) * Double(weight[i]) } }
            // A row of zeros has no direction: 0 / 0 wherever this model was trained.
            if squares == 0 && gain != 0 {
                loader.reject(fullName(direction), "has norm 0 in row \(row)")
                return weight
            }
            let scale = squares == 0 ? 0 : Float(Double(gain) / squares.squareRoot())
            for start in starts { for i in start..<(start + run) { weight[i] *= scale } }
        }
        return weight
    }

    private func fullName(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }
}
