import Checkpoints
import Kernels
import Quantizers
import TokenFiles

/// Latents or features in `.npy` and `.safetensors` files, one after the other, read anew in each pass and never all at once.
///
/// Every file holds real numbers `[…, time, dimension]`; a safetensors file under the name `latents` or `features`, or as its
/// only tensor. Blocks do not reach from one file into the next.
public struct LatentFiles: VectorSource {
    /// Channels of each vector.
    public let dimension: Int
    /// Vectors in all.
    public let count: Int
    /// Frames per second, if the files say so.
    public let frameRate: Double?
    private let files: [File]
    private static let blockSize = 8192

    /// - Throws: `PipelineError.noFiles` for none; `PipelineError.incomparable` for files of different dimensions; `TokenStreamError`,
    ///   `CheckpointError`.
    public init(_ paths: [PathName]) throws {
        files = try paths.map(File.init)
        guard let first = files.first else { throw PipelineError.noFiles(kind: "latents (.npy or .safetensors)") }
        if let other = files.first(where: { $0.dimension != first.dimension }) {
            throw PipelineError.incomparable(
                "\(other.path) has \(other.dimension) channels, \(first.path) has \(first.dimension)")
        }
        dimension = first.dimension
        count = files.reduce(0) { $0 + $1.rows }
        frameRate = files.lazy.compactMap(\.frameRate).first
    }

    /// Whether a file of this lower-case extension may hold latents.
    public static func accepts(_ fileExtension: String) -> Bool { LatentFormat(rawValue: fileExtension) != nil }

    /// Passes all vectors to `body`, a block at a time.
    public func forEachBlock(_ body: (Frames) throws -> Void) throws {
        for file in files { try file.forEachBlock(Self.blockSize, body) }
    }

    /// Passes each file's vectors to `body` as a source of its own.
    public func forEachFile(_ body: (LatentFiles) throws -> Void) throws {
        for file in files { try body(LatentFiles([file.path])) }
    }

    /// One file's shape; it is opened anew for each pass.
    private struct File {
        let path: PathName
        let rows: Int
        let dimension: Int
        let frameRate: Double?
        /// Of the tensor in a safetensors file.
        let tensor: String?

        init(_ path: PathName) throws {
            self.path = path
            guard path.fileExtension == "safetensors" else {
                let reader = try NumPyFloatReader(try InputFile(path).byteSource())
                (rows, dimension, frameRate, tensor) = (reader.rowCount, reader.rowLength, nil, nil)
                return
            }
            let file = try SafetensorsFile(path: path.text ?? path.description)
            let names = file.header.tensors.map(\.name)
            guard let name = ["latents", "features"].first(where: names.contains) ?? (names.count == 1 ? names[0] : nil),
                let shape = file.info(name)?.shape, shape.count >= 2, let last = shape.last, last > 0
            else {
                throw CheckpointError.invalidHeader(
                    file: file.path, reason: "expected one tensor of latents [time, dimension], found \(names.prefix(8))")
            }
            (rows, dimension) = (shape.dropLast().reduce(1, *), last)
            tensor = name
            frameRate = file.header.metadata["frame_rate"].flatMap(Double.init)
        }

        func forEachBlock(_ limit: Int, _ body: (Frames) throws -> Void) throws {
            guard let tensor else {
                let reader = try NumPyFloatReader(try InputFile(path).byteSource())
                guard reader.rowLength == dimension, reader.rowCount == rows else {
                    throw PipelineError.incomparable("\(path) has changed")
                }
                while case let values = try reader.read(rows: limit), !values.isEmpty {
                    try body(Frames(count: values.count / dimension, channels: dimension, values: values))
                }
                return
            }
            let file = try SafetensorsFile(path: path.text ?? path.description)
            for start in stride(from: 0, to: rows, by: limit) {
                let end = min(start + limit, rows)
                let values = try file.load(tensor, elements: (start * dimension)..<(end * dimension))
                try body(Frames(count: end - start, channels: dimension, values: values))
            }
        }
    }
}
