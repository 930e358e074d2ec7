import Codetta

/// What folders hold that a command does not take: said in one line, as a recording may be among it.
struct PassedOver: Encodable, Sendable {
    private var files: [PathName] = []
    /// Links to folders that are read under another name.
    private var links: [PathName] = []

    init() {}

    init(_ contents: FolderContents, in folder: PathName, accepts: (String) -> Bool) {
        files = (contents.files.filter { !accepts($0.fileExtension) } + contents.others).map(folder.appending)
        links = contents.repeatedLinks.map(folder.appending)
    }

    mutating func add(_ other: PassedOver) {
        files += other.files
        links += other.links
    }

    /// Outputs of an earlier run beside their inputs are none of it.
    mutating func leaveOut(_ outputs: [PathName]) {
        let outputs = Set(outputs)
        files.removeAll(where: outputs.contains)
    }

    /// Numbers of files by extension, the most frequent first.
    private var kinds: [(name: String, count: Int)] {
        Dictionary(grouping: files, by: \.fileExtension).map { ($0.key, $0.value.count) }.sorted { ($1.count, $0.name) < ($0.count, $1.name) }
    }

    /// `12 files passed over: 9 .txt, 2 .m4a, 1 without an extension`; nil for none.
    var text: String? {
        var parts: [String] = []
        if !files.isEmpty {
            let shown = kinds.prefix(8).map { "\($0.count) \($0.name.isEmpty ? "without an extension" : "." + $0.name)" }
            let rest = kinds.dropFirst(8).reduce(0) { $0 + $1.count }
            parts.append(
                "\(Format.count(files.count, "file")) passed over: "
                    + (shown + (rest > 0 ? ["\(rest) of other kinds"] : [])).joined(separator: ", "))
        }
        if let first = links.first {
            let others = links.count > 1 ? " and \(links.count - 1) more" : ""
            parts.append("not followed, as their folders are read anyway or hold this one: \(first)\(others)")
        }
        return parts.isEmpty ? nil : parts.joined(separator: "; ")
    }

    var isEmpty: Bool { files.isEmpty && links.isEmpty }

    private enum CodingKeys: String, CodingKey { case count, extensions, links }

    /// The count, the counts by extension, and the links.
    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(files.count, forKey: .count)
        try container.encode(Dictionary(uniqueKeysWithValues: kinds.map { ($0.name, $0.count) }), forKey: .extensions)
        try container.encode(links.map(\.description), forKey: .links)
    }
}
