/// How to run one codec's command-line programs, and how to count what they write.
struct PeerFormat: Sendable {
    /// What the encoder reads and the decoder writes.
    enum Samples: Sendable { case wave, raw }

    let name: String
    let encoder: String
    let decoder: String
    /// The Debian package that has both.
    let package: String
    /// What settings are, for messages.
    let settings: String
    /// kb/s of a setting; nil for what is none.
    let nominalRate: @Sendable (String) -> Double?
    /// Hz to feed it with for a clip of this rate.
    let sampleRate: @Sendable (Int) -> Int
    /// Channels coded together; clips of more are coded channel by channel.
    let channelLimit: Int
    var samples = Samples.wave
    /// The encoder takes whole blocks of so many samples only, and one more to push out what it holds back.
    var blockLength: Int?
    /// Nil when the program does not tell.
    var versionArgument: String? = "--version"
    let fileExtension: String
    /// Arguments from setting, input and output.
    let encode: @Sendable (_ setting: String, _ input: String, _ output: String) -> [String]
    let decode: @Sendable (_ setting: String, _ input: String, _ output: String) -> [String]
    /// Bytes of audio in what the encoder wrote, without container and headers.
    let payload: @Sendable ([UInt8]) throws(EvaluationError) -> Int

    static let all = [opus, codec2, speex, mp3, vorbis]

    /// RFC 6716. Fed at its own rate; the decoder drops the pre-skip and what pads the last packet.
    private static let opus = PeerFormat(
        name: "opus", encoder: "opusenc", decoder: "opusdec", package: "opus-tools", settings: "a bitrate of 0.5 to 512 kb/s",
        nominalRate: { number($0, in: 0.5...512) }, sampleRate: { _ in 48000 }, channelLimit: 2, fileExtension: "opus",
        encode: { ["--quiet", "--bitrate", $0, $1, $2] },
        decode: { ["--quiet", "--no-dither", "--rate", "48000", $1, $2] },
        payload: { bytes throws(EvaluationError) in try OggPackets.payload(bytes, headers: 2) })

    /// David Rowe's Codec 2, for speech at 8 kHz: frames without a container.
    private static let codec2 = PeerFormat(
        name: "codec2", encoder: "c2enc", decoder: "c2dec", package: "codec2",
        settings: "one of 3200, 2400, 1600, 1400, 1300, 1200, 700C and 450 (bit/s)",
        nominalRate: {
            ["3200": 3.2, "2400": 2.4, "1600": 1.6, "1400": 1.4, "1300": 1.3, "1200": 1.2, "700C": 0.7, "450": 0.45][$0]
        }, sampleRate: { _ in 8000 }, channelLimit: 1, samples: .raw, blockLength: 320, versionArgument: nil,
        fileExtension: "bin",
        encode: { [$0, $1, $2] }, decode: { [$0, $1, $2] },
        payload: { $0.count })

    /// RFC 5574: wide band where the clip has it, else narrow band.
    private static let speex = PeerFormat(
        name: "speex", encoder: "speexenc", decoder: "speexdec", package: "speex", settings: "a bitrate of 2 to 44 kb/s",
        nominalRate: { number($0, in: 2...44) }, sampleRate: { $0 >= 16000 ? 16000 : 8000 }, channelLimit: 1,
        fileExtension: "spx",
        encode: { ["--bitrate", "\(Int(((Double($0) ?? 0) * 1000).rounded()))", $1, $2] }, decode: { [$1, $2] },
        payload: { bytes throws(EvaluationError) in try OggPackets.payload(bytes, headers: 2) })

    /// LAME at a constant bitrate; its own tag tells the decoder which delay and padding to drop.
    private static let mp3 = PeerFormat(
        name: "mp3", encoder: "lame", decoder: "lame", package: "lame", settings: "a bitrate of 8 to 320 kb/s",
        nominalRate: { whole($0, in: 8...320) }, sampleRate: nearestMPEGRate, channelLimit: 2, fileExtension: "mp3",
        encode: { ["--quiet", "--cbr", "-b", $0, $1, $2] }, decode: { ["--quiet", "--decode", $1, $2] },
        payload: { bytes throws(EvaluationError) in try MPEGFrames.payload(bytes) })

    /// At the quality whose nominal bitrate this is.
    private static let vorbis = PeerFormat(
        name: "vorbis", encoder: "oggenc", decoder: "oggdec", package: "vorbis-tools", settings: "a bitrate of 8 to 500 kb/s",
        nominalRate: { whole($0, in: 8...500) }, sampleRate: { $0 }, channelLimit: 2, fileExtension: "ogg",
        encode: { ["--quiet", "--bitrate", $0, "--output", $2, $1] }, decode: { ["--quiet", "--output", $2, $1] },
        payload: { bytes throws(EvaluationError) in try OggPackets.payload(bytes, headers: 3) })

    private static func number(_ text: String, in range: ClosedRange<Double>) -> Double? {
        Double(text).flatMap { range.contains($0) ? $0 : nil }
    }

    private static func whole(_ text: String, in range: ClosedRange<Int>) -> Double? {
        Int(text).flatMap { range.contains($0) ? Double($0) : nil }
    }

    /// The lowest rate of the standards that holds a clip of this rate.
    @Sendable private static func nearestMPEGRate(_ rate: Int) -> Int {
        [8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000].first { $0 >= rate } ?? 48000
    }
}
