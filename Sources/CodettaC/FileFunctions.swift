import CCodetta
import Codetta
import Kernels
import Platform
import TokenFiles

@c @implementation
package func codetta_encode_file(
    _ model: OpaquePointer?, _ source: UnsafePointer<CChar>?, _ target: UnsafePointer<CChar>?,
    _ options: UnsafePointer<codetta_encode_options>?, _ writing: UnsafePointer<codetta_write_options>?,
    _ report: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> codetta_status {
    callWriting {
        report?.pointee = nil
        let model: ModelObject = try Handles.object(model, "model")
        let (source, target) = (try Argument.path(source, "source"), try Argument.path(target, "target"))
        let (settings, writing) = (try EncodeSettings(options), try WriteSettings(writing))
        let format = try naming(target.description) { try writing.format(of: target) }
        var encoder = FileEncoder(
            model: try settings.applied(to: model.model), choice: settings.choice, downmix: settings.downmix, format: format,
            entropy: writing.entropy ?? settings.entropy)
        encoder.preset = writing.preset ?? settings.preset
        let result = try model.execution.run {
            let input = try naming(source.description) { try InputFile(source) }
            let output = try naming(target.description) { try OutputFile(target, overwrite: !writing.keepsExisting, input: input) }
            let result = try naming(source.description) {
                try encoder.encode(try input.audioReader(), to: output) { _ in try settings.cancel.check() }
            }
            try naming(target.description) { try output.commit() }
            return result
        }
        report?.pointee = try HandedOut.json(result)
    }
}

@c @implementation
package func codetta_decode_file(
    _ model: OpaquePointer?, _ source: UnsafePointer<CChar>?, _ target: UnsafePointer<CChar>?,
    _ options: UnsafePointer<codetta_decode_options>?, _ reading: UnsafePointer<codetta_read_options>?,
    _ report: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> codetta_status {
    callWriting {
        report?.pointee = nil
        let model: ModelObject = try Handles.object(model, "model")
        let (source, target) = (try Argument.path(source, "source"), try Argument.path(target, "target"))
        let (settings, reading) = (try DecodeSettings(options), try ReadSettings(reading))
        let result = try model.execution.run {
            let form = try OutputForm(fileExtension: target.fileExtension, asked: nil, sampleFormat: nil, file: target.description)
            var decoder = FileDecoder(
                model: model.model, ignoresWeights: settings.ignoresWeights, container: form.container, sampleFormat: form.sampleFormat)
            decoder.codebooks = settings.codebooks
            let input = try naming(source.description) { try InputFile(source) }
            let output = try naming(target.description) { try OutputFile(target, overwrite: true, input: input) }
            let result = try naming(source.description) {
                let reader = try TokenFileReader(
                    source: try input.byteSource(), mode: reading.mode, entropyModels: EntropyModels(reading.model ?? model.model))
                return try decoder.decode(reader, to: output) { _ in try settings.cancel.check() }
            }
            try naming(target.description) { try output.commit() }
            return result
        }
        report?.pointee = try HandedOut.json(result)
    }
}
