/// Counts the bytes of an Ogg stream's packets by the lacing values of its pages (RFC 3533, section 6).
enum OggPackets {
    /// Packet lengths in order, of the only logical stream.
    ///
    /// Lengths alone are read: neither checksums nor sequence numbers, which the stream's own decoder looks at.
    /// - Throws: `EvaluationError.malformedStream` for what is not pages one after the other, or several streams.
    static func lengths(_ bytes: [UInt8]) throws(EvaluationError) -> [Int] {
        var lengths: [Int] = []
        var unfinished = 0
        var position = 0
        var serial: ArraySlice<UInt8>?
        while position < bytes.count {
            guard bytes.count - position >= 27, bytes[position..<position + 4].elementsEqual("OggS".utf8) else {
                throw .malformedStream("no Ogg page at byte \(position)")
            }
            let number = bytes[position + 14..<position + 18]
            if let serial, !serial.elementsEqual(number) { throw .malformedStream("several Ogg streams in one") }
            serial = number
            let laces = Int(bytes[position + 26])
            guard bytes.count - position >= 27 + laces else { throw .malformedStream("Ogg page at byte \(position) is cut short") }
            let table = bytes[position + 27..<position + 27 + laces]
            for lace in table {
                unfinished += Int(lace)
                if lace < 255 {
                    lengths.append(unfinished)
                    unfinished = 0
                }
            }
            position += 27 + laces + table.reduce(0) { $0 + Int($1) }
        }
        guard position == bytes.count, unfinished == 0 else { throw .malformedStream("the last Ogg page is cut short") }
        return lengths
    }

    /// Bytes of all packets but the first `headers`, which set the decoder up.
    /// - Throws: as `lengths`, and when there are not even that many.
    static func payload(_ bytes: [UInt8], headers: Int) throws(EvaluationError) -> Int {
        let lengths = try lengths(bytes)
        guard lengths.count >= headers else {
            throw .malformedStream("\(lengths.count) Ogg packets, expected \(headers) headers and audio")
        }
        return lengths.dropFirst(headers).reduce(0, +)
    }
}
