/// What a config says, with its defaults filled in: all settings that a model's computation depends on.
extension ModelConfig {
    /// A line `name=value` for each setting, in ascending order of the names' bytes. Values are as in JSON, without white space; the fields of an
    /// object within the config have its name and a dot in front. Settings that may be missing and are have no line.
    package var settings: [String] {
        settings(prefix: "").sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    fileprivate func settings(prefix: String) -> [String] {
        Mirror(reflecting: self).children.flatMap { ($0.value as? any SettingHolder)?.settings(prefix: prefix) ?? [] }
    }
}

/// A property of a config that knows its settings.
private protocol SettingHolder {
    func settings(prefix: String) -> [String]
}

extension Field: SettingHolder {
    fileprivate func settings(prefix: String) -> [String] { lines(prefix + jsonName, wrappedValue) }
}

extension Embedded: SettingHolder {
    fileprivate func settings(prefix: String) -> [String] { wrappedValue.settings(prefix: prefix) }
}

private func lines(_ name: String, _ value: Any) -> [String] {
    switch value {
    case let config as any ModelConfig: return config.settings(prefix: name + ".")
    case let value as any OptionalSetting: return value.content.map { lines(name, $0) } ?? []
    case let value as any Encodable: return ["\(name)=\(String(decoding: (try? JSONText.encode(value)) ?? [], as: UTF8.self))"]
    case let values as [Any]: return values.enumerated().flatMap { lines("\(name)[\($0)]", $1) }
    case let value as any RawRepresentable: return lines(name, value.rawValue)
    // A struct of a config without rules of its own, or an enumeration.
    default:
        let children = Mirror(reflecting: value).children
        if children.isEmpty { return ["\(name)=\"\(value)\""] }
        return children.flatMap { lines("\(name).\($0.label ?? "")", $0.value) }
    }
}

private protocol OptionalSetting {
    var content: Any? { get }
}

extension Optional: OptionalSetting {
    fileprivate var content: Any? { self }
}
