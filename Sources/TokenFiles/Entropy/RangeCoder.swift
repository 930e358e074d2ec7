/// Codes binary decisions. One generic function drives the encoder and the decoder, so that they cannot drift apart.
protocol BinaryCoder {
    /// `Never`, but for decoders.
    associatedtype Failure: Error

    /// Codes `bit`, which is 1 with `probability` / 2¹⁶. A decoder ignores `bit` and returns the one that it reads.
    mutating func code(_ bit: Int, probability: UInt32) throws(Failure) -> Int
}

/// A carry-propagating range encoder for binary decisions in 32-bit integer arithmetic (Martin 1979; Docs/container-1.md, mode 1).
struct RangeEncoder: BinaryCoder {
    private(set) var bytes: [UInt8] = []
    /// Whether more than `limit` bytes were due, so that `bytes` is incomplete.
    private(set) var isOverfull = false
    private let limit: Int
    private var low: UInt32 = 0
    private var range = UInt32.max

    /// Keeps at most `limit` bytes.
    init(limit: Int) { self.limit = limit }

    mutating func code(_ bit: Int, probability: UInt32) -> Int {
        let bound = (range >> 16) * probability
        if bit == 1 {
            range = bound
        } else {
            add(bound)
            range -= bound
        }
        while range < 1 << 24 {
            emit()
            range <<= 8
        }
        return bit
    }

    /// The payload: what was emitted and one byte that places it inside the last interval; nil when it exceeds the limit.
    mutating func finish() -> [UInt8]? {
        add((0 &- low) & 0xFF_FFFF)
        emit()
        return isOverfull ? nil : bytes
    }

    private mutating func add(_ value: UInt32) {
        let (sum, carry) = low.addingReportingOverflow(value)
        low = sum
        guard carry else { return }
        var place = bytes.count - 1
        while place >= 0, bytes[place] == 0xFF {
            bytes[place] = 0
            place -= 1
        }
        if place >= 0 { bytes[place] += 1 }
    }

    private mutating func emit() {
        if bytes.count < limit { bytes.append(UInt8(low >> 24)) } else { isOverfull = true }
        low <<= 8
    }
}

/// Reads what `RangeEncoder` wrote and accepts nothing else: of all payloads that decode to the same decisions, only the encoder's.
struct RangeDecoder: BinaryCoder {
    private let bytes: [UInt8]
    /// Place of the payload in the stream, for errors.
    private let offset: Int
    private var next = 0
    /// Lower end of the interval, modulo 2³².
    private var low: UInt32 = 0
    private var range = UInt32.max
    /// The payload's number less `low`.
    private var code: UInt32 = 0

    init(_ bytes: [UInt8], offset: Int) {
        self.bytes = bytes
        self.offset = offset
        for _ in 0..<4 { shift() }
    }

    mutating func code(_ bit: Int, probability: UInt32) throws(TokenStreamError) -> Int {
        let bound = (range >> 16) * probability
        let isOne = code < bound
        if isOne {
            range = bound
        } else {
            low &+= bound
            code -= bound
            range -= bound
        }
        while range < 1 << 24 {
            low <<= 8
            range <<= 8
            shift()
        }
        // The encoder still has a byte to come for every decision, so that a short payload cannot feed zeros for ever.
        guard next <= bytes.count + 3 else { throw invalid("ends early") }
        guard code < range else { throw invalid("lies outside all intervals") }
        return isOne ? 1 : 0
    }

    /// Checks that the payload ends as the encoder ends it.
    func finish() throws(TokenStreamError) {
        guard next == bytes.count + 3 else { throw invalid("has bytes left over") }
        guard code == (0 &- low) & 0xFF_FFFF else { throw invalid("has another end than an encoder's") }
    }

    private mutating func shift() {
        code = code << 8 | (next < bytes.count ? UInt32(bytes[next]) : 0)
        next += 1
    }

    private func invalid(_ found: String) -> TokenStreamError {
        .invalidField(
            part: "chunk", field: "range-coded payload that", found: found, expected: "one that an encoder makes",
            offset: offset)
    }
}
