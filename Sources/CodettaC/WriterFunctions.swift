import CCodetta
import Codetta
import Platform
import TokenFiles
import Tokens

/// A writer behind a handle.
final class WriterObject: HandledStream, @unchecked Sendable {
    override class var noun: String { "writer" }

    private let writer: TokenFileWriter
    private let output: OutputFile?
    private let memory: TakenSink?
    /// What codes must be like.
    private let stream: EncodedAudio
    private var samples = 0
    private let name: String

    /// - Parameter path: nil for memory.
    init(_ path: PathName?, like stream: EncodedAudio, usual: WrittenForm, _ settings: WriteSettings) throws {
        let name = path?.description ?? "writer"
        (self.stream, self.name) = (stream, name)
        var header = stream.header
        // Of the whole stream, which is not known yet.
        header.original.sampleCount = nil
        (output, memory, writer) = try naming(name) {
            let format = try settings.format(of: path)
            let output = try path.map { try OutputFile($0, overwrite: !settings.keepsExisting) }
            let memory = output == nil ? TakenSink() : nil
            let sink: any ByteSink = output ?? memory ?? TakenSink()
            return (output, memory, try settings.makeWriter(format, header, usual: usual, to: sink))
        }
    }

    func push(_ codes: EncodedAudio) throws {
        try step {
            try stream.requireSameStream(as: codes, "codes")
            let sum = samples.addingReportingOverflow(codes.samples)
            guard !sum.overflow else { throw ArgumentError("codes", "have \(codes.samples) samples, too many in all") }
            try naming(name) { try writer.write(codes.tracks) }
            samples = sum.partialValue
        }
    }

    /// - Parameter total: nil for the samples of all codes.
    func finish(_ total: Int?) throws {
        try step {
            try naming(name) {
                try writer.finish(samples: total ?? samples)
                try output?.commit()
            }
        }
    }

    /// The bytes since the last call.
    func take() throws -> [UInt8] {
        try exclusively {
            guard let memory else { throw ArgumentError("writer", "writes to \(name), not to memory") }
            return memory.take()
        }
    }
}

/// Collects bytes until they are taken.
private final class TakenSink: ByteSink {
    private var bytes: [UInt8] = []

    func write(_ bytes: UnsafeRawBufferPointer) { self.bytes.append(contentsOf: bytes) }

    func take() -> [UInt8] {
        defer { bytes = [] }
        return bytes
    }
}

@c @implementation
package func codetta_writer_create(
    _ path: UnsafePointer<CChar>?, _ codes: OpaquePointer?, _ options: UnsafePointer<codetta_write_options>?,
    _ writer: UnsafeMutablePointer<OpaquePointer?>?
) -> codetta_status {
    callWriting {
        let writer = try Argument.output(writer, "writer", empty: nil)
        let path = try path.map { try Argument.path($0, "path") }
        let codes: CodesObject = try Handles.object(codes, "codes")
        let settings = try WriteSettings(options)
        let audio = try codes.snapshot()
        writer.pointee = Handles.add(
            try WriterObject(path, like: EncodedAudio(header: audio.header, tracks: [], samples: 0), usual: codes.form, settings))
    }
}

@c @implementation
package func codetta_writer_push(_ writer: OpaquePointer?, _ codes: OpaquePointer?) -> codetta_status {
    callWriting {
        let writer: WriterObject = try Handles.object(writer, "writer")
        let codes: CodesObject = try Handles.object(codes, "codes")
        try writer.push(try codes.snapshot())
    }
}

@c @implementation
package func codetta_writer_finish(_ writer: OpaquePointer?, _ samples: Int64) -> codetta_status {
    callWriting {
        let writer: WriterObject = try Handles.object(writer, "writer")
        guard samples >= -1 else { throw ArgumentError("samples", "is \(samples)") }
        try writer.finish(samples == -1 ? nil : Int(clamping: samples))
    }
}

@c @implementation
package func codetta_writer_take(
    _ writer: OpaquePointer?, _ bytes: UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?, _ size: UnsafeMutablePointer<Int>?
) -> codetta_status {
    call {
        let bytes = try Argument.output(bytes, "bytes", empty: nil)
        let size = try Argument.output(size, "size", empty: 0)
        let writer: WriterObject = try Handles.object(writer, "writer")
        let taken = try writer.take()
        bytes.pointee = HandedOut.bytes(taken)
        size.pointee = taken.count
    }
}
