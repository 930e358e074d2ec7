import CCodetta
import Codetta
import Platform
import TokenFiles
import Tokens

/// A reader behind a handle.
final class ReaderObject: HandledStream, @unchecked Sendable {
    override class var noun: String { "reader" }

    private let reader: TokenFileReader
    private let cancel: CancelFlag
    private let name: String

    init(_ source: any ByteSource, _ settings: ReadSettings, name: String) throws {
        reader = try naming(name) { try settings.makeReader(source) }
        (cancel, self.name) = (settings.cancel, name)
    }

    /// The next codes, nil at the end of the recording.
    func next() throws -> CodesObject? {
        try step {
            try cancel.check()
            guard let codes = try naming(name, { try reader.next() }), let header = reader.header else { return nil }
            return CodesObject(EncodedAudio(header: header, tracks: codes, samples: 0))
        }
    }

    /// Samples of the recording; -1 before its end.
    func samples() throws -> Int { try exclusively { reader.samples ?? -1 } }

    /// Goes on with the next recording, if there is one.
    func nextRecording() throws -> Bool {
        try step {
            try cancel.check()
            return try naming(name) { try reader.nextRecording() }
        }
    }

    /// What was read so far.
    func report() throws -> ReadingReport {
        try exclusively {
            ReadingReport(
                format: reader.format.rawValue, concealedFrames: reader.concealedFrames, isSalvaged: reader.isSalvaged,
                damage: reader.damage?.entries.map { "\($0)" } ?? [])
        }
    }
}

/// What a reader went past.
struct ReadingReport: Encodable {
    let format: String
    let concealedFrames: Int
    let isSalvaged: Bool
    let damage: [String]
}

@c @implementation
package func codetta_reader_open(
    _ path: UnsafePointer<CChar>?, _ options: UnsafePointer<codetta_read_options>?, _ reader: UnsafeMutablePointer<OpaquePointer?>?
) -> codetta_status {
    call {
        let reader = try Argument.output(reader, "reader", empty: nil)
        let path = try Argument.path(path, "path")
        let settings = try ReadSettings(options)
        let source = try naming(path.description) { try InputFile(path).byteSource() }
        reader.pointee = Handles.add(try ReaderObject(source, settings, name: path.description))
    }
}

@c @implementation
package func codetta_reader_open_bytes(
    _ bytes: UnsafeRawPointer?, _ size: Int, _ options: UnsafePointer<codetta_read_options>?,
    _ reader: UnsafeMutablePointer<OpaquePointer?>?
) -> codetta_status {
    call {
        let reader = try Argument.output(reader, "reader", empty: nil)
        let source = MemorySource(try Argument.bytes(bytes, size, "bytes"))
        reader.pointee = Handles.add(try ReaderObject(source, try ReadSettings(options), name: "bytes"))
    }
}

@c @implementation
package func codetta_reader_next(_ reader: OpaquePointer?, _ codes: UnsafeMutablePointer<OpaquePointer?>?) -> codetta_status {
    call {
        let codes = try Argument.output(codes, "codes", empty: nil)
        let reader: ReaderObject = try Handles.object(reader, "reader")
        codes.pointee = try reader.next().flatMap { Handles.add($0) }
    }
}

@c @implementation
package func codetta_reader_get_samples(_ reader: OpaquePointer?, _ samples: UnsafeMutablePointer<Int64>?) -> codetta_status {
    call {
        let samples = try Argument.output(samples, "samples", empty: -1)
        let reader: ReaderObject = try Handles.object(reader, "reader")
        samples.pointee = Int64(try reader.samples())
    }
}

@c @implementation
package func codetta_reader_next_recording(_ reader: OpaquePointer?, _ found: UnsafeMutablePointer<Int32>?) -> codetta_status {
    call {
        let found = try Argument.output(found, "found", empty: 0)
        let reader: ReaderObject = try Handles.object(reader, "reader")
        found.pointee = try reader.nextRecording() ? 1 : 0
    }
}

@c @implementation
package func codetta_reader_get_report(
    _ reader: OpaquePointer?, _ json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> codetta_status {
    call {
        let json = try Argument.output(json, "json", empty: nil)
        let reader: ReaderObject = try Handles.object(reader, "reader")
        json.pointee = try HandedOut.json(try reader.report())
    }
}
