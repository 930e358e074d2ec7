import CCodetta
import Codetta
import Platform
import TokenFiles

@c @implementation
package func codetta_read(
    _ path: UnsafePointer<CChar>?, _ options: UnsafePointer<codetta_read_options>?, _ codes: UnsafeMutablePointer<OpaquePointer?>?
) -> codetta_status {
    call {
        let codes = try Argument.output(codes, "codes", empty: nil)
        let path = try Argument.path(path, "path")
        let settings = try ReadSettings(options)
        codes.pointee = Handles.add(try naming(path.description) { try settings.readAll(try InputFile(path).byteSource()) })
    }
}

@c @implementation
package func codetta_read_bytes(
    _ bytes: UnsafeRawPointer?, _ size: Int, _ options: UnsafePointer<codetta_read_options>?,
    _ codes: UnsafeMutablePointer<OpaquePointer?>?
) -> codetta_status {
    call {
        let codes = try Argument.output(codes, "codes", empty: nil)
        let source = MemorySource(try Argument.bytes(bytes, size, "bytes"))
        let settings = try ReadSettings(options)
        codes.pointee = Handles.add(try naming("bytes") { try settings.readAll(source) })
    }
}

@c @implementation
package func codetta_write(
    _ codes: OpaquePointer?, _ path: UnsafePointer<CChar>?, _ options: UnsafePointer<codetta_write_options>?
) -> codetta_status {
    callWriting {
        let codes: CodesObject = try Handles.object(codes, "codes")
        let path = try Argument.path(path, "path")
        let settings = try WriteSettings(options)
        let audio = try codes.snapshot()
        try naming(path.description) {
            let format = try settings.format(of: path)
            let output = try OutputFile(path, overwrite: !settings.keepsExisting)
            let writer = try settings.makeWriter(format, audio.header, usual: codes.form, to: output)
            try writer.write(audio.tracks)
            try writer.finish(samples: audio.samples)
            try output.commit()
        }
    }
}

@c @implementation
package func codetta_write_bytes(
    _ codes: OpaquePointer?, _ options: UnsafePointer<codetta_write_options>?,
    _ bytes: UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?, _ size: UnsafeMutablePointer<Int>?
) -> codetta_status {
    call {
        let bytes = try Argument.output(bytes, "bytes", empty: nil)
        let size = try Argument.output(size, "size", empty: 0)
        let codes: CodesObject = try Handles.object(codes, "codes")
        let settings = try WriteSettings(options)
        let audio = try codes.snapshot()
        let sink = MemorySink()
        let writer = try settings.makeWriter(try settings.format(of: nil), audio.header, usual: codes.form, to: sink)
        try writer.write(audio.tracks)
        try writer.finish(samples: audio.samples)
        bytes.pointee = HandedOut.bytes(sink.bytes)
        size.pointee = sink.bytes.count
    }
}
