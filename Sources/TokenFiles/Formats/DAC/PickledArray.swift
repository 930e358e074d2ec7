import Platform

/// A NumPy array of numbers in a pickle: `_reconstruct` with the state (1, shape, dtype, is Fortran's order, bytes).
struct PickledArray {
    var element: NumPyHeader.Element
    var shape: [Int]
    var isFortranOrder: Bool
    var data: ArraySlice<UInt8>

    /// Nil for anything but an array of integers or floats whose data fill its shape.
    init?(_ value: PickledValue) {
        guard let (shape, type, isFortranOrder, content) = Self.parts(of: value), case .bytes(let data) = content,
            let element = Self.element(type),
            let count = try? CheckedSize.elements(shape, bytesPerElement: element.byteCount), count * element.byteCount == data.count
        else { return nil }
        self.element = element
        self.shape = shape
        self.isFortranOrder = isFortranOrder
        self.data = data
    }

    /// The items of an array of objects, as `numpy.save` wraps what is no array; nil for anything else.
    static func objects(_ value: PickledValue) -> [PickledValue]? {
        guard let (_, type, _, content) = parts(of: value), case .list(let items) = content,
            case .object(let object) = type, case .text(let name) = object.arguments.first, name.hasPrefix("O")
        else { return nil }
        return items
    }

    private static func parts(
        of value: PickledValue
    ) -> (shape: [Int], type: PickledValue, isFortranOrder: Bool, content: PickledValue)? {
        guard case .object(let object) = value,
            ["numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct"].contains(object.function),
            case .tuple(let state) = object.state, state.count == 5, case .int(1) = state[0],
            case .tuple(let sizes) = state[1], sizes.count <= 8, case .bool(let isFortranOrder) = state[3]
        else { return nil }
        var shape: [Int] = []
        for size in sizes {
            guard case .int(let value) = size else { return nil }
            shape.append(value)
        }
        return (shape, state[2], isFortranOrder, state[4])
    }

    private static func element(_ type: PickledValue) -> NumPyHeader.Element? {
        guard case .object(let object) = type, object.function == "numpy.dtype",
            case .text(let name) = object.arguments.first, case .tuple(let state) = object.state, state.count >= 2,
            case .text(let order) = state[1], ["<", ">", "|"].contains(order), let kind = name.first,
            let size = Int(name.dropFirst()), kind == "f" ? [4, 8].contains(size) : "iu".contains(kind) && [1, 2, 4, 8].contains(size)
        else { return nil }
        return NumPyHeader.Element(isBigEndian: order == ">", isFloat: kind == "f", isSigned: kind == "i", byteCount: size)
    }
}
