import Platform

/// A file taken apart by the specification alone, so that tests can forge files whose checksums are right.
package struct TakenApart {
    package struct Section {
        package var type: UInt16
        package var frameCount: UInt16
        package var sequence: UInt32
        package var firstFrame: UInt64
        package var payload: [UInt8]

        package init(type: UInt16, frameCount: UInt16 = 0, sequence: UInt32 = 0, firstFrame: UInt64 = 0, payload: [UInt8]) {
            self.type = type
            self.frameCount = frameCount
            self.sequence = sequence
            self.firstFrame = firstFrame
            self.payload = payload
        }

        package var bytes: [UInt8] {
            var bytes: [UInt8] = [0xC0, 0xDE, 0x77, 0xA5]
            bytes += littleEndian(type) + littleEndian(frameCount) + littleEndian(sequence) + littleEndian(firstFrame)
            bytes += littleEndian(UInt32(payload.count)) + littleEndian(CRC32C.checksum(payload))
            return bytes + littleEndian(CRC32C.checksum(bytes)) + payload
        }
    }

    package var preamble: [UInt8]
    package var sections: [Section]

    package init(_ file: [UInt8]) {
        preamble = Array(file[..<16])
        sections = []
        var rest = file[16...]
        while !rest.isEmpty {
            let head = Array(rest.prefix(32))
            let length = Int(number(head[20..<24]))
            sections.append(
                Section(
                    type: UInt16(number(head[4..<6])), frameCount: UInt16(number(head[6..<8])),
                    sequence: UInt32(number(head[8..<12])), firstFrame: number(head[12..<20]),
                    payload: Array(rest.dropFirst(32).prefix(length))))
            rest = rest.dropFirst(32 + length)
        }
    }

    /// The sections as they are, each with right checksums.
    package var bytes: [UInt8] { preamble + sections.flatMap(\.bytes) }

    /// Rewrites sequence numbers, the index's offsets and the end mark's index offset and file checksum to fit the sections.
    package mutating func makeConsistent() {
        var offsets: [UInt64] = []
        var segments: UInt64?
        var file = preamble
        for i in sections.indices {
            sections[i].sequence = UInt32(i)
            if sections[i].type == 2 { offsets.append(segments ?? UInt64(file.count)) }
            segments = sections[i].type == 5 ? UInt64(file.count) : nil
            if sections[i].type == 3 {
                sections[i].payload = littleEndian(UInt32(1)) + littleEndian(UInt32(offsets.count)) + offsets.flatMap { littleEndian($0) }
                offsets = [UInt64(file.count)]
            }
            if sections[i].type == 4 {
                sections[i].payload.replaceSubrange(16..<24, with: littleEndian(offsets.first ?? 0))
                sections[i].payload.replaceSubrange(28..<32, with: littleEndian(CRC32C.checksum(file)))
            }
            file += sections[i].bytes
        }
    }

    /// The preamble for another version.
    package mutating func setVersion(major: UInt16, minor: UInt16) {
        let head = preamble[..<8] + littleEndian(major) + littleEndian(minor)
        preamble = head + littleEndian(CRC32C.checksum(head))
    }
}

private func number(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) } }
