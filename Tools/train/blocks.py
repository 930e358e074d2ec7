"""What networks at frame rate are made of: the ConvNeXt block, and what a config of a frame rate can say of itself."""
import math

import torch
import torch.nn as nn
import torch.nn.functional as F


class FrameRate:
    """What follows from a config's sampling_rate, hop_length, num_codebooks and codebook_size."""

    @property
    def frame_rate(self):
        return self.sampling_rate / self.hop_length

    def codebooks_for(self, kbps):
        """The number of codebooks whose nominal bitrate is nearest to `kbps`, at least one."""
        return max(1, round(kbps * 1000 / (self.frame_rate * math.log2(self.codebook_size))))


def full_precision(x):
    """Switches autocast off: transforms and codeword search need Float32."""
    return torch.autocast(x.device.type, enabled=False)


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
