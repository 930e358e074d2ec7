import Platform

/// Samples that the program ffmpeg decodes: the first audio stream of its input, as it comes out of a pipe.
final class FFmpegSource: SampleSource {
    let format: AudioFormat
    var sampleRate: Int { samples.sampleRate }
    var channelCount: Int { samples.channelCount }
    let totalSamples: Int? = nil
    /// The program delivers all of a file, if not at once.
    let isLive = false
    private(set) var warnings: [AudioWarning] = [.readThrough(program: "ffmpeg")]

    private let name: String
    private let isLenient: Bool
    private let child: ChildProcess
    private let errors: FileDescriptor
    private let samples: PCMSource
    private var hasEnded = false

    /// - Parameters:
    ///   - file: what ffmpeg opens: any descriptor, of a file or a pipe.
    ///   - format: name of the format, if known.
    /// - Throws: `AudioError.missingProgram`, `.notAudio` with ffmpeg's own words, `.io`.
    init(_ file: FileDescriptor, name: String, format: String?, isLenient: Bool) throws(AudioError) {
        guard let program = ChildProcess.find("ffmpeg") else { throw .missingProgram(file: name, program: "ffmpeg") }
        self.name = name
        self.isLenient = isLenient
        let output: FileDescriptor
        do throws(Errno) {
            errors = try Files.makeNameless()
            (child, output) = try Self.start(program, reading: file, errors: errors, isLenient: isLenient)
        } catch {
            throw .io(file: name, operation: "starting ffmpeg", reason: error.reason)
        }
        do throws(AudioError) {
            let input = try ByteInput(descriptor: output, name: name, ownsDescriptor: true)
            guard try input.require(12), case .pcm(let layout) = try WaveHeader.parse(input) else {
                throw AudioError.headerOnly(file: name)
            }
            samples = try PCMSource(input: input, layout: layout, isLenient: isLenient)
        } catch {
            let ending = child.wait()
            let said = Self.message(errors)
            try? errors.closeOnce()
            guard ending != .exit(0) || !said.isEmpty else { throw error }
            throw .notAudio(file: name, reason: said.isEmpty ? "ffmpeg found no audio" : "ffmpeg: \(said)")
        }
        self.format = AudioFormat(container: nil, sampleFormat: .float, description: "\(format ?? "unknown format"), by ffmpeg")
    }

    deinit {
        if !hasEnded { child.end() }
        try? errors.closeOnce()
    }

    private static func start(
        _ program: String, reading file: FileDescriptor, errors: FileDescriptor, isLenient: Bool
    ) throws(Errno) -> (ChildProcess, FileDescriptor) {
        let nothing = try FileDescriptor.opened(FilePath("/dev/null"), .readOnly)
        defer { try? nothing.closeOnce() }
        let (reading, writing) = try ChildProcess.makePipe()
        defer { try? writing.closeOnce() }
        // By its descriptor, so that no name is taken for an option or an address; and nothing but files may be opened for it.
        let arguments =
            ["-nostdin", "-hide_banner", "-v", "error"] + (isLenient ? [] : ["-xerror"]) + [
                "-protocol_whitelist", "file,pipe", "-i", "file:/dev/fd/3", "-map", "0:a:0", "-f", "wav", "-c:a", "pcm_f32le", "pipe:1",
            ]
        do throws(Errno) {
            return (try ChildProcess.start(program, arguments, descriptors: [nothing, writing, errors, file]), reading)
        } catch {
            try? reading.closeOnce()
            throw error
        }
    }

    func read(into buffer: UnsafeMutablePointer<Float>, count: Int) throws(AudioError) -> Int {
        if hasEnded { return 0 }
        let got = try samples.read(into: buffer, count: count)
        if got == 0 { try finish() }
        return got
    }

    /// No sample is the last one before ffmpeg has ended well.
    private func finish() throws(AudioError) {
        hasEnded = true
        let ending = child.wait()
        let said = Self.message(errors)
        guard ending != .exit(0) || !said.isEmpty else { return }
        let reason = said.isEmpty ? "ffmpeg ended early" : "ffmpeg: \(said)"
        guard isLenient else { throw .notAudio(file: name, reason: reason) }
        warnings.append(.damaged(reason: reason))
    }

    private static func message(_ errors: FileDescriptor) -> String {
        var bytes = [UInt8](repeating: 0, count: 4096)
        guard let size = try? FileStatus(of: errors).size, size > 0 else { return "" }
        let start = max(0, size - bytes.count)
        let got = (try? bytes.withUnsafeMutableBytes { try errors.readAll(into: $0, at: start) }) ?? 0
        return ProgramMessages.lastLine(of: bytes.prefix(got))
    }
}
