import CCodetta
import Checkpoints
import Codetta
import Platform

/// Where the models are that came with the library: known to `ModelLocator` once a model is asked for.
private let ownModels: Void = {
    guard let library = cc_library_path().map({ String(cString: $0) }) else { return }
    ModelLocator.directories(executable: library).forEach { ModelLocator.add(directory: $0) }
}()

@c @implementation
package func codetta_model_load(_ name: UnsafePointer<CChar>?, _ model: UnsafeMutablePointer<OpaquePointer?>?) -> codetta_status {
    call {
        let model = try Argument.output(model, "model", empty: nil)
        let name = try Argument.text(name, "name")
        _ = ownModels
        model.pointee = Handles.add(ModelObject(try Model.load(name)))
    }
}

@c @implementation
package func codetta_model_load_bytes(
    _ name: UnsafePointer<CChar>?, _ config: UnsafeRawPointer?, _ config_size: Int, _ weights: UnsafeRawPointer?, _ weights_size: Int,
    _ entropy: UnsafeRawPointer?, _ entropy_size: Int, _ model: UnsafeMutablePointer<OpaquePointer?>?
) -> codetta_status {
    call {
        let model = try Argument.output(model, "model", empty: nil)
        let name = try Argument.text(name, "name")
        if name.isEmpty { throw ArgumentError("name", "is empty") }
        var contents = [
            "config.json": try Argument.bytes(config, config_size, "config"),
            "model.safetensors": try Argument.bytes(weights, weights_size, "weights"),
        ]
        if entropy != nil || entropy_size > 0 { contents["entropy.safetensors"] = try Argument.bytes(entropy, entropy_size, "entropy") }
        model.pointee = Handles.add(ModelObject(try Model(ModelFolder(name: name, contents: contents))))
    }
}

@c @implementation
package func codetta_model_get_info(_ model: OpaquePointer?, _ info: UnsafeMutablePointer<codetta_model_info>?) -> codetta_status {
    call {
        let model: ModelObject = try Handles.object(model, "model")
        try Argument.fill(info, "info", with: try model.info())
    }
}

@c @implementation
package func codetta_model_get_codebook(
    _ model: OpaquePointer?, _ index: Int32, _ codebook: UnsafeMutablePointer<codetta_codebook>?
) -> codetta_status {
    call {
        let codebook = try Argument.output(codebook, "codebook", empty: codetta_codebook())
        let model: ModelObject = try Handles.object(model, "model")
        codebook.pointee = try model.model.description.layout.codebook(index)
    }
}

@c @implementation
package func codetta_model_get_kilobits(_ model: OpaquePointer?, _ codebooks: Int32, _ kilobits: UnsafeMutablePointer<Double>?) -> codetta_status {
    call {
        let kilobits = try Argument.output(kilobits, "kilobits", empty: 0)
        let model: ModelObject = try Handles.object(model, "model")
        let description = model.model.description
        let count = try CodebookChoice.count(Int(codebooks)).resolve(description, tracks: 1)
        kilobits.pointee = description.layout.prefix(count).nominalBitrate / 1000
    }
}

@c @implementation
package func codetta_add_models(_ path: UnsafePointer<CChar>?) -> codetta_status {
    call { ModelLocator.add(directory: try Argument.text(path, "path")) }
}

@c @implementation
package func codetta_list_models(_ json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> codetta_status {
    call {
        let json = try Argument.output(json, "json", empty: nil)
        _ = ownModels
        let locator = ModelLocator.standard()
        json.pointee = try HandedOut.json(
            locator.all().map(\.name) + (locator.cache?.all() ?? []).map { $0.repository?.description ?? $0.name })
    }
}

@c @implementation
package func codetta_set_threads(_ object: UnsafeMutableRawPointer?, _ threads: Int32) -> codetta_status {
    call {
        let found: HandledObject = try Handles.object(OpaquePointer(object), "object")
        guard (0...64).contains(threads) else { throw ArgumentError("threads", "is \(threads), expected 0 to 64") }
        guard let threaded = found as? any ThreadedObject else {
            throw ArgumentError("object", "is no model, encoder or decoder")
        }
        try threaded.setThreadCount(threads == 0 ? min(64, Int(cc_processors())) : Int(threads))
    }
}

@c @implementation
package func codetta_free(_ object: UnsafeMutableRawPointer?) -> codetta_status {
    call { if let object { try Handles.free(object) } }
}
