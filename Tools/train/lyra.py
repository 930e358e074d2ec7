"""Start a SoundStream model from Lyra v2's public weights (Apache-2.0), as Tools/convert/lyra.py writes them.

Lyra runs at 16 kHz. Only its first and last layer see samples: their kernels are resampled to the model's rate, all else is
taken over. What the model has beyond Lyra (wider layers at the waveform, frame-rate blocks, lookahead) starts without a say in
the output, so that the start is Lyra at another rate; training moves every weight.
"""
import contextlib
import json
import math
import pathlib

import numpy as np
import torch
from safetensors.torch import load_file
from scipy.signal import resample_poly


def resampled(kernels, taps, ratio):
    """Kernels [..., n] of one rate as [..., taps] of a rate `ratio` times as high, the first taps at the same time."""
    up, down = ratio.as_integer_ratio()
    out = resample_poly(kernels.double().numpy(), up, down, axis=-1)
    out = np.pad(out, [(0, 0)] * (out.ndim - 1) + [(0, max(0, taps - out.shape[-1]))])
    return torch.from_numpy(out[..., :taps]).float()


def high_bands(count, taps, rate, low):
    """Windowed cosines that share the band from `low` Hz up to half the rate."""
    time = torch.arange(taps) - (taps - 1) / 2
    centres = low + (torch.arange(count) + 0.5) * (rate / 2 - low) / count
    phase = (torch.arange(count) % 2)[:, None] * (math.pi / 2)
    return torch.hann_window(taps + 2)[1:-1] * torch.cos(2 * math.pi * centres[:, None] * time / rate + phase) * (2 / taps)


def place(target, source):
    """Copies `source` into the low corner of `target`; the rest of the rows that it covers is zero, new rows stay as they are."""
    corner = tuple(slice(0, n) for n in source.shape)
    target[: source.shape[0]] = 0
    target[corner] = source


class Hold:
    """Slows down what came from Lyra of the parameters whose names begin with one of `prefixes`; the rest of them learns as it would.

    names: the parameters' names, which must not decay either.
    """

    def __init__(self, model, folder, prefixes):
        self.parameters = []                                     # (parameter, where it is Lyra's)
        self.names = set()
        parameters = dict(model.named_parameters())
        for name, value in load_file(pathlib.Path(folder) / "model.safetensors").items():
            if not name.startswith(tuple(prefixes)) or name not in parameters:
                continue
            parameter = parameters[name]
            lyra = torch.zeros_like(parameter, dtype=torch.bool)
            sizes = list(value.shape)
            if name == "decoder.output.weight":
                sizes[-1] = parameter.shape[-1]
            lyra[tuple(slice(0, n) for n in sizes)] = True
            self.parameters.append((parameter, lyra))
            self.names.add(name)

    @contextlib.contextmanager
    def slowed(self, rate):
        """Around an optimizer's step: what is Lyra's moves by `rate` of it. Scaled gradients would not do, Adam makes up for them."""
        before = [parameter.detach().clone() for parameter, _ in self.parameters]
        yield
        with torch.no_grad():
            for (parameter, lyra), old in zip(self.parameters, before):
                parameter.copy_(torch.where(lyra, torch.lerp(old, parameter, rate), parameter))


@torch.no_grad()
def initialise_from_lyra(model, folder):
    """Weights of the Lyra folder into `model`, a soundstream.Codec. Codebooks are not taken: fit them afterwards."""
    folder = pathlib.Path(folder)
    config = json.loads((folder / "config.json").read_text())
    c = model.config
    alike = ("strides", "kernel_sizes", "channels", "groups", "dilations", "unit_kernel_size", "latent_kernel_size", "codebook_dim")
    for name in alike:
        ours, theirs = getattr(c, name), config[name]
        if name in ("strides", "kernel_sizes", "channels"):
            ours, theirs = list(ours)[1:], theirs[1:]
        if (list(ours) if isinstance(theirs, list) else ours) != theirs:
            raise SystemExit(f"{folder}: {name} is {theirs}, the model has {ours}")
    ratio = c.strides[0] / config["strides"][0]
    if c.channels[0] < config["channels"][0] or c.sampling_rate != config["sampling_rate"] * ratio:
        raise SystemExit(f"{folder}: {config['sampling_rate']} Hz and {config['channels'][0]} channels do not fit the model")
    source = load_file(folder / "model.safetensors")
    parameters = dict(model.named_parameters())
    lookahead, width = c.decoder_lookahead, config["channels"][0]
    for name, value in source.items():
        if name == "quantizer.codebooks":
            continue
        target = parameters[name]
        if name == "encoder.input.weight":
            target[:width] = resampled(value, c.kernel_sizes[0], ratio) / ratio
            target[width:, 0] = high_bands(c.channels[0] - width, c.kernel_sizes[0], c.sampling_rate, config["sampling_rate"] / 2)
        elif name == "decoder.output.weight":
            target.zero_()
            target[:width] = resampled(value, c.kernel_sizes[0], ratio)
        elif name == "decoder.input.weight":
            target.zero_()
            target[:, :, : target.shape[2] - lookahead] = value
        elif name.startswith("decoder") and name.endswith("upsample.weight") and target.shape[1] > value.shape[1]:
            target[:, : value.shape[1]] = value                  # transposed: outputs stand second, and all inputs are Lyra's
        else:
            place(target, value)
