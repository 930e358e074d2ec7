import Audio
import Kernels

extension ScratchFolder {
    /// Writes a file in the format that its name says, and returns its path.
    @discardableResult
    package func writeAudio(
        _ name: String, _ audio: AudioBlock, rate: Int, format: SampleFormat? = .pcm16, container: ContainerFormat? = nil,
        overwrite: Bool = false
    ) throws -> String {
        let settings = AudioWriter.Settings(sampleRate: rate, channelCount: audio.channelCount, container: container, sampleFormat: format)
        let writer = try AudioWriter(path: path(name), settings: settings, overwrite: overwrite)
        try writer.write(audio)
        try writer.finish()
        return path(name)
    }

    package func readAudio(_ name: String) throws -> (audio: AudioBlock, rate: Int) {
        let reader = try AudioReader(path: path(name))
        return (try reader.readAll(), reader.sampleRate)
    }
}
