/// How a safetensors file stores the elements of a tensor; the raw value is the format's name for it.
public enum DataType: String, Sendable, CaseIterable {
    /// One byte each: 0 or 1.
    case bool = "BOOL"
    /// Unsigned, 8 bits.
    case uint8 = "U8"
    /// Signed, 8 bits.
    case int8 = "I8"
    /// Unsigned, 16 bits.
    case uint16 = "U16"
    /// Signed, 16 bits.
    case int16 = "I16"
    /// IEEE 754 half precision.
    case float16 = "F16"
    /// The upper 16 bits of a single-precision number.
    case bfloat16 = "BF16"
    /// Unsigned, 32 bits.
    case uint32 = "U32"
    /// Signed, 32 bits.
    case int32 = "I32"
    /// IEEE 754 single precision.
    case float32 = "F32"
    /// Unsigned, 64 bits.
    case uint64 = "U64"
    /// Signed, 64 bits.
    case int64 = "I64"
    /// IEEE 754 double precision.
    case float64 = "F64"

    /// Bytes of one element.
    public var byteWidth: Int {
        switch self {
        case .bool, .uint8, .int8: return 1
        case .uint16, .int16, .float16, .bfloat16: return 2
        case .uint32, .int32, .float32: return 4
        case .uint64, .int64, .float64: return 8
        }
    }

    /// Whether the elements are integers or booleans.
    public var isInteger: Bool {
        switch self {
        case .float16, .bfloat16, .float32, .float64: return false
        case .bool, .uint8, .int8, .uint16, .int16, .uint32, .int32, .uint64, .int64: return true
        }
    }
}

/// A tensor in memory: Float32 values in row-major order.
public struct Tensor: Sendable, Equatable {
    /// Sizes of the dimensions, the slowest first.
    public var shape: [Int]
    /// As many as the product of `shape`.
    public var values: [Float]

    /// `values` in row-major order; their number must be the product of `shape`.
    public init(shape: [Int], values: [Float]) {
        precondition(values.count == shape.reduce(1, *), "values do not fill the shape")
        self.shape = shape
        self.values = values
    }
}
