import CCodetta
import Codetta
import Platform
import TokenFiles
import Tokens

@c @implementation
package func codetta_codes_make(
    _ model: OpaquePointer?, _ array: UnsafePointer<codetta_code_array>?, _ codes: UnsafeMutablePointer<OpaquePointer?>?
) -> codetta_status {
    call {
        let codes = try Argument.output(codes, "codes", empty: nil)
        let model: ModelObject = try Handles.object(model, "model")
        guard array != nil else { throw ArgumentError("array", "is NULL") }
        let array = try CodeArray(try Argument.options(array, "array", codetta_code_array()), model.model)
        codes.pointee = Handles.add(CodesObject(try array.encoded()))
    }
}

@c @implementation
package func codetta_codes_get_info(_ codes: OpaquePointer?, _ info: UnsafeMutablePointer<codetta_codes_info>?) -> codetta_status {
    call {
        let codes: CodesObject = try Handles.object(codes, "codes")
        try Argument.fill(info, "info", with: try codes.info())
    }
}

@c @implementation
package func codetta_codes_get_codebook(
    _ codes: OpaquePointer?, _ index: Int32, _ codebook: UnsafeMutablePointer<codetta_codebook>?
) -> codetta_status {
    call {
        let codebook = try Argument.output(codebook, "codebook", empty: codetta_codebook())
        let codes: CodesObject = try Handles.object(codes, "codes")
        codebook.pointee = try codes.snapshot().header.layout.codebook(index)
    }
}

@c @implementation
package func codetta_codes_get(_ codes: OpaquePointer?, _ values: UnsafeMutablePointer<Int32>?, _ capacity: Int64) -> codetta_status {
    call {
        let codes: CodesObject = try Handles.object(codes, "codes")
        let tracks = try codes.snapshot().tracks
        try Argument.requireRoom(values, capacity, for: tracks.codeCount, "values")
        guard var place = values else { return }
        for stream in tracks.flatMap(\.streams) {
            stream.withUnsafeBufferPointer { if let start = $0.baseAddress { place.update(from: start, count: $0.count) } }
            place += stream.count
        }
    }
}

@c @implementation
package func codetta_codes_get_segments(
    _ codes: OpaquePointer?, _ segments: UnsafeMutablePointer<codetta_segment>?, _ capacity: Int64
) -> codetta_status {
    call {
        let codes: CodesObject = try Handles.object(codes, "codes")
        let all = try codes.snapshot().tracks.enumerated().flatMap { track, codes in
            codes.segments.map { codetta_segment(frame: Int64($0.frame), track: Int32(clamping: track), scale: $0.scale) }
        }
        try Argument.requireRoom(segments, capacity, for: all.count, "segments")
        for (i, segment) in all.enumerated() { segments?[i] = segment }
    }
}

extension Argument {
    /// - Throws: `ArgumentError` unless the caller's array has room for `count` elements.
    static func requireRoom<Element>(_ pointer: UnsafeMutablePointer<Element>?, _ capacity: Int64, for count: Int, _ name: String) throws {
        guard capacity >= Int64(count) else { throw ArgumentError("capacity", "is \(capacity), \(count) are needed") }
        if pointer == nil && count > 0 { throw ArgumentError(name, "is NULL") }
    }
}

@c @implementation
package func codetta_codes_copy(_ codes: OpaquePointer?, _ copy: UnsafeMutablePointer<OpaquePointer?>?) -> codetta_status {
    call {
        let copy = try Argument.output(copy, "copy", empty: nil)
        let codes: CodesObject = try Handles.object(codes, "codes")
        copy.pointee = Handles.add(CodesObject(try codes.snapshot(), form: codes.form))
    }
}

@c @implementation
package func codetta_codes_append(_ codes: OpaquePointer?, _ next: OpaquePointer?) -> codetta_status {
    call {
        let codes: CodesObject = try Handles.object(codes, "codes")
        let added = try Handles.object(next, "next", CodesObject.self).snapshot()
        try codes.exclusively {
            try codes.audio.requireSameStream(as: added, "next")
            let sum = codes.audio.samples.addingReportingOverflow(added.samples)
            guard !sum.overflow else { throw ArgumentError("next", "has \(added.samples) samples, too many in all") }
            try codes.audio.tracks.append(withinBudget: added.tracks)
            codes.audio.samples = sum.partialValue
            // Of the first piece alone.
            codes.audio.header.original.sampleCount = nil
        }
    }
}

@c @implementation
package func codetta_codes_get_tag(
    _ codes: OpaquePointer?, _ key: UnsafePointer<CChar>?, _ text: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> codetta_status {
    call {
        let text = try Argument.output(text, "text", empty: nil)
        let codes: CodesObject = try Handles.object(codes, "codes")
        let key = try Argument.text(key, "key")
        text.pointee = try codes.snapshot().header.tags?[key].map(HandedOut.text)
    }
}

@c @implementation
package func codetta_codes_set_tag(_ codes: OpaquePointer?, _ key: UnsafePointer<CChar>?, _ text: UnsafePointer<CChar>?) -> codetta_status {
    call {
        let codes: CodesObject = try Handles.object(codes, "codes")
        let key = try Argument.text(key, "key")
        let value = try text.map { try Argument.text($0, "text") }
        try codes.exclusively {
            var header = codes.audio.header
            var tags = header.tags ?? [:]
            tags[key] = value
            header.tags = tags.isEmpty ? nil : tags
            do throws(TokenStreamError) {
                try header.validate()
            } catch {
                guard case .invalidField(_, let field, let found, let expected, _) = error else { throw error }
                throw ArgumentError(field == "key" ? "key" : "text", "\(field) \(found), expected \(expected)")
            }
            codes.audio.header = header
        }
    }
}

@c @implementation
package func codetta_codes_get_tags(_ codes: OpaquePointer?, _ json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> codetta_status {
    call {
        let json = try Argument.output(json, "json", empty: nil)
        let codes: CodesObject = try Handles.object(codes, "codes")
        json.pointee = try HandedOut.json(try codes.snapshot().header.tags ?? [:])
    }
}
