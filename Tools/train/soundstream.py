"""A causal waveform codec after SoundStream (Zeghidour et al. 2021). The PyTorch twin of Sources/Codecs/SoundStreamCodec.swift.

audio -> strided convolutions with residual units -> ConvNeXt blocks at frame rate -> RVQ -> the mirror image -> audio

The form is Lyra v2's with three things more: frame-rate blocks, which give context, frames of lookahead in the decoder, and
any sampling rate. So Lyra's public weights are one place to start from (lyra.py); the other is from nothing.
Activations are [batch, time, channels].
"""
import dataclasses
import math

import torch
import torch.nn as nn
import torch.nn.functional as F

from blocks import Block, FrameRate, full_precision
from lyra import initialise_from_lyra
from quantizer import build_quantizer


@dataclasses.dataclass
class Config(FrameRate):
    """Lists run from the waveform to the latents, as in the Swift config of the same names."""
    model_type: str = "soundstream"
    sampling_rate: int = 24000
    channels: tuple = (80, 128, 256, 512)
    groups: tuple = (1, 2, 4, 4)
    strides: tuple = (24, 5, 2, 2)
    kernel_sizes: tuple = (96, 10, 4, 4)
    dilations: tuple = (1, 3, 9)
    unit_kernel_size: int = 3
    latent_kernel_size: int = 3
    negative_slope: float = 0.3
    encoder_layers: int = 1          # ConvNeXt blocks at frame rate
    decoder_layers: int = 2
    expansion: int = 1               # of a block's inner width
    kernel_size: int = 7             # of a block's depthwise convolution
    decoder_lookahead: int = 1       # frames that the decoder's first convolution sees ahead, beside its latent_kernel_size
    codebook_dim: int = 64
    num_codebooks: int = 12
    codebook_size: int = 1024
    quantizer: str = "rvq"           # or grvq, fsq, lattice (quantizer.py); Swift's codec reads rvq only
    quantizer_groups: int = 2        # of grvq
    rotation: bool = False           # gradients through rvq and grvq by the rotation trick, not straight through

    @property
    def hop_length(self):
        return math.prod(self.strides)

    @property
    def hidden_size(self):
        return self.channels[-1]

    @property
    def latency(self):
        return self.hop_length * (1 + self.decoder_lookahead)


def grouped(x, weight, groups, bias=None):
    """x [batch, time, groups * n] times weight [outputs, n] plus bias [outputs], each group of outputs from its group of inputs."""
    if groups == 1:
        return F.linear(x, weight, bias)
    batch, time, _ = x.shape
    x = x.view(batch * time, groups, -1).transpose(0, 1)
    weight = weight.view(groups, weight.shape[0] // groups, -1).transpose(1, 2).to(x.dtype)
    y = torch.bmm(x, weight) if bias is None else torch.baddbmm(bias.view(groups, 1, -1).to(x.dtype), x, weight)
    return y.transpose(0, 1).reshape(batch, time, -1)


class Convolution(nn.Module):
    """Strided convolution that sees `lookahead` steps ahead and otherwise the past; weight as nn.Conv1d."""

    def __init__(self, inputs, outputs, kernel, stride=1, groups=1, lookahead=0):
        super().__init__()
        self.kernel, self.stride, self.groups, self.lookahead = kernel, stride, groups, lookahead
        fan = inputs // groups * kernel
        self.weight = nn.Parameter(torch.randn(outputs, inputs // groups, kernel) / math.sqrt(fan))
        self.bias = nn.Parameter(torch.zeros(outputs))

    def forward(self, x):
        batch, _, channels = x.shape
        if self.kernel > 1:
            x = F.pad(x, (0, 0, self.kernel - self.stride - self.lookahead, self.lookahead)).unfold(1, self.kernel, self.stride)
            x = x.reshape(batch, x.shape[1], channels * self.kernel)
        return grouped(x, self.weight.flatten(1), self.groups, self.bias)


class TransposedConvolution(nn.Module):
    """Causal upsampling; weight as nn.ConvTranspose1d, kernel a multiple of the stride."""

    def __init__(self, inputs, outputs, kernel, stride, groups=1):
        super().__init__()
        if kernel % stride:
            raise SystemExit(f"kernel {kernel} is not a multiple of the stride {stride}")
        self.outputs, self.kernel, self.stride, self.groups = outputs, kernel, stride, groups
        self.weight = nn.Parameter(torch.randn(inputs, outputs // groups, kernel) / math.sqrt(inputs // groups * kernel / stride))
        self.bias = nn.Parameter(torch.zeros(outputs))

    def forward(self, x):
        batch, time, _ = x.shape
        g, pieces = self.groups, self.kernel // self.stride
        weight = self.weight.view(g, -1, self.outputs // g, self.kernel).permute(0, 2, 3, 1)         # [group, output, kernel, input]
        y = grouped(x, weight.reshape(self.outputs * self.kernel, -1), g).view(batch, time, self.outputs, pieces, self.stride)
        total = y[:, :, :, 0]
        for i in range(1, pieces):
            total = total + F.pad(y[:, : max(time - i, 0), :, i], (0, 0, 0, 0, min(i, time), 0))
        return total.transpose(2, 3).reshape(batch, time * self.stride, self.outputs) + self.bias


class CausalTaps(torch.autograd.Function):
    """x [batch, time, channels] by weight [channels, kernel], without the copies and sums that autograd would make of each tap."""

    @staticmethod
    def forward(x, weight, dilation):
        kernel, time = weight.shape[1], x.shape[1]
        y = x * weight[:, -1]
        for i in range(kernel - 1):
            past = min((kernel - 1 - i) * dilation, time)
            y[:, past:].addcmul_(x[:, : time - past], weight[:, i])
        return y

    @staticmethod
    def setup_context(ctx, inputs, output):
        x, weight, ctx.dilation = inputs
        ctx.save_for_backward(x, weight)

    @staticmethod
    def backward(ctx, gradient):
        x, weight = ctx.saved_tensors
        kernel, time = weight.shape[1], x.shape[1]
        to_x, to_weight = gradient * weight[:, -1], [(gradient * x).sum((0, 1))]
        for i in reversed(range(kernel - 1)):
            past = min((kernel - 1 - i) * ctx.dilation, time)
            later, earlier = gradient[:, past:], x[:, : time - past]
            to_x[:, : time - past].addcmul_(later, weight[:, i])
            to_weight.append((later * earlier).sum((0, 1)))
        return to_x, torch.stack(to_weight[::-1], 1), None


class Depthwise(nn.Module):
    """Causal depthwise convolution without bias."""

    def __init__(self, channels, kernel, dilation):
        super().__init__()
        self.dilation = dilation
        self.weight = nn.Parameter(torch.randn(channels, 1, kernel) / math.sqrt(kernel))

    def forward(self, x):
        return CausalTaps.apply(x, self.weight[:, 0].to(x.dtype), self.dilation)


class Unit(nn.Module):
    """x + (lrelu, depthwise, 1x1, lrelu, grouped 1x1)."""

    def __init__(self, c, width, dilation, groups):
        super().__init__()
        self.slope = c.negative_slope
        self.depthwise = Depthwise(width, c.unit_kernel_size, dilation)
        self.pointwise = Convolution(width, width, 1)
        self.output = Convolution(width, width, 1, groups=groups)

    def forward(self, x):
        h = self.pointwise(self.depthwise(F.leaky_relu(x, self.slope)))
        return x + self.output(F.leaky_relu(h, self.slope))


class Stage(nn.Module):
    def __init__(self, c, level):
        super().__init__()
        self.units = nn.ModuleList(Unit(c, c.channels[level], d, c.groups[level]) for d in c.dilations)


def blocks(c, count):
    return nn.ModuleList(Block(c, 0.1) for _ in range(count))


class Encoder(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.slope = c.negative_slope
        self.input = Convolution(1, c.channels[0], c.kernel_sizes[0], c.strides[0])
        self.stages = nn.ModuleList()
        for i, (width, wider) in enumerate(zip(c.channels, c.channels[1:])):
            stage = Stage(c, i)
            stage.downsample = Convolution(width, wider, c.kernel_sizes[i + 1], c.strides[i + 1], c.groups[i])
            self.stages.append(stage)
        self.blocks = blocks(c, c.encoder_layers)
        self.output = Convolution(c.channels[-1], c.codebook_dim, c.latent_kernel_size, groups=c.groups[-1])

    def forward(self, x):
        x = self.input(x[:, :, None])
        for stage in self.stages:
            for unit in stage.units:
                x = unit(x)
            x = stage.downsample(F.leaky_relu(x, self.slope))
        for block in self.blocks:
            x = block(x)
        return self.output(F.leaky_relu(x, self.slope))


class Decoder(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.slope = c.negative_slope
        ahead = c.decoder_lookahead
        self.input = Convolution(c.codebook_dim, c.channels[-1], c.latent_kernel_size + ahead, groups=c.groups[-1], lookahead=ahead)
        self.blocks = blocks(c, c.decoder_layers)
        self.stages = nn.ModuleList()
        for i in reversed(range(len(c.channels) - 1)):
            stage = Stage(c, i)
            stage.upsample = TransposedConvolution(c.channels[i + 1], c.channels[i], c.kernel_sizes[i + 1], c.strides[i + 1], c.groups[i])
            self.stages.append(stage)
        self.output = TransposedConvolution(c.channels[0], 1, c.kernel_sizes[0], c.strides[0])

    def forward(self, z):
        x = self.input(z)
        for block in self.blocks:
            x = block(x)
        for stage in self.stages:
            x = stage.upsample(F.leaky_relu(x, self.slope))
            for unit in stage.units:
                x = unit(x)
        return self.output(F.leaky_relu(x, self.slope))[:, :, 0]


class Codec(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        self.encoder = Encoder(config)
        self.quantizer = build_quantizer(config)
        self.decoder = Decoder(config)

    def analyse(self, x):
        """Latents [batch, time, codebook_dim] of audio [batch, time * hop]."""
        return self.encoder(x)

    def synthesise(self, latents):
        return self.decoder(latents)

    def forward(self, x, codebooks):
        """Training pass. codebooks [batch]: how many each item uses. Output, target and the model's own losses."""
        latents = self.analyse(x).float()
        with full_precision(x):
            quantized, commitment = self.quantizer(latents, codebooks)
        return self.synthesise(quantized).float(), x, dict(commitment=commitment)

    def padded(self, x):
        """Audio with zeros up to whole frames."""
        return F.pad(x, (0, -x.shape[-1] % self.config.hop_length))

    @torch.no_grad()
    def encode(self, x, codebooks=None):
        """Codes [batch, codebooks, time] of audio."""
        return self.quantizer.encode(self.analyse(self.padded(x)), codebooks or self.config.num_codebooks)

    @torch.no_grad()
    def decode(self, codes):
        """Audio [batch, time * hop] of codes; crop it to the original length."""
        return self.synthesise(self.quantizer.decode(codes))

    @torch.no_grad()
    def initialise(self, x, source=None):
        """Start from the weights of a Lyra folder, or from nothing; either way with latents of unit power on audio `x`."""
        if source:
            initialise_from_lyra(self, source)
        scale = torch.cat([self.analyse(piece) for piece in x.split(16)]).square().mean().sqrt()
        for parameter in (self.encoder.output.weight, self.encoder.output.bias):
            parameter.div_(scale)
        self.decoder.input.weight.mul_(scale)

    def flops_per_second(self):
        """Multiply-adds times two, a second of audio, of the matrix products: encoder, quantizer, decoder."""
        c = self.config
        rates = [c.sampling_rate / math.prod(c.strides[: i + 1]) for i in range(len(c.strides))]

        def network(part, stages):
            total = part.input.weight.numel() * (rates[0] if stages == "down" else rates[-1])
            total += sum(p.numel() for b in part.blocks for p in (b.expand.weight, b.contract.weight)) * rates[-1]
            for i, stage in enumerate(part.stages):
                level = i if stages == "down" else len(part.stages) - 1 - i
                total += sum(u.pointwise.weight.numel() + u.output.weight.numel() for u in stage.units) * rates[level]
                resample = stage.downsample if stages == "down" else stage.upsample
                total += resample.weight.numel() * rates[level + 1]
            return 2 * (total + part.output.weight.numel() * (rates[-1] if stages == "down" else rates[0]))

        return dict(encoder=network(self.encoder, "down"), decoder=network(self.decoder, "up"),
                    quantizer=c.frame_rate * c.num_codebooks * 2 * c.codebook_size * c.codebook_dim)
