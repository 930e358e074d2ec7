import Kernels
import Quantizers

extension Quantizer {
    /// As `quantize(_:codebooks:)`, several stretches of time at once where there are threads (`Execution.threadCount`).
    /// - Parameters:
    ///   - latents: whole superframes `[time, dimension]`.
    ///   - superframe: frames that are coded together.
    func quantizeConcurrently(_ latents: Frames, codebooks: Int, superframe: Int) -> [[Int32]] {
        let superframes = latents.count / superframe
        // Each stretch reads the codebooks anew. Below about 16 frames that costs more than the threads gain.
        let parts = Execution.current.threadCount == 1 ? 1 : min(4 * Execution.current.threadCount, superframes * superframe / 16)
        if parts < 2 { return quantize(latents, codebooks: codebooks) }
        let pieces = Execution.current.concurrentMap(parts) { part in
            let (start, end) = (part * superframes / parts, (part + 1) * superframes / parts)
            return quantize(latents.slice(start * superframe..<end * superframe), codebooks: codebooks)
        }
        return (0..<codebooks).map { k in pieces.flatMap { $0[k] } }
    }
}
