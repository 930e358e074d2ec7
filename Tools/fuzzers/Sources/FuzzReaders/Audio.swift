import Audio
import Foundation

private let folder = ScratchFolder("audio")

/// Audio of every container, from a file or a pipe, as it is or as raw PCM.
func readAudio(_ choice: UInt8, _ input: [UInt8]) throws { try readAudio(choice, input, limit: 1 << 18) }

/// - Parameter limit: samples a channel after which an input has had its say: some formats expand.
func readAudio(_ choice: UInt8, _ input: [UInt8], limit: Int) throws {
    var options = AudioReader.Options(isLenient: choice.says(0), sanitizes: choice.says(1))
    if choice.says(3) {
        let formats: [SampleFormat] = [.pcm16, .pcm24, .float, .mulaw]
        options.raw = RawFormat(
            sampleRate: 8000, channelCount: 1 + Int(choice >> 6), sampleFormat: formats[Int(choice >> 4) % formats.count])
    }
    // A pipe holds so much without anyone reading.
    if choice.says(2) && input.count <= 4096 {
        var ends: [Int32] = [0, 0]
        require(pipe(&ends) == 0, "no pipe")
        _ = input.withUnsafeBytes { write(ends[1], $0.baseAddress, $0.count) }
        close(ends[1])
        defer { close(ends[0]) }
        try readAll(AudioReader(descriptor: ends[0], name: "pipe", options: options), limit)
    } else {
        folder.write(input, to: "input")
        try readAll(AudioReader(path: folder.file("input"), options: options), limit)
    }
}

private func readAll(_ reader: AudioReader, _ limit: Int) throws {
    require(AudioLimits.sampleRates.contains(reader.sampleRate), "rate \(reader.sampleRate)")
    require(AudioLimits.channelCounts.contains(reader.channelCount), "\(reader.channelCount) channels")
    while reader.samplesRead < limit {
        let block = try reader.read(upTo: 4096)
        if block.isEmpty { return }
        require(block.channels.allSatisfy { $0.allSatisfy(\.isFinite) }, "samples that are not finite")
    }
}
