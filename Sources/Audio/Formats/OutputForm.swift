/// The form of an audio file to write: its container and, where a name says so, its samples.
///
/// `opus`, `x.opus` and `X.OPUS` mean Opus in Ogg (RFC 7845, section 9), not whatever Ogg can hold.
public struct OutputForm: Sendable, Equatable {
    /// The file format.
    public var container: ContainerFormat
    /// How samples are stored; nil for what suits the source.
    public var sampleFormat: SampleFormat?

    /// A container, with samples as suit the source unless they are given.
    public init(_ container: ContainerFormat, sampleFormat: SampleFormat? = nil) {
        self.container = container
        self.sampleFormat = sampleFormat
    }

    /// The form that a container's name or a file name extension (without the dot) stands for, in any letter case.
    public init?(named name: String) {
        guard let container = ContainerFormat(named: name) else { return nil }
        self.init(container, sampleFormat: SampleFormat(impliedBy: name))
    }

    /// What a file's name and explicit wishes amount to: the wishes go first, and neither may contradict a name that says how samples
    /// are stored.
    /// - Parameters:
    ///   - fileExtension: of the file's name; empty for a file without one and for pipes.
    ///   - asked: the form that was asked for by name.
    ///   - sampleFormat: the samples that were asked for.
    ///   - file: what errors call the file.
    /// - Throws: `AudioError.unknownContainer` for an extension that says nothing where nothing was asked for;
    ///   `.unsupportedOutput` for a contradiction.
    public init(fileExtension: String, asked: OutputForm?, sampleFormat: SampleFormat?, file: String) throws(AudioError) {
        let named = OutputForm(named: fileExtension)
        guard let chosen = asked ?? named ?? (fileExtension.isEmpty ? OutputForm(.wav) : nil) else {
            throw .unknownContainer(fileExtension)
        }
        self = chosen
        if self.sampleFormat == nil, container == named?.container { self.sampleFormat = named?.sampleFormat }
        if let implied = self.sampleFormat, let sampleFormat, implied != sampleFormat {
            throw .unsupportedOutput(file: file, reason: "\(implied.title) was named, and \(sampleFormat.title) asked for")
        }
        self.sampleFormat = sampleFormat ?? self.sampleFormat
        if let implied = named?.sampleFormat, implied != self.sampleFormat {
            let other = self.sampleFormat?.title ?? container.title
            throw .unsupportedOutput(file: file, reason: "a name that ends in .\(fileExtension) means \(implied.title), and \(other) was asked for")
        }
    }

    /// The names that `init(named:)` knows best.
    public static let names = ContainerFormat.allCases.flatMap { $0 == .ogg ? ["ogg", "opus"] : [$0.rawValue] }

    /// The samples of the form, or those of its container that lose least of `source`.
    public func sampleFormat(closestTo source: SampleFormat?) -> SampleFormat? {
        sampleFormat ?? container.sampleFormat(closestTo: source)
    }
}

extension SampleFormat {
    /// The sample rate that audio at `rate` Hz is stored at: `rate` where the format has it, else the lowest one above it, which loses
    /// nothing, else the highest.
    func storedRate(_ rate: Int) -> Int {
        let rates: [Int]
        switch self {
        // RFC 6716, section 2: what an encoder takes.
        case .opus: rates = [8000, 12_000, 16_000, 24_000, 48_000]
        // MPEG-1, MPEG-2 and MPEG-2.5.
        case .mp3: rates = [8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000]
        // libvorbis codes any rate up to 200 kHz.
        case .vorbis: rates = rate > 200_000 ? [192_000] : [rate]
        default: rates = [rate]
        }
        return rates.first { $0 >= rate } ?? rates.last ?? rate
    }
}
