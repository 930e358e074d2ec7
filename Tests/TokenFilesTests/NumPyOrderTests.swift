import Platform
import TestSupport
import Testing
import TokenFiles
import Tokens

/// A `.npy` file of `shape` with the element of each place, in the order of the file, written by `put`.
private func npy(_ type: String, shape: [Int], isFortranOrder: Bool, element: ([Int]) -> [UInt8]) -> [UInt8] {
    let sizes = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
    var header = "{'descr': '\(type)', 'fortran_order': \(isFortranOrder ? "True" : "False"), 'shape': (\(sizes)), }"
    header += String(repeating: " ", count: (64 - (11 + header.utf8.count) % 64) % 64) + "\n"
    var bytes: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count & 255), UInt8(header.utf8.count >> 8)]
    bytes += Array(header.utf8)
    let order = isFortranOrder ? Array(shape.indices) : Array(shape.indices.reversed())
    var place = [Int](repeating: 0, count: shape.count)
    for _ in 0..<shape.reduce(1, *) {
        bytes += element(place)
        for axis in order {
            place[axis] += 1
            if place[axis] < shape[axis] { break }
            place[axis] = 0
        }
    }
    return bytes
}

private func bytes(_ value: some FixedWidthInteger, isBigEndian: Bool) -> [UInt8] {
    withUnsafeBytes(of: isBigEndian ? value.bigEndian : value.littleEndian) { Array($0) }
}

@Suite struct NumPyOrderTests {
    private func code(_ place: [Int]) -> Int { place.reduce(0) { $0 * 7 + $1 } % 100 }

    @Test(arguments: ["|u1", "|i1", "<u2", ">i2", "<i4", ">u4", "<i8", ">i8"], [[3, 5], [2, 3, 4], [1, 4, 1]])
    func codesOfEveryTypeReadAlikeInBothOrders(type: String, shape: [Int]) throws {
        func element(_ place: [Int]) -> [UInt8] {
            let (value, isBigEndian) = (code(place), type.hasPrefix(">"))
            switch type.last {
            case "1": return [UInt8(value)]
            case "2": return bytes(UInt16(value), isBigEndian: isBigEndian)
            case "4": return bytes(UInt32(value), isBigEndian: isBigEndian)
            default: return bytes(UInt64(value), isBigEndian: isBigEndian)
            }
        }
        let shapes = shape.count == 2 ? [1] + shape : shape
        let expected = (0..<shapes[0]).map { t in
            Codes(streams: (0..<shapes[1]).map { k in (0..<shapes[2]).map { Int32(code((shape.count == 2 ? [] : [t]) + [k, $0])) } })
        }
        for isFortranOrder in [false, true] {
            let file = npy(type, shape: shape, isFortranOrder: isFortranOrder, element: element)
            #expect(try NumPyCodes.decode(file) == expected)
            #expect(try TokenArrays(npz: archive(["codes": file])).tracks == expected)
        }
    }

    @Test func booleansAreCodes() throws {
        let file = npy("|b1", shape: [2, 3], isFortranOrder: true) { [UInt8(($0[0] + $0[1]) % 2)] }
        #expect(try NumPyCodes.decode(file) == [Codes(streams: [[0, 1, 0], [1, 0, 1]])])
    }

    /// Values that half precision holds exactly, small ones without a leading bit among them.
    private func real(_ place: [Int]) -> Float {
        let values: [Float] = [0, 1, -2.5, 65504, 0x1p-14, 0x1p-24, -0x1.8p-15, 0.25]
        return values[code(place) % values.count]
    }

    private static let realTypes = ["<f2", ">f2", "<f4", ">f4", "<f8", ">f8"]

    private func element(_ type: String, _ value: Float) -> [UInt8] {
        let isBigEndian = type.hasPrefix(">")
        switch type.last {
        case "2":
            let halves: [Float: UInt16] = [
                0: 0, 1: 0x3C00, -2.5: 0xC100, 65504: 0x7BFF, 0x1p-14: 0x0400, 0x1p-24: 1, -0x1.8p-15: 0x8300, 0.25: 0x3400,
            ]
            return bytes(halves[value] ?? 0xFFFF, isBigEndian: isBigEndian)
        case "4": return bytes(value.bitPattern, isBigEndian: isBigEndian)
        default: return bytes(Double(value).bitPattern, isBigEndian: isBigEndian)
        }
    }

    @Test(arguments: realTypes, [[9, 4], [2, 5, 3], [2, 2, 3, 5]])
    func latentsOfEveryTypeReadAlikeInBothOrdersAndInPieces(type: String, shape: [Int]) throws {
        let rows = shape.dropLast().reduce(1, *)
        var expected: [Float] = []
        for number in 0..<shape.reduce(1, *) {
            var (rest, place) = (number, [Int]())
            for size in shape.reversed() {
                place.insert(rest % size, at: 0)
                rest /= size
            }
            expected.append(real(place))
        }
        let folder = try ScratchFolder()
        for isFortranOrder in [false, true] {
            let file = npy(type, shape: shape, isFortranOrder: isFortranOrder) { element(type, real($0)) }
            let path = try folder.write(file, to: "x.npy")
            for limit in [1, 2, 7, 100] {
                let reader = try NumPyFloatReader(FileSource(path: path))
                #expect(reader.rowCount == rows && reader.rowLength == shape.last)
                for _ in 0..<2 {
                    var read: [Float] = []
                    while case let more = try reader.read(rows: limit), !more.isEmpty { read += more }
                    #expect(read == expected, "\(type) \(shape) \(isFortranOrder) by \(limit)")
                    try reader.rewind()
                }
            }
            // One byte less, and one more, is no such file.
            for wrong in [Array(file.dropLast()), file + [0]] {
                let path = try folder.write(wrong, to: "wrong.npy")
                #expect(throws: TokenStreamError.self) { try NumPyFloatReader(FileSource(path: path)) }
            }
        }
    }

    @Test(arguments: realTypes) func scalesInArchivesReadAlikeInBothOrders(type: String) throws {
        for isFortranOrder in [false, true] {
            let codes = npy("<i4", shape: [2, 1, 4], isFortranOrder: isFortranOrder) { bytes(UInt32(code($0)), isBigEndian: false) }
            let frames = npy("<i4", shape: [2, 2], isFortranOrder: isFortranOrder) { bytes(UInt32($0[1] * 2), isBigEndian: false) }
            let scales = npy(type, shape: [2, 2], isFortranOrder: isFortranOrder) { element(type, [[0.25, 1], [65504, -2.5]][$0[0]][$0[1]]) }
            let arrays = try TokenArrays(npz: archive(["codes": codes, "segment_frames": frames, "segment_scales": scales]))
            #expect(arrays.tracks.map { $0.segments.map(\.scale) } == [[0.25, 1], [65504, -2.5]])
            #expect(arrays.tracks.allSatisfy { $0.segments.map(\.frame) == [0, 2] })
        }
    }

    @Test(arguments: ["<f16", "<c8", "<M8", "|V2", "<f1", "<b2", "|O", "<U4"]) func otherTypesAreNamed(type: String) {
        let file = npy(type, shape: [1, 1], isFortranOrder: false) { _ in [0, 0] }
        #expect { try NumPyCodes.decode(file) } throws: { "\($0)".contains(type) || "\($0)".contains("pickles") }
    }

    /// The checksum of ZIP archives.
    private func crc(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(~UInt32(0)) { sum, byte in
            (0..<8).reduce(sum ^ UInt32(byte)) { rest, _ in rest >> 1 ^ (rest & 1 == 1 ? 0xEDB8_8320 : 0) }
        }
    }

    /// A `.npz` of these arrays: a ZIP archive whose members are stored.
    private func archive(_ members: [String: [UInt8]]) -> [UInt8] {
        var (file, directory) = ([UInt8](), [UInt8]())
        for (name, content) in members.sorted(by: { $0.key < $1.key }) {
            func field(_ values: Int...) -> [UInt8] { values.flatMap { bytes(UInt16($0), isBigEndian: false) } }
            func long(_ value: UInt32) -> [UInt8] { bytes(value, isBigEndian: false) }
            let name = Array("\(name).npy".utf8)
            let common = field(20, 0, 0, 0, 33) + long(crc(content)) + long(UInt32(content.count)) + long(UInt32(content.count))
                + field(name.count, 0)
            directory += long(0x0201_4B50) + field(20) + common + field(0, 0, 0, 0, 0) + long(UInt32(file.count)) + name
            file += long(0x0403_4B50) + common + name + content
        }
        let count = bytes(UInt16(members.count), isBigEndian: false)
        return file + directory + bytes(0x0605_4B50 as UInt32, isBigEndian: false) + [0, 0, 0, 0] + count + count
            + bytes(UInt32(directory.count), isBigEndian: false) + bytes(UInt32(file.count), isBigEndian: false) + [0, 0]
    }
}
