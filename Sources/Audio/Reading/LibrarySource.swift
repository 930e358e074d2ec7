import Kernels
import Platform

/// Samples that libsndfile decodes.
final class LibrarySource: SampleSource {
    let format: AudioFormat
    let sampleRate: Int
    let channelCount: Int
    let totalSamples: Int?
    let speakers: [Speaker]?
    let isLive = false
    private(set) var warnings: [AudioWarning]

    private let file: SoundFile
    private let name: String
    private let isLenient: Bool
    private var done = 0
    private var isAtEnd = false

    /// - Throws: `AudioError.notAudio`, `.truncated`, `.headerOnly`, `.channelCount`, `.sampleRate`, `.io`.
    init(_ bytes: SeekableBytes, name: String, isLenient: Bool) throws(AudioError) {
        warnings = try DeclaredExtent.check(bytes, name: name, isLenient: isLenient)
        file = try SoundFile.open(bytes, name: name)
        self.name = name
        self.isLenient = isLenient
        let info = file.info
        format = file.format
        sampleRate = Int(info.samplerate)
        channelCount = Int(info.channels)
        try AudioLimits.check(sampleRate: sampleRate, channelCount: channelCount, file: name)
        speakers = file.speakers
        let frames = Int(info.frames)
        // FLAC marks an unknown length by 0, libsndfile by its largest count.
        let isUnknown = frames < 0 || frames > 1 << 60 || (frames == 0 && format.container == .flac)
        totalSamples = isUnknown ? nil : frames
    }

    func read(into samples: UnsafeMutablePointer<Float>, count: Int) throws(AudioError) -> Int {
        if isAtEnd { return 0 }
        let got = file.read(into: samples, count: count)
        done += got
        isAtEnd = got == 0
        if let failure = file.systemFailure {
            throw .io(file: name, operation: "reading", reason: failure.reason)
        }
        guard got < count else { return got }
        if let total = totalSamples, done < total {
            guard isLenient else { throw .truncated(file: name, expected: total, found: done, unit: "samples") }
            if isAtEnd { warnings.append(.truncated(expected: total, found: done, unit: "samples")) }
        } else if let complaint = file.complaint {
            guard isLenient else { throw .notAudio(file: name, reason: complaint) }
            if isAtEnd { warnings.append(.damaged(reason: complaint)) }
        }
        return got
    }
}
