import Checkpoints
import Foundation
import TestSupport
import Testing

/// Files that break the format's rules; each must be refused as bad data with a line that says why.
@Suite struct HostileSafetensorsTests {
    /// Expects refusal as bad data, in one line that names the file and contains `reason`.
    private func expectRefusal(
        _ bytes: [UInt8], _ reason: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let error = try #require(try openingError(bytes), "the file was accepted", sourceLocation: sourceLocation)
        #expect(error.kind == .badData, sourceLocation: sourceLocation)
        #expect(error.description.contains(reason), "\(error)", sourceLocation: sourceLocation)
        #expect(error.description.contains("model.safetensors"), "\(error)", sourceLocation: sourceLocation)
        #expect(!error.description.contains("\n"), "\(error)", sourceLocation: sourceLocation)
    }

    private let eightBytes = [UInt8](repeating: 0, count: 8)

    @Test func emptyFileAndShorterThanTheLengthField() throws {
        try expectRefusal([], "8 bytes expected, 0 found")
        try expectRefusal([1, 0, 0], "8 bytes expected, 3 found")
    }

    @Test(arguments: [UInt64(0), 1]) func headerLengthBelowTwo(length: UInt64) throws {
        try expectRefusal(safetensors("{}", length: length), "the header's length is \(length)")
    }

    @Test func headerLengthBeyondTheFile() throws {
        try expectRefusal(safetensors("{}", length: 3), "truncated: 11 bytes expected, 10 found")
        try expectRefusal(safetensors("{}", length: 99_999_999), "truncated")
    }

    @Test(arguments: [UInt64(100_000_001), UInt64(Int.max), .max]) func headerLengthBeyondTheCap(length: UInt64) throws {
        try expectRefusal(safetensors("{}", length: length), "at most 100000000")
    }

    @Test func overlappingTensors() throws {
        try expectRefusal(
            safetensors(
                #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}"#,
                data: [0, 0, 0, 0, 0, 0]), "tensor b: overlaps")
        try expectRefusal(
            safetensors(
                #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
                data: [0, 0, 0, 0]), "overlaps")
    }

    @Test func holesBetweenAndBeforeTensors() throws {
        try expectRefusal(
            safetensors(
                #"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[6,8]}}"#,
                data: eightBytes), "tensor b: leaves a hole before it: starts at 6, not 2")
        try expectRefusal(
            safetensors(#"{"a":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}}"#, data: eightBytes), "hole")
    }

    @Test func reversedAndNegativeOffsets() throws {
        try expectRefusal(
            safetensors(#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#, data: eightBytes), "reversed")
        try expectRefusal(
            safetensors(#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}"#, data: eightBytes), "negative")
        try expectRefusal(
            safetensors(#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[-9223372036854775808,9223372036854775807]}}"#),
            "negative")
    }

    @Test func offsetsThatAreNoPairOfIntegers() throws {
        for offsets in ["[0]", "[0,4,8]", "[0,4.0]", "[0,4e0]", #"["0","4"]"#, "4", "[0,18446744073709551616]"] {
            try expectRefusal(
                safetensors(#"{"a":{"dtype":"F32","shape":[1],"data_offsets":\#(offsets)}}"#, data: [0, 0, 0, 0]),
                "data_offsets is not a pair of integers")
        }
    }

    @Test func fileShorterOrLongerThanItsTensors() throws {
        let sound = oneTensor("F32", [2], eightBytes)
        #expect(try openingError(sound) == nil)
        try expectRefusal(Array(sound.dropLast()), "truncated")
        try expectRefusal(sound + [0], "1 bytes after the last tensor")
    }

    @Test func everyTruncationIsRefused() throws {
        let folder = try ScratchFolder()
        let sound = oneTensor("F32", [2], eightBytes)
        for count in 0..<sound.count {
            let path = try folder.write(Array(sound.prefix(count)), to: "cut.safetensors")
            #expect(throws: CheckpointError.self) { try Checkpoint(path: path) }
        }
    }

    /// A flipped bit may still leave a valid file, never one whose reading goes out of bounds.
    @Test func anyFlippedBitIsRefusedOrLeavesAReadableFile() throws {
        let folder = try ScratchFolder()
        let sound = safetensors(
            #"{"a":{"dtype":"F16","shape":[2,1],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}}"#,
            data: eightBytes)
        var refused = 0
        for bit in 0..<(sound.count * 8) {
            var bytes = sound
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            let path = try folder.write(bytes, to: "flipped.safetensors")
            do {
                let checkpoint = try Checkpoint(path: path)
                for name in checkpoint.names { _ = try checkpoint.load(name) }
            } catch is CheckpointError {
                refused += 1
            }
        }
        #expect(refused > sound.count * 4)
    }

    @Test func shapeProductOverflow() throws {
        try expectRefusal(
            safetensors(
                #"{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}"#), "overflow")
        try expectRefusal(
            safetensors(#"{"a":{"dtype":"F64","shape":[2305843009213693952],"data_offsets":[0,0]}}"#), "overflow")
    }

    @Test func negativeShape() throws {
        try expectRefusal(oneTensor("F32", [-1], []), "negative")
        try expectRefusal(oneTensor("F32", [-1, -2], eightBytes), "negative")
    }

    @Test func rankAboveEight() throws {
        #expect(try openingError(oneTensor("U8", [1, 1, 1, 1, 1, 1, 1, 1], [0])) == nil)
        try expectRefusal(oneTensor("U8", [1, 1, 1, 1, 1, 1, 1, 1, 1], [0]), "rank 9")
    }

    @Test func shapeThatIsNoListOfIntegers() throws {
        for shape in ["2", "[2.0]", "[2e0]", #"["2"]"#, "[true]", "[[2]]", "null"] {
            try expectRefusal(
                safetensors(#"{"a":{"dtype":"U8","shape":\#(shape),"data_offsets":[0,2]}}"#, data: [0, 0]),
                "shape is not a list of integers")
        }
    }

    @Test func shapeThatDoesNotFillItsBytes() throws {
        try expectRefusal(oneTensor("F32", [3], eightBytes), "F32 [3] takes 12 bytes, data_offsets hold 8")
        try expectRefusal(oneTensor("F32", [0], eightBytes), "takes 0 bytes")
    }

    @Test func duplicateKeys() throws {
        let entry = #"{"dtype":"U8","shape":[1],"data_offsets":[0,1]}"#
        try expectRefusal(safetensors(#"{"a":\#(entry),"a":\#(entry)}"#, data: [0]), #"duplicate key "a""#)
        try expectRefusal(safetensors(#"{"a":\#(entry),"\u0061":\#(entry)}"#, data: [0]), #"duplicate key "a""#)
        try expectRefusal(
            safetensors(#"{"a":{"dtype":"U8","dtype":"I8","shape":[1],"data_offsets":[0,1]}}"#, data: [0]),
            #"duplicate key "dtype""#)
        try expectRefusal(safetensors(#"{"__metadata__":{"k":"1","k":"2"}}"#), #"duplicate key "k""#)
    }

    @Test(arguments: [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xE2, 0x82], [0xF5, 0x80, 0x80, 0x80]] as [[UInt8]])
    func illFormedUTF8(bytes: [UInt8]) throws {
        let json = Array(#"{"__metadata__":{"k":""#.utf8) + bytes + Array(#""}}"#.utf8)
        try expectRefusal(littleEndian(UInt64(json.count)) + json, "ill-formed UTF-8")
    }

    @Test func absurdNumberOfTensors() throws {
        var header = "{"
        for i in 0...SafetensorsHeader.maximumTensorCount {
            header += #"\#(i == 0 ? "" : ",")"\#(i)":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}"#
        }
        try expectRefusal(safetensors(header + "}"), "100001 tensors, at most 100000")
    }

    @Test func moreValuesThanAnyHeaderNeeds() throws {
        let zeros = String(repeating: "0,", count: 2_000_000) + "0"
        try expectRefusal(safetensors(#"{"a":[\#(zeros)]}"#), "more than 2000000 values")
    }

    @Test func deepNesting() throws {
        try expectRefusal(safetensors(String(repeating: "[", count: 1_000_000)), "nested deeper than 4")
    }

    @Test func metadataOtherThanStrings() throws {
        try expectRefusal(safetensors(#"{"__metadata__":{"k":1}}"#), #"__metadata__ "k" is an integer, not a string"#)
        try expectRefusal(safetensors(#"{"__metadata__":{"k":null}}"#), "not a string")
        try expectRefusal(safetensors(#"{"__metadata__":["k"]}"#), "__metadata__ is an array")
    }

    @Test func headerThatIsNoObjectOrHasTrailingText() throws {
        try expectRefusal(safetensors("[]"), "an array, not an object")
        try expectRefusal(safetensors("{}x"), "text after the end")
        try expectRefusal(safetensors("{} {}"), "text after the end")
        try expectRefusal(safetensors("\u{FEFF}{}"), "not a JSON value")
        #expect(try openingError(safetensors("{}      ")) == nil)
    }

    @Test func unknownTypeIsNamed() throws {
        try expectRefusal(oneTensor("F8_E4M3", [8], eightBytes), "tensor x: unknown dtype F8_E4M3")
        try expectRefusal(oneTensor("f32", [2], eightBytes), "unknown dtype f32")
    }

    @Test func entriesWithoutTheirFields() throws {
        try expectRefusal(safetensors(#"{"a":1}"#), "tensor a: its entry is an integer")
        try expectRefusal(safetensors(#"{"a":{"shape":[0],"data_offsets":[0,0]}}"#), "dtype is missing")
        try expectRefusal(safetensors(#"{"a":{"dtype":1,"shape":[0],"data_offsets":[0,0]}}"#), "dtype is missing")
        try expectRefusal(safetensors(#"{"a":{"dtype":"U8","data_offsets":[0,0]}}"#), "shape is not a list")
        try expectRefusal(safetensors(#"{"a":{"dtype":"U8","shape":[0]}}"#), "data_offsets is not a pair")
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity]) func weightThatIsNotFinite(value: Float) throws {
        let folder = try ScratchFolder()
        // Beyond the first chunk, so that the index counts from the tensor's start.
        var values = [Float](repeating: 1, count: 100_000)
        values[99_999] = value
        var writer = SafetensorsWriter()
        writer.add("layer.weight", Tensor(shape: [100_000], values: values))
        let path = try folder.write(writer.serialized(), to: "nan.safetensors")
        let expected = CheckpointError.notFinite(file: path, tensor: "layer.weight", index: 99_999)
        #expect(throws: expected) { try Checkpoint(path: path).load("layer.weight") }
        #expect(expected.kind == .badData)
    }

    @Test(arguments: [("F16", 0x7C00), ("F16", 0xFC00), ("F16", 0x7E01), ("BF16", 0x7F80), ("BF16", 0xFFC0)] as [(String, UInt16)])
    func halfPrecisionWeightThatIsNotFinite(type: String, bits: UInt16) throws {
        let folder = try ScratchFolder()
        let path = try folder.write(oneTensor(type, [2], littleEndian(UInt16(0)) + littleEndian(bits)), to: "nan.safetensors")
        #expect(throws: CheckpointError.notFinite(file: path, tensor: "x", index: 1)) {
            try Checkpoint(path: path).load("x")
        }
    }

    @Test func doubleBeyondTheRangeOfFloat() throws {
        let folder = try ScratchFolder()
        let path = try folder.write(oneTensor("F64", [1], littleEndian((1e300).bitPattern)), to: "big.safetensors")
        #expect(throws: CheckpointError.notFinite(file: path, tensor: "x", index: 0)) {
            try Checkpoint(path: path).load("x")
        }
    }

    @Test func fileTruncatedAfterItWasOpened() throws {
        let folder = try ScratchFolder()
        let count = 1_000_000
        let path = try folder.write(oneTensor("U8", [count], [UInt8](repeating: 7, count: count)), to: "model.safetensors")
        let checkpoint = try Checkpoint(path: path)
        #expect(truncate(path, 500_000) == 0)
        do {
            _ = try checkpoint.load("x")
            Issue.record("a truncated tensor was loaded")
        } catch CheckpointError.truncated(let file, _, let found) {
            #expect(file == path)
            #expect(found == 500_000)
        }
        #expect(throws: CheckpointError.self) { try checkpoint.forEachChunk { _ in } }
    }
}
