import Codetta
import Foundation
import Platform

/// What made the outputs of a folder, for `--resume`: of what input and with which settings.
///
/// Kept in a hidden file in the outputs' folder, one line of JSON for each output, the last one of a name counting. It is not in the token
/// files, which have the same bytes however often they are made; it goes with the folder when that is moved; and it serves outputs that
/// have no place for it, such as audio.
final class ResumeRecord: @unchecked Sendable {
    /// One output.
    struct Entry: Codable, Equatable {
        /// The name in the folder, as `ArgumentText` carries it.
        var output: String
        /// SHA-256 of the output and of the input.
        var outputHash: ContentDigest
        var inputHash: ContentDigest
        var settings: [String: String]
    }

    static let fileName = PathName(".codetta-resume")

    // All state is only touched under `lock`.
    private let lock = NSLock()
    private var folders: [PathName: [String: Entry]] = [:]

    /// What made `output`, if an earlier run or this one wrote it down.
    func entry(for output: PathName) -> Entry? {
        lock.withLock { entries(of: output.parent)[Self.key(output)] }
    }

    /// Writes down what made `output`, which is complete.
    /// - Throws: `PipelineError`.
    func add(_ output: PathName, inputHash: ContentDigest, settings: [String: String]) throws {
        let entry = Entry(
            output: Self.key(output), outputHash: try InputFile(output).contentHash(), inputHash: inputHash, settings: settings)
        try lock.withLock {
            let folder = output.parent
            if entries(of: folder)[entry.output] == entry { return }
            folders[folder]?[entry.output] = entry
            try Self.append(try JSON.line(entry) + "\n", to: folder.appending(Self.fileName))
        }
    }

    private static func key(_ output: PathName) -> String { ArgumentText.encode(output.lastComponent.bytes) }

    private func entries(of folder: PathName) -> [String: Entry] {
        if let known = folders[folder] { return known }
        let found = Self.read(folder.appending(Self.fileName))
        folders[folder] = found
        return found
    }

    /// Most bytes that are read; a line takes some 400.
    private static let longest = 256 << 20

    /// Lines that are damaged, as the last one of a killed process may be, are left out: their outputs are then judged by themselves.
    private static func read(_ path: PathName) -> [String: Entry] {
        guard let status = FileSystem.status(path), status.type == .regular, status.size <= longest,
            let bytes = try? InputFile(path).readAll()
        else { return [:] }
        var entries: [String: Entry] = [:]
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            guard let entry = try? JSONDecoder().decode(Entry.self, from: Data(line)) else { continue }
            entries[entry.output] = entry
        }
        return entries
    }

    private static func append(_ line: String, to path: PathName) throws(PipelineError) {
        do throws(Errno) {
            let file = try FileDescriptor.opened(
                path.filePath, .readWrite, options: [.create, .append], permissions: FilePermissions(rawValue: 0o666))
            defer { try? file.closeOnce() }
            // A line that was cut short shall not spoil this one.
            var last: UInt8 = UInt8(ascii: "\n")
            let size = try FileStatus(of: file).size
            if size > 0 { _ = try withUnsafeMutableBytes(of: &last) { bytes throws(Errno) in try file.readSome(into: bytes, at: size - 1) } }
            let text = (last == UInt8(ascii: "\n") ? "" : "\n") + line
            try Array(text.utf8).withUnsafeBufferPointer { bytes throws(Errno) in try file.writeAll(bytes: UnsafeRawBufferPointer(bytes)) }
        } catch {
            throw .io(operation: "writing \(path)", reason: error.reason)
        }
    }
}
