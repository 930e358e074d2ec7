/// The umbrella module: `import Codetta` brings in every public module of the toolkit.
@_exported import Audio
@_exported import Checkpoints
@_exported import Codecs
@_exported import Kernels
@_exported import Layers
@_exported import Metrics
@_exported import Quantizers
@_exported import Spectral
@_exported import TokenFiles
@_exported import TokenLM
@_exported import Tokens
