import Platform

/// The files of a folder and of all folders below it, linked ones included.
///
/// Every folder is read once, under its own name where it has one here, else under that of the first link to it. So links form no cycles,
/// and many links to one folder are no many copies of its files.
package struct FolderContents: Sendable {
    /// A folder below that cannot be read.
    package struct Unreadable: Sendable {
        /// Relative to the folder.
        package var path: PathName
        package var cause: PipelineError
    }

    /// Regular files, and links that lead nowhere, as paths relative to the folder: folder by folder, in the order of the names' bytes.
    package private(set) var files: [PathName] = []
    package private(set) var unreadable: [Unreadable] = []
    /// Links to folders that are read under another name, or that hold the folder itself.
    package private(set) var repeatedLinks: [PathName] = []
    /// Pipes, devices and sockets.
    package private(set) var others: [PathName] = []

    /// - Throws: `PipelineError.unreadable` for the folder itself.
    package init(_ folder: PathName) throws(PipelineError) {
        var seen = Self.folders(above: folder)
        if let own = FileSystem.status(folder)?.identity { seen.insert(own) }
        var links: [PathName] = []
        try read(folder, nil, &seen, &links)
        // Real folders first, so that a link does not take a folder's own name from it.
        while !links.isEmpty {
            let found = links
            links = []
            for link in found {
                guard let identity = FileSystem.status(folder.appending(link))?.identity else { continue }
                if seen.insert(identity).inserted { visit(folder, link, &seen, &links) } else { repeatedLinks.append(link) }
            }
        }
        files.sort { $0.precedes($1) }
        repeatedLinks.sort { $0.precedes($1) }
    }

    private mutating func visit(
        _ root: PathName, _ path: PathName, _ seen: inout Set<FileStatus.Identity>, _ links: inout [PathName]
    ) {
        do throws(PipelineError) {
            try read(root, path, &seen, &links)
        } catch {
            unreadable.append(Unreadable(path: path, cause: error))
        }
    }

    private mutating func read(
        _ root: PathName, _ path: PathName?, _ seen: inout Set<FileStatus.Identity>, _ links: inout [PathName]
    ) throws(PipelineError) {
        for name in try FileSystem.list(path.map(root.appending) ?? root) {
            let entry = path?.appending(name) ?? name
            let full = root.appending(entry)
            let status = FileSystem.status(full)
            switch status?.type {
            case .directory where Files.isLink(full.filePath): links.append(entry)
            case .directory:
                if let identity = status?.identity, seen.insert(identity).inserted { visit(root, entry, &seen, &links) }
            case .regular, nil: files.append(entry)
            case .other: others.append(entry)
            }
        }
    }

    /// The folders that hold `folder`: a link to one of them would bring in all that lies beside it.
    private static func folders(above folder: PathName) -> Set<FileStatus.Identity> {
        var found: Set<FileStatus.Identity> = []
        guard var path = Files.resolved(folder.filePath) else { return found }
        while path.removeLastComponent() {
            if let identity = FileStatus(of: path)?.identity { found.insert(identity) }
        }
        return found
    }
}

extension PathName {
    /// Folder by folder, in the order of the names' bytes.
    fileprivate func precedes(_ other: PathName) -> Bool {
        let slash = UInt8(ascii: "/")
        let (a, b) = (bytes.split(separator: slash), other.bytes.split(separator: slash))
        for (x, y) in zip(a, b) where !x.elementsEqual(y) { return x.lexicographicallyPrecedes(y) }
        return a.count < b.count
    }
}
