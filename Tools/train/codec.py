"""codetta: a causal neural codec that runs entirely at frame rate. The PyTorch twin of Sources/Codecs/CodettaCodec.swift.

audio -> lapped transform -> compress -> ConvNeXt encoder -> RVQ -> ConvNeXt decoder -> expand -> lapped synthesis -> audio

No normalisation stands on the path from input to output, so level passes through, and with its blocks silent the network
is a linear (KLT) transform codec: that is how it is initialised.
"""
import dataclasses
import math

import torch
import torch.nn as nn
import torch.nn.functional as F

from losses import coefficient_loss, coefficient_weights
from quantizer import ResidualVectorQuantizer


class FrameRate:
    """What follows from a config's sampling_rate, hop_length, num_codebooks and codebook_size."""

    @property
    def frame_rate(self):
        return self.sampling_rate / self.hop_length

    def codebooks_for(self, kbps):
        """The number of codebooks whose nominal bitrate is nearest to `kbps`, at least one."""
        return max(1, round(kbps * 1000 / (self.frame_rate * math.log2(self.codebook_size))))


@dataclasses.dataclass
class Config(FrameRate):
    model_type: str = "codetta"
    sampling_rate: int = 24000
    hop_length: int = 480
    transform: str = "mdct"          # mdct | stft (window of two hops, iSTFT head)
    hidden_size: int = 256
    expansion: int = 3
    kernel_size: int = 7
    encoder_layers: int = 4
    decoder_layers: int = 6
    decoder_lookahead: int = 1       # frames that the decoder's first convolution sees ahead
    num_bands: int = 32              # log energies beside the compressed coefficients
    codebook_dim: int = 64
    num_codebooks: int = 12
    codebook_size: int = 1024
    noise_filling: bool = True
    compression: float = 0.05        # below this a coefficient is nearly linear, above it a square root
    joint_compression: bool = False  # stft: by the magnitude, which keeps the phase, rather than part by part
    whitening: float = 0.5           # how much of the long-term spectrum is flattened; used at initialisation only

    @property
    def coefficients(self):
        return self.hop_length if self.transform == "mdct" else 2 * (self.hop_length + 1)

    @property
    def latency(self):
        return self.hop_length * (2 + self.decoder_lookahead)


def hashed_noise(frames, bins, device=None):
    """Uniform noise of unit variance, [frames, bins], from a 32-bit hash of the position: the same on every machine."""
    mask = 0xFFFFFFFF
    x = torch.arange(frames * bins, dtype=torch.int64, device=device) & mask
    x = ((x ^ (x >> 16)) * 0x7FEB352D) & mask
    x = ((x ^ (x >> 15)) * 0x846CA68B) & mask
    x = x ^ (x >> 16)
    return ((x.double() / 2**31 - 1.0) * math.sqrt(3)).float().view(frames, bins)


def full_precision(x):
    """Switches autocast off: transforms and codeword search need Float32."""
    return torch.autocast(x.device.type, enabled=False)


def band_edges(bins, bands):
    """Band borders that widen exponentially, at least one bin each."""
    edges = [round(bins * (math.exp(3 * i / bands) - 1) / (math.exp(3) - 1)) for i in range(bands + 1)]
    for i in range(1, bands + 1):
        edges[i] = max(edges[i], edges[i - 1] + 1)
    edges[bands] = bins
    return edges


class Block(nn.Module):
    """ConvNeXt block (Liu et al. 2022; Vocos): causal depthwise convolution, norm, two pointwise layers, scaled residual."""

    def __init__(self, config, scale):
        super().__init__()
        d, self.kernel = config.hidden_size, config.kernel_size
        self.depthwise = nn.Conv1d(d, d, self.kernel, groups=d)
        self.norm = nn.LayerNorm(d, eps=1e-6)
        self.expand = nn.Linear(d, d * config.expansion)
        self.contract = nn.Linear(d * config.expansion, d)
        self.gamma = nn.Parameter(torch.full((d,), scale))
        for layer, std in ((self.depthwise, 0.1), (self.expand, 0.02), (self.contract, 0.02)):
            nn.init.trunc_normal_(layer.weight, std=std)
            nn.init.zeros_(layer.bias)

    def forward(self, x):                                                        # [batch, time, channels]
        h = self.depthwise(F.pad(x.transpose(1, 2), (self.kernel - 1, 0))).transpose(1, 2)
        return x + self.gamma * self.contract(F.gelu(self.expand(self.norm(h)), approximate="tanh"))


class Stack(nn.Module):
    """input convolution -> blocks -> output layer, all linear but the blocks' branches."""

    def __init__(self, config, inputs, outputs, layers, lookahead=0):
        super().__init__()
        self.lookahead = lookahead
        kernel = 2 * lookahead + 1
        self.input = nn.Conv1d(inputs, config.hidden_size, kernel)
        self.blocks = nn.ModuleList(Block(config, 1 / (3 * max(layers, 1))) for _ in range(layers))
        self.output = nn.Linear(config.hidden_size, outputs)
        for layer in (self.input, self.output):
            nn.init.trunc_normal_(layer.weight, std=0.02)
            nn.init.zeros_(layer.bias)

    def forward(self, x):
        x = F.pad(x.transpose(1, 2), (self.lookahead, self.lookahead))
        x = self.input(x).transpose(1, 2)
        for block in self.blocks:
            x = block(x)
        return self.output(x)


class Transform(nn.Module):
    """A lapped transform with a window of two hops: frame t covers samples (t-1)*hop ..< (t+1)*hop."""

    def __init__(self, config):
        super().__init__()
        n, self.kind = config.hop_length, config.transform
        self.hop = n
        time = torch.arange(2 * n).double()
        window = torch.sin(math.pi * (time + 0.5) / (2 * n))
        if self.kind == "mdct":
            bin = torch.arange(n).double()
            basis = torch.cos(math.pi / n * (time[:, None] + 0.5 + n / 2) * (bin + 0.5)) * math.sqrt(2 / n)
        else:
            # A tight frame: orthonormal real and imaginary parts scaled so that analysis then synthesis is the identity.
            bin = torch.arange(n + 1).double()
            angle = math.pi / n * time[:, None] * bin
            weight = torch.full((n + 1,), math.sqrt(1 / n)).double()
            weight[0] = weight[-1] = math.sqrt(1 / (2 * n))
            basis = torch.cat([torch.cos(angle) * weight, -torch.sin(angle) * weight], 1)
        self.register_buffer("basis", (window[:, None] * basis).float(), persistent=False)

    def analyse(self, x):                                                        # [batch, samples] -> [batch, time, bins]
        with full_precision(x):
            return F.pad(x, (self.hop, 0)).unfold(1, 2 * self.hop, self.hop) @ self.basis

    def synthesise(self, c):                                                     # [batch, time, bins] -> [batch, samples]
        with full_precision(c):
            frames = c.float() @ self.basis.t()
        y = frames[..., : self.hop] + F.pad(frames[:, :-1, self.hop :], (0, 0, 1, 0))
        return y.reshape(c.shape[0], -1)


class Codec(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        c = config
        bins = c.coefficients
        self.transform = Transform(c)
        self.weigh_coefficients(corner=0)
        self.log_scale = nn.Parameter(torch.zeros(bins))
        self.encoder = Stack(c, bins + c.num_bands, c.codebook_dim, c.encoder_layers)
        self.quantizer = ResidualVectorQuantizer(c.codebook_dim, c.num_codebooks, c.codebook_size)
        self.decoder = Stack(c, c.codebook_dim, bins * (2 if c.noise_filling else 1), c.decoder_layers, c.decoder_lookahead)
        spectrum = c.hop_length if c.transform == "mdct" else c.hop_length + 1
        edges = band_edges(spectrum, c.num_bands)
        bands = torch.zeros(spectrum, c.num_bands)
        for i in range(c.num_bands):
            bands[edges[i] : edges[i + 1], i] = 1 / (edges[i + 1] - edges[i])
        self.register_buffer("bands", bands if c.transform == "mdct" else bands.repeat(2, 1), persistent=False)

    def weigh_coefficients(self, corner):
        """Sets how much each coefficient's error counts in the waveform loss; see coefficient_weights."""
        self.register_buffer("wave_weights", coefficient_weights(self.config, corner), persistent=False)

    def magnitude(self, c):
        """What compression goes by: each coefficient's own size, or that of the complex number it is a part of."""
        if not self.config.joint_compression:
            return c.abs()
        real, imaginary = c.chunk(2, -1)
        return (real.square() + imaginary.square() + 1e-12).sqrt().repeat(1, 1, 2)

    def coefficients(self, x):
        """Compressed coefficients and band energies of audio [batch, samples]."""
        c = self.transform.analyse(x) * torch.exp(-self.log_scale)
        compressed = c * (self.magnitude(c) + self.config.compression).rsqrt()
        return compressed, 0.3 * torch.log(c.square() @ self.bands + 1e-3)

    def analyse(self, x):
        """Latents [batch, time, codebook_dim] of audio."""
        return self.encoder(torch.cat(self.coefficients(x), -1))

    def synthesise(self, latents, noise=None):
        """Audio [batch, time * hop] and the compressed coefficients without noise. Sample i of the output belongs to i - hop."""
        bins = self.config.coefficients
        out = self.decoder(latents).float()
        u = out[..., :bins]
        c = u * (self.magnitude(u).square() + self.config.compression).sqrt()
        if self.config.noise_filling:
            if noise is None:
                noise = (torch.rand_like(u) * 2 - 1) * math.sqrt(3)
            c = c + torch.exp(out[..., bins:].clamp(-8, 4)) * noise
        return self.transform.synthesise(c * torch.exp(self.log_scale)), u

    def forward(self, x, codebooks, bypass=False):
        """Training pass. codebooks [batch]: how many each item uses. Aligned output and target, and the model's own losses."""
        compressed, bands = self.coefficients(x)
        latents = self.encoder(torch.cat([compressed, bands], -1)).float()
        with full_precision(x):
            quantized, commitment = (latents, latents.new_zeros(())) if bypass else self.quantizer(latents, codebooks)
        y, u = self.synthesise(quantized)
        hop = self.config.hop_length
        wave = coefficient_loss(u.float(), compressed.detach(), self.wave_weights)
        return y[:, hop:].float(), x[:, : x.shape[1] - hop], dict(wave=wave, commitment=commitment)

    @torch.no_grad()
    def encode(self, x, codebooks=None):
        """Codes [batch, codebooks, time] of audio, with the frames that the decoder needs to give every sample back."""
        return self.quantizer.encode(self.analyse(self.padded(x)), codebooks or self.config.num_codebooks)

    def padded(self, x):
        """Audio with zeros up to whole frames and for one frame more, which completes the overlap of the last."""
        hop = self.config.hop_length
        frames = -(-x.shape[-1] // hop) + 1
        return F.pad(x, (0, frames * hop - x.shape[-1]))

    @torch.no_grad()
    def decode(self, codes):
        """Audio [batch, (time - 1) * hop] of codes; crop it to the original length."""
        latents = self.quantizer.decode(codes)
        noise = hashed_noise(latents.shape[1], self.config.coefficients, latents.device)
        return self.synthesise(latents, noise)[0][:, self.config.hop_length :]

    @torch.no_grad()
    def initialise(self, x, source=None):
        """Start as a linear transform codec: principal components of the compressed coefficients (KLT) in and out."""
        if source:
            raise SystemExit("a transform codec starts from its audio alone")
        bins, dim, d = self.config.coefficients, self.config.codebook_dim, self.config.hidden_size
        level = torch.log(self.transform.analyse(x)[:, 2:].abs() + 1e-4).mean((0, 1)) + 0.5
        w = self.config.whitening
        self.log_scale.copy_(w * level + (1 - w) * level.max())
        f = self.coefficients(x)[0][:, 2:].reshape(-1, bins)
        _, vectors = torch.linalg.eigh(f.t() @ f / len(f))
        vectors = vectors.flip(1)[:, :d]
        mid = self.decoder.lookahead
        for layer in (self.encoder.input, self.decoder.output):
            layer.weight.mul_(0.1)
        for layer in (self.encoder.output, self.decoder.input):
            layer.weight.mul_(0.02)
        self.encoder.input.weight[:, :bins, 0] = vectors.t()
        self.encoder.output.weight[:, :dim] += torch.eye(dim)
        self.decoder.input.weight[:dim, :, mid] += torch.eye(dim)
        self.decoder.output.weight[:bins] = vectors
        if self.config.noise_filling:
            self.decoder.output.bias[bins:] = level - self.log_scale - 2.0

    def linear_parameters(self):
        """The parameters of the linear start, which Adam would destroy at the full learning rate."""
        return [self.log_scale, *(p for s in (self.encoder, self.decoder) for l in (s.input, s.output) for p in l.parameters())]

    def flops_per_second(self):
        """Multiply-adds times two, a second of audio: encoder, quantizer, decoder (transforms as FFTs)."""
        c = self.config
        block = 4 * c.hidden_size**2 * c.expansion + 2 * c.kernel_size * c.hidden_size
        fft = 5 * c.hop_length * math.log2(c.hop_length)
        size = lambda stack: 2 * (stack.input.weight.numel() + stack.output.weight.numel())
        return dict(
            encoder=c.frame_rate * (fft + size(self.encoder) + c.encoder_layers * block),
            quantizer=c.frame_rate * c.num_codebooks * 2 * c.codebook_size * c.codebook_dim,
            decoder=c.frame_rate * (fft + size(self.decoder) + c.decoder_layers * block))
