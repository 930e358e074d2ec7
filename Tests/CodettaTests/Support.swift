import Codetta
import Foundation
import TestSupport

/// A small model with random weights: 24 kHz, mono, streaming.
let tinyFolder = PackageFolder.url.appendingPathComponent("Tests/CodecsTests/Fixtures/tiny-waveform-causal")

func tinyModel() throws -> Model { try Model(contentsOf: tinyFolder) }

/// Two tones per channel, other ones on each.
func tones(_ samples: Int, channels: Int) -> AudioBlock {
    AudioBlock(
        channels: (0..<channels).map { c in
            (0..<samples).map { t in 0.3 * sinf(Float(t) * 0.031 * Float(c + 1)) + 0.1 * sinf(Float(t) * 0.17) }
        })
}

extension ScratchFolder {
    func file(_ name: String) -> URL { url.appendingPathComponent(name) }
}
