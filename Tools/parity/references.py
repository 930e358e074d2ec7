"""Published codecs as their reference implementation (transformers) runs them, with seeded random weights.

`VARIANTS` has the published configurations; `build` makes a model whose signals neither vanish nor blow up and whose
codebooks fit its latents. Used by parity.py (full size) and by Tools/goldens/published.py (tiny).
"""
import math

import numpy as np
import torch
from transformers import DacConfig, DacModel, EncodecConfig, EncodecModel

# Sums in one order, for the same figures every time.
torch.set_num_threads(1)

VARIANTS = {
    "dac-16khz": DacConfig(sampling_rate=16000, downsampling_ratios=[2, 4, 5, 8], n_codebooks=12),
    "dac-24khz": DacConfig(sampling_rate=24000, downsampling_ratios=[2, 4, 5, 8], n_codebooks=32),
    "dac-44khz": DacConfig(sampling_rate=44100, downsampling_ratios=[2, 4, 8, 8], n_codebooks=9),
    "encodec-24khz": EncodecConfig(),
    "encodec-32khz": EncodecConfig(
        sampling_rate=32000, upsampling_ratios=[8, 5, 4, 4], num_filters=64, codebook_size=2048, target_bandwidths=[2.2],
        use_causal_conv=False, use_conv_shortcut=False),
}


def clip(samples, rate, channels=1, seed=3):
    """A few gliding tones over noise, [channels, samples]."""
    random = np.random.default_rng(seed)
    t = np.arange(samples) / rate
    tones = sum(np.sin(2 * np.pi * rate / 40 * (i + 1) * t * (1 + 0.1 * t) + i) / (i + 1) for i in range(4))
    return (0.15 * tones + random.normal(0, 0.1, (channels, samples))).astype(np.float32)


def build(config, seed=6):
    """A reference codec with random weights."""
    torch.manual_seed(seed)
    codec = {"dac": DAC, "encodec": EnCodec}[config.model_type](config)
    with torch.no_grad():
        for name, parameter in codec.model.named_parameters():
            randomize(name, parameter)
        codec.fit_codebooks()
        codec.level()
    return codec


def randomize(name, parameter):
    """Unit gain for white noise; half of it at the end of a residual branch, lest the levels double with every unit."""
    if name.endswith("alpha"):
        parameter.uniform_(0.5, 1.5)
    elif ".lstm." in name or name.endswith("original0"):
        pass
    elif name.endswith("bias"):
        parameter.normal_(0, 0.05)
    elif name.endswith("codebook.weight"):
        parameter.normal_(0, 1)
    elif parameter.dim() == 3:
        upward = "conv_t1" in name
        fan = 2 * parameter.shape[0] if upward else parameter.shape[1] * parameter.shape[2]
        gain = 0.5 if "block.3" in name and "original1" in name or ".conv2.weight" in name and "res_unit" in name else 1
        parameter.normal_(0, gain / math.sqrt(fan))


class Reference:
    """A codec; audio [channels, samples], codes [codebooks, frames]."""

    def __init__(self, model, channels):
        self.model = model.eval()
        self.config = model.config
        self.channels = channels
        self.rate = model.config.sampling_rate
        self.hop = int(np.prod(model.config.upsampling_ratios))

    def save(self, folder):
        self.model.save_pretrained(folder)

    @torch.no_grad()
    def codes(self, audio, codebooks=None):
        return self.encode(torch.from_numpy(audio)[None], codebooks)[0].numpy()

    @torch.no_grad()
    def audio(self, codes):
        return self.decode(torch.from_numpy(np.asarray(codes, np.int64))[None])[0].numpy()

    @torch.no_grad()
    def margins(self, audio, codes):
        """How much farther the second-nearest codeword was than the nearest, relative to it: [codebooks, frames]."""
        return np.stack([((far - near) / near).numpy() for near, far, _, _ in self.searches(audio, codes)])

    @torch.no_grad()
    def clearances(self, audio, codes):
        """How far each latent was from where the next codeword is nearer, relative to the length of the whole latent.

        Rounding moves latents by some 1e-6 of their length, however small the residual that a late stage sees.
        """
        return np.stack([
            ((far - near) / (2 * apart) * share).numpy() for near, far, apart, share in self.searches(audio, codes)])

    def searches(self, audio, codes):
        """For each stage along the path of `codes`: squared distances of the nearest two codewords, the distance between
        the two, and the length of what is searched over that of the latent in the same unit; each [frames]."""
        residual = latents = self.latents(torch.from_numpy(audio)[None])
        for stage, row in enumerate(codes):
            query, words = self.search(stage, residual)
            two = torch.cdist(query.double(), words.double()).square().topk(2, largest=False)
            apart = (words[two.indices[:, 0]] - words[two.indices[:, 1]]).norm(dim=1)
            share = residual[0].norm(dim=0) / query.norm(dim=1) / latents[0].norm(dim=0)
            yield two.values[:, 0], two.values[:, 1], apart, share
            residual = residual - self.codewords(stage, torch.from_numpy(np.asarray(row, np.int64))[None])


class DAC(Reference):
    def __init__(self, config):
        super().__init__(DacModel(config), 1)
        self.bitrates = range(1, config.n_codebooks + 1)

    def padded(self, audio):
        return torch.nn.functional.pad(audio, (0, -audio.shape[-1] % self.hop))

    def latents(self, audio):
        return self.model.encoder(self.padded(audio))

    def encode(self, audio, codebooks):
        return self.model.encode(self.padded(audio), n_quantizers=codebooks).audio_codes

    def decode(self, codes):
        return self.model.decode(audio_codes=codes).audio_values

    def search(self, stage, residual):
        quantizer = self.model.quantizer.quantizers[stage]
        normalize = torch.nn.functional.normalize
        return normalize(quantizer.in_proj(residual)[0].T), normalize(quantizer.codebook.weight)

    def codewords(self, stage, row):
        quantizer = self.model.quantizer.quantizers[stage]
        return quantizer.out_proj(quantizer.codebook(row).transpose(1, 2))

    def fit_codebooks(self):
        pass

    def level(self):
        codes = torch.randint(0, self.config.codebook_size, (1, self.config.n_codebooks, 20))
        output = self.model.decode(audio_codes=codes).audio_values
        self.model.decoder.conv2.weight *= 0.2 / torch.atanh(output.clamp(-0.999, 0.999)).std()


class EnCodec(Reference):
    def __init__(self, config):
        super().__init__(EncodecModel(config), config.audio_channels)
        count = self.model.quantizer.get_num_quantizers_for_bandwidth
        self.bandwidths = {count(bandwidth): bandwidth for bandwidth in config.target_bandwidths}
        self.bitrates = self.bandwidths.keys()

    def latents(self, audio):
        return self.model.encoder(audio)

    def encode(self, audio, codebooks):
        bandwidth = self.bandwidths[codebooks or max(self.bandwidths)]
        return self.model.encode(audio, bandwidth=bandwidth).audio_codes[0]

    def decode(self, codes):
        return self.model.decode(codes[None], [None]).audio_values

    def search(self, stage, residual):
        return residual[0].T, self.model.quantizer.layers[stage].codebook.embed

    def codewords(self, stage, row):
        return self.model.quantizer.layers[stage].decode(row)

    def fit_codebooks(self):
        """Codewords around the latents of noise, ever finer."""
        latents = self.latents(torch.from_numpy(clip(self.rate, self.rate, self.channels))[None])[0]
        for stage, layer in enumerate(self.model.quantizer.layers):
            book = layer.codebook
            noise = torch.randn(book.embed.shape) * latents.std(1) * 0.85 ** stage
            book.embed.copy_(noise + (latents.mean(1) if stage == 0 else 0))

    def level(self):
        codes = torch.randint(0, self.config.codebook_size, (1, len(self.model.quantizer.layers), 20))
        last = self.model.decoder.layers[-1].conv.parametrizations.weight
        last.original0 *= 0.2 / self.decode(codes).std()
