/// Real arrays as NumPy `.npy` files, version 1.0, little-endian float32 in C order.
public enum NumPyFloats {
    /// - Parameters:
    ///   - values: row-major, as many as the product of `shape`.
    ///   - shape: two dimensions or more.
    public static func encode(_ values: [Float], shape: [Int]) -> [UInt8] {
        precondition(shape.count >= 2 && values.count == shape.reduce(1, *), "values do not fill the shape")
        var fields = FieldWriter()
        NumPyCodes.putHeader(&fields, type: "<f4", shape: shape)
        for value in values { fields.put(value.bitPattern) }
        return fields.bytes
    }
}
