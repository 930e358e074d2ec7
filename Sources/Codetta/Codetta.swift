/// The umbrella module: `import Codetta` brings in what is needed to code audio. What codecs are made of (Layers, Quantizers, Spectral) and
/// what works on top (Evaluation, Hub, Plots, Reports) is imported by name; Docs/modules.md has the list.
@_exported import Audio
@_exported import Checkpoints
@_exported import Codecs
@_exported import Kernels
@_exported import Metrics
@_exported import struct Quantizers.CodeSearch
@_exported import TokenFiles
@_exported import TokenLM
@_exported import Tokens
