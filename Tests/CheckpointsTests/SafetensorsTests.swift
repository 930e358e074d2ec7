import Checkpoints
import Foundation
import TestSupport
import Testing

@Suite struct SafetensorsTests {
    private func load(_ bytes: [UInt8]) throws -> Tensor {
        let folder = try ScratchFolder()
        return try Checkpoint(path: folder.write(bytes, to: "x.safetensors")).load("x")
    }

    @Test func everyFiniteHalfConvertsExactly() throws {
        let patterns = (0...UInt16.max).filter { $0 & 0x7C00 != 0x7C00 }
        let tensor = try load(oneTensor("F16", [patterns.count], patterns.flatMap(littleEndian)))
        #expect(tensor.shape == [63_488])
        for (pattern, value) in zip(patterns, tensor.values) {
            let (exponent, fraction) = (Int(pattern >> 10 & 31), Double(pattern & 1023))
            let magnitude = exponent == 0 ? fraction * 0x1p-24 : (1 + fraction / 1024) * pow(2, Double(exponent - 15))
            let expected = Float(pattern & 0x8000 == 0 ? magnitude : -magnitude)
            #expect(value.bitPattern == expected.bitPattern, "half \(String(pattern, radix: 16))")
        }
    }

    @Test func bfloat16IsTheUpperHalfOfAFloat() throws {
        let patterns = (0...UInt16.max).filter { $0 & 0x7F80 != 0x7F80 }
        let tensor = try load(oneTensor("BF16", [patterns.count], patterns.flatMap(littleEndian)))
        #expect(tensor.values.map(\.bitPattern) == patterns.map { UInt32($0) << 16 })
    }

    @Test func everyStoredTypeBecomesFloat() throws {
        #expect(try load(oneTensor("F32", [2], littleEndian(Float(1.5).bitPattern) + littleEndian(Float(-0.1).bitPattern))).values == [1.5, -0.1])
        #expect(try load(oneTensor("F64", [1], littleEndian((-2.25).bitPattern))).values == [-2.25])
        #expect(try load(oneTensor("BOOL", [2], [0, 1])).values == [0, 1])
        #expect(try load(oneTensor("U8", [2], [0, 255])).values == [0, 255])
        #expect(try load(oneTensor("I8", [2], [128, 127])).values == [-128, 127])
        #expect(try load(oneTensor("U16", [1], littleEndian(UInt16.max))).values == [65_535])
        #expect(try load(oneTensor("I16", [1], littleEndian(Int16.min))).values == [-32_768])
        #expect(try load(oneTensor("U32", [1], littleEndian(UInt32(1 << 31)))).values == [0x1p31])
        #expect(try load(oneTensor("I32", [1], littleEndian(Int32(-70_000)))).values == [-70_000])
        #expect(try load(oneTensor("U64", [1], littleEndian(UInt64(1) << 63))).values == [0x1p63])
        #expect(try load(oneTensor("I64", [1], littleEndian(Int64(-5)))).values == [-5])
    }

    @Test func integersLoadExactly() throws {
        let folder = try ScratchFolder()
        let big = Int64(1) << 53 + 1
        let path = try folder.write(oneTensor("I64", [2, 1], littleEndian(big) + littleEndian(Int64.min)), to: "x.safetensors")
        let (shape, values) = try Checkpoint(path: path).loadIntegers("x")
        #expect(shape == [2, 1])
        #expect(values == [Int(big), Int.min])
    }

    @Test func integersThatAreNoneOrTooBigAreRefused() throws {
        let folder = try ScratchFolder()
        let float = try folder.write(oneTensor("F32", [1], [0, 0, 0, 0]), to: "f.safetensors")
        #expect(throws: CheckpointError.self) { try Checkpoint(path: float).loadIntegers("x") }
        let big = try folder.write(oneTensor("U64", [1], littleEndian(UInt64.max)), to: "u.safetensors")
        #expect(throws: CheckpointError.self) { try Checkpoint(path: big).loadIntegers("x") }
    }

    @Test func scalarsAndEmptyTensorsLoad() throws {
        #expect(try load(oneTensor("F32", [], littleEndian(Float(3).bitPattern))) == Tensor(shape: [], values: [3]))
        #expect(try load(oneTensor("F32", [0, 5], [])) == Tensor(shape: [0, 5], values: []))
        // The product of the other dimensions would overflow; there is still nothing in it.
        #expect(try load(oneTensor("F32", [0, 1 << 62, 1 << 62], [])).values.isEmpty)
    }

    @Test func tensorLargerThanOneChunkLoadsWhole() throws {
        let count = 150_001
        let data = (0..<count).flatMap { littleEndian(Float($0).bitPattern) }
        #expect(try load(oneTensor("F32", [count], data)).values == (0..<count).map(Float.init))
    }

    @Test func unalignedTensorsLoad() throws {
        let folder = try ScratchFolder()
        let bytes = safetensors(
            #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"x":{"dtype":"F32","shape":[1],"data_offsets":[1,5]}}"#,
            data: [9] + littleEndian(Float(0.25).bitPattern))
        #expect(try Checkpoint(path: folder.write(bytes, to: "x.safetensors")).load("x").values == [0.25])
    }

    @Test func unknownNameIsAnError() throws {
        let folder = try ScratchFolder()
        let checkpoint = try makeCheckpoint(["a": [1]], in: folder)
        #expect(throws: CheckpointError.noTensor(file: checkpoint.path, tensor: "b")) { try checkpoint.load("b") }
    }

    @Test func whatIsWrittenReadsBack() throws {
        let folder = try ScratchFolder()
        var writer = SafetensorsWriter(metadata: ["format": "pt", "quote\"\\\u{1}": "é\n"])
        let weight = Tensor(shape: [2, 3], values: [1, -2, 3.5, 0, -0.0, 1e-30])
        writer.add("b.weight", weight)
        writer.add("codes", shape: [3], integers: [UInt16(1), 2, 65_535])
        writer.add("a", shape: [1], integers: [Int64.min])
        writer.add("flag", shape: [1], integers: [UInt8(1)])
        let checkpoint = try Checkpoint(path: folder.write(writer.serialized(), to: "w.safetensors"))
        #expect(checkpoint.names == ["a", "b.weight", "codes", "flag"])
        #expect(try checkpoint.load("b.weight") == weight)
        #expect(try checkpoint.loadIntegers("codes").values == [1, 2, 65_535])
        #expect(try checkpoint.loadIntegers("a").values == [Int.min])
        #expect(checkpoint.metadata == ["format": "pt", "quote\"\\\u{1}": "é\n"])
        #expect(checkpoint.elementCount == 11)
    }

    @Test func writtenTensorsAreAlignedAndTheBytesReproducible() throws {
        var writer = SafetensorsWriter()
        var reversed = SafetensorsWriter()
        let add: [(inout SafetensorsWriter) -> Void] = [
            { $0.add("odd", shape: [3], integers: [UInt8(1), 2, 3]) },
            { $0.add("wide", shape: [1], integers: [Int64(4)]) },
            { $0.add("float", Tensor(shape: [1], values: [5])) },
        ]
        for add in add { add(&writer) }
        for add in add.reversed() { add(&reversed) }
        let bytes = writer.serialized()
        #expect(bytes == reversed.serialized())
        let folder = try ScratchFolder()
        let file = try SafetensorsFile(path: folder.write(bytes, to: "w.safetensors"))
        let dataStart = bytes.count - 15
        #expect(dataStart % 8 == 0)
        for tensor in file.header.tensors {
            #expect(tensor.byteRange.lowerBound % tensor.dataType.byteWidth == 0, "\(tensor.name)")
        }
    }

    @Test func chunksAreTheWholeFileInOrder() throws {
        let folder = try ScratchFolder()
        let bytes = oneTensor("U8", [300_000], (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
        let path = try folder.write(bytes, to: "x.safetensors")
        var collected: [UInt8] = []
        try Checkpoint(path: path).forEachChunk { collected.append(contentsOf: $0) }
        #expect(collected == bytes)
    }

    @Test(arguments: ["pt", "pth", "bin", "th", "ckpt", "PTH"]) func picklesAreNeverOpened(suffix: String) throws {
        let folder = try ScratchFolder()
        let path = try folder.write(oneTensor("U8", [1], [0]), to: "model.\(suffix)")
        do {
            _ = try Checkpoint(path: path)
            Issue.record("opened")
        } catch let error as CheckpointError {
            #expect(error == .pickle(file: path))
            #expect(error.description.contains("Tools/convert"))
            #expect(error.kind == .badData)
        }
    }

    @Test func missingFilesAndFoldersAreNoInput() throws {
        let folder = try ScratchFolder()
        for path in [folder.path + "/none.safetensors", folder.path] {
            do {
                _ = try Checkpoint(path: path)
                Issue.record("opened")
            } catch let error as CheckpointError {
                #expect(error.kind == .noInput, "\(error)")
            }
        }
    }

    @Test func namedPipeIsRefusedWithoutWaitingForAWriter() throws {
        let folder = try ScratchFolder()
        let path = folder.path + "/pipe.safetensors"
        #expect(mkfifo(path, 0o600) == 0)
        #expect(throws: CheckpointError.unreadable(file: path, reason: "not a regular file")) { try Checkpoint(path: path) }
    }
}
