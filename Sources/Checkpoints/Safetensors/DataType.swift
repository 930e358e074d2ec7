/// How a safetensors file stores the elements of a tensor; the raw value is the format's name for it.
public enum DataType: String, Sendable, CaseIterable {
    case bool = "BOOL"
    case uint8 = "U8"
    case int8 = "I8"
    case uint16 = "U16"
    case int16 = "I16"
    case float16 = "F16"
    case bfloat16 = "BF16"
    case uint32 = "U32"
    case int32 = "I32"
    case float32 = "F32"
    case uint64 = "U64"
    case int64 = "I64"
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

    public var isInteger: Bool {
        switch self {
        case .float16, .bfloat16, .float32, .float64: return false
        case .bool, .uint8, .int8, .uint16, .int16, .uint32, .int32, .uint64, .int64: return true
        }
    }
}

/// A tensor in memory: Float32 values in row-major order.
public struct Tensor: Sendable, Equatable {
    public var shape: [Int]
    /// As many as the product of `shape`.
    public var values: [Float]

    public init(shape: [Int], values: [Float]) {
        precondition(values.count == shape.reduce(1, *), "values do not fill the shape")
        self.shape = shape
        self.values = values
    }
}
