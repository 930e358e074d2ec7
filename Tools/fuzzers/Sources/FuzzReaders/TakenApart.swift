import Platform

/// Hands an input out byte by byte.
struct Feed {
    private var rest: ArraySlice<UInt8>

    init(_ input: [UInt8]) { rest = input[...] }

    mutating func next() -> UInt8? { rest.popFirst() }
}

/// A file as its parts, which can be changed and put together again with right checksums.
protocol TakenApart {
    /// One change, chosen by `operation`, whose part and value the input says.
    mutating func mutate(_ operation: UInt8, _ feed: inout Feed)
    /// All bytes with right checksums. `renumbering` counts the parts again; `indexing` writes the index anew, and where it is.
    func mended(renumbering: Bool, indexing: Bool) -> [UInt8]
}

/// A container of edition 1 as its sections.
struct SectionsTakenApart: TakenApart {
    private struct Section {
        var type: UInt16
        var frameCount: UInt16 = 0
        var sequence: UInt32 = 0
        var firstFrame: UInt64 = 0
        var payload: [UInt8]

        var bytes: [UInt8] {
            var bytes: [UInt8] = [0xC0, 0xDE, 0x77, 0xA5]
            bytes += little(type) + little(frameCount) + little(sequence) + little(firstFrame)
            bytes += little(UInt32(payload.count)) + little(CRC32C.checksum(payload))
            return bytes + little(CRC32C.checksum(bytes)) + payload
        }
    }

    private var preamble: [UInt8]
    private var sections: [Section] = []
    private var tail: [UInt8] = []
    /// Sections that a file may grow to.
    private static let sectionLimit = 24

    init(_ file: [UInt8]) {
        preamble = Array(file[..<16])
        var rest = file[16...]
        while !rest.isEmpty {
            func number(_ range: Range<Int>) -> UInt64 {
                rest.dropFirst(range.lowerBound).prefix(range.count).reversed().reduce(0) { $0 << 8 | UInt64($1) }
            }
            let length = Int(number(20..<24))
            sections.append(
                Section(
                    type: UInt16(number(4..<6)), frameCount: UInt16(number(6..<8)), sequence: UInt32(number(8..<12)),
                    firstFrame: number(12..<20), payload: Array(rest.dropFirst(32).prefix(length))))
            rest = rest.dropFirst(32 + length)
        }
    }

    mutating func mutate(_ operation: UInt8, _ feed: inout Feed) {
        guard !sections.isEmpty else { return }
        let place = Int(feed.next() ?? 0) % sections.count
        let value = feed.next() ?? 0
        let other = Int(value) % sections.count
        switch operation % 12 {
        case 0: sections.swapAt(place, other)
        case 1: if sections.count < Self.sectionLimit { sections.insert(sections[place], at: other) }
        case 2: sections.remove(at: place)
        case 3: editPayload(place, &feed) { $0 ^= value }
        case 4: editPayload(place, &feed) { $0 &+= value }
        case 5: sections[place].payload += [UInt8](repeating: value, count: 1 + Int(operation >> 6))
        case 6: sections[place].payload.removeLast(min(Int(value % 8), sections[place].payload.count))
        case 7: editHeader(place, field: operation >> 4, value)
        case 8:
            let type = operation.says(7) ? 0x8000 | UInt16(value) : UInt16(value % 8)
            if sections.count < Self.sectionLimit { sections.insert(Section(type: type, payload: []), at: place) }
        case 9: preamble[10] = value
        case 10: moveFrames(place, by: UInt64(value % 16))
        default: tail += [value]
        }
    }

    private mutating func editPayload(_ place: Int, _ feed: inout Feed, _ change: (inout UInt8) -> Void) {
        let count = sections[place].payload.count
        guard count > 0 else { return }
        change(&sections[place].payload[Int(feed.next() ?? 0) % count])
    }

    private mutating func editHeader(_ place: Int, field: UInt8, _ value: UInt8) {
        let step = UInt64(bitPattern: Int64(Int8(bitPattern: value)))
        switch field & 3 {
        case 0: sections[place].type &+= UInt16(truncatingIfNeeded: step)
        case 1: sections[place].frameCount &+= UInt16(truncatingIfNeeded: step)
        case 2: sections[place].sequence &+= UInt32(truncatingIfNeeded: step)
        default: sections[place].firstFrame &+= step
        }
    }

    /// Makes all sections of frames from `place` on later, as if something were missing, and the end mark with them.
    private mutating func moveFrames(_ place: Int, by frames: UInt64) {
        for i in place..<sections.count {
            if [2, 5].contains(sections[i].type) { sections[i].firstFrame &+= frames }
            if sections[i].type == 4, !sections[i].payload.isEmpty { sections[i].payload[0] &+= UInt8(frames) }
        }
    }

    func mended(renumbering: Bool, indexing: Bool) -> [UInt8] {
        var sections = sections
        var file = Array(preamble[..<12])
        file += little(CRC32C.checksum(file))
        var (offsets, index, segments) = ([UInt64](), UInt64(0), UInt64?.none)
        for i in sections.indices {
            let offset = UInt64(file.count)
            if renumbering { sections[i].sequence = UInt32(i) }
            if sections[i].type == 2 { offsets.append(segments ?? offset) }
            segments = sections[i].type == 5 ? offset : nil
            if indexing, sections[i].type == 3 {
                index = offset
                sections[i].payload = little(UInt32(1)) + little(UInt32(offsets.count)) + offsets.flatMap { little($0) }
            }
            if sections[i].type == 4, sections[i].payload.count == 32 {
                if indexing { sections[i].payload.replaceSubrange(16..<24, with: little(index)) }
                sections[i].payload.replaceSubrange(28..<32, with: little(CRC32C.checksum(file)))
            }
            file += sections[i].bytes
        }
        return file + tail
    }
}
