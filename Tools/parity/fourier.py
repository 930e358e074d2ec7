"""Codecs with EnCodec's encoder and Vocos's decoder, and the vocoder Vocos, as their reference implementation runs them.

Vocos is the package vocos with the package encodec; Language-Codec is a checkout of its repository, the folder LANGUAGECODEC.
"""
import json
import os
import pathlib
import sys
import tempfile

import numpy as np
import torch

import references


def assemble(self, config, encodec, backbone, head):
    """A model with the names of the original checkpoints."""
    self.model = torch.nn.Module()
    self.model.feature_extractor = torch.nn.Module()
    self.model.feature_extractor.encodec = encodec
    self.model.backbone, self.model.head = backbone, head
    self.model.eval()
    self.config, self.encodec = config, encodec
    self.channels, self.rate, self.hop = 1, config["sample_rate"], config["head"]["init_args"]["hop_length"]


class VocosEnCodec(references.WavTokenizer):
    """Decoded with the condition of the codes' bandwidth, or of the next higher one."""

    def __init__(self, config):
        from encodec.modules import SEANetEncoder
        from encodec.quantization import ResidualVectorQuantizer
        from vocos.heads import ISTFTHead
        from vocos.models import VocosBackbone

        size = config["backbone"]["init_args"]["input_channels"]
        encodec = torch.nn.Module()
        encodec.encoder = SEANetEncoder(
            channels=1, norm="weight_norm", causal=True, dimension=size, n_filters=config["num_filters"], ratios=config["ratios"])
        # EnCodec's own bitrates go up to twice those that Vocos knows.
        self.counts = config["codebooks"]
        encodec.quantizer = ResidualVectorQuantizer(dimension=size, n_q=2 * self.counts[-1], bins=config["bins"])
        assemble(self, config, encodec, VocosBackbone(**config["backbone"]["init_args"]), ISTFTHead(**config["head"]["init_args"]))
        self.bitrates = range(1, self.counts[-1] + 1)

    def layers(self):
        return self.encodec.quantizer.vq.layers[:self.counts[-1]]

    def encode(self, audio, codebooks):
        return self.encodec.quantizer.vq.encode(self.latents(audio), n_q=codebooks or self.counts[-1]).transpose(0, 1)

    def decode(self, codes):
        features = sum(layer.decode(row) for layer, row in zip(self.layers(), codes.transpose(0, 1)))
        row = next(i for i, count in enumerate(self.counts) if count >= codes.shape[1])
        return self.model.head(self.model.backbone(features, bandwidth_id=torch.tensor([row])))[:, None]

    def fit_codebooks(self):
        """Codewords around the latents of noise, ever finer."""
        latents = self.latents(torch.from_numpy(references.clip(self.rate, self.rate))[None])[0]
        for stage, layer in enumerate(self.encodec.quantizer.vq.layers):
            book = layer._codebook
            book.inited.fill_(1)
            noise = torch.randn(book.embed.shape) * latents.std(1) * 0.85 ** stage
            book.embed.copy_(noise + (latents.mean(1) if stage == 0 else 0))

    def level(self):
        codes = torch.randint(0, self.layers()[0].codebook_size, (1, len(self.layers()), 20))
        bins = self.config["head"]["init_args"]["n_fft"] // 2 + 1
        self.model.head.out.bias[:bins] += torch.log(0.2 / self.decode(codes).std())

    def save(self, folder):
        """By way of the original layouts and Tools/convert/vocos.py."""
        with tempfile.TemporaryDirectory() as scratch:
            config, weights, encodec = (pathlib.Path(scratch) / name for name in ("config.yaml", "model.bin", "encodec.th"))
            config.write_text(json.dumps(self.config))
            state = self.model.state_dict()
            tensors = {name: tensor for name, tensor in state.items() if not name.startswith("feature_extractor.")}
            tensors["feature_extractor.codebook_weights"] = torch.cat([layer.codebook for layer in self.layers()])
            torch.save(tensors, weights)
            torch.save(self.encodec.state_dict(), encodec)
            references.converter("vocos").convert(config, weights, folder, encodec)


class LanguageCodec(VocosEnCodec):
    """From a checkout of its repository, the folder LANGUAGECODEC."""

    MASKED = 3

    def __init__(self, config):
        sys.path.append(os.environ["LANGUAGECODEC"])
        from languagecodec_decoder.heads import ISTFTHead
        from languagecodec_decoder.models import VocosBackbone
        from languagecodec_encoder.modules import SEANetEncoder
        from languagecodec_encoder.quantization import ResidualVectorQuantizer

        size = config["backbone"]["init_args"]["input_channels"]
        encodec = torch.nn.Module()
        # The fixed arguments of the original's EncodecFeatures, but for the widths of tiny models.
        encodec.encoder = SEANetEncoder(
            causal=False, n_residual_layers=1, norm="weight_norm", pad_mode="reflect", lstm=2, dimension=size, channels=1,
            n_filters=config["num_filters"], ratios=config["ratios"], activation="ELU", kernel_size=7, residual_kernel_size=3,
            last_kernel_size=7, dilation_base=2, true_skip=False, compress=2)
        encodec.quantizer = ResidualVectorQuantizer(
            dimension=size, n_q=config["codebooks"], bins=config["bins"], kmeans_iters=50, decay=0.99, kmeans_init=True)
        assemble(self, config, encodec, VocosBackbone(**config["backbone"]["init_args"]), ISTFTHead(**config["head"]["init_args"]))
        self.bitrates = range(1, config["codebooks"] + 1)

    def layers(self):
        return self.encodec.quantizer.vq.layers

    def encode(self, audio, codebooks):
        return self.encodec.quantizer.vq(self.latents(audio), n_q=codebooks)[1].transpose(0, 1)

    def decode(self, codes):
        features = self.encodec.quantizer.decode(codes.transpose(0, 1))
        return self.model.head(self.model.backbone(features, bandwidth_id=torch.tensor([0])))[:, None]

    def searches(self, audio, codes):
        latents = self.latents(torch.from_numpy(audio)[None])
        residual, size = latents, latents.shape[1]
        for stage, (layer, row) in enumerate(zip(self.layers(), codes)):
            seen = residual
            if stage < self.MASKED:
                seen = torch.zeros_like(latents)
                part = slice(stage * size // self.MASKED, (stage + 1) * size // self.MASKED)
                seen[:, part] = latents[:, part]
            yield references.nearest_two(seen[0].T, layer.codebook, seen, latents)
            residual = residual - layer.decode(torch.from_numpy(np.asarray(row, np.int64))[None])

    def fit_codebooks(self):
        """Codewords around the latents of noise: small beyond the channels that a stage sees, and ever finer after that."""
        latents = self.latents(torch.from_numpy(references.clip(self.rate, self.rate))[None])[0]
        size = latents.shape[0]
        for stage, layer in enumerate(self.layers()):
            scale = torch.full((size,), 0.85 ** stage)
            if stage < self.MASKED:
                scale = torch.full((size,), 0.1)
                scale[stage * size // self.MASKED:(stage + 1) * size // self.MASKED] = 1
            book = layer._codebook
            book.inited.fill_(1)
            book.embed.copy_((torch.randn(book.embed.shape) * latents.std(1) + (stage < self.MASKED) * latents.mean(1)) * scale)

    def save(self, folder):
        """By way of the original layout and Tools/convert/languagecodec.py."""
        with tempfile.TemporaryDirectory() as scratch:
            config, weights = (pathlib.Path(scratch) / name for name in ("config.yaml", "model.ckpt"))
            config.write_text(json.dumps({"model": {"init_args": self.config}}))
            torch.save({"state_dict": self.model.state_dict(), "epoch": 3}, weights)
            references.converter("languagecodec").convert(config, weights, folder)


class Vocoder:
    """Vocos of mel features: audio [1, samples], features [frames, bands]."""

    def __init__(self, config, seed=6):
        from vocos.feature_extractors import MelSpectrogramFeatures
        from vocos.heads import ISTFTHead
        from vocos.models import VocosBackbone

        torch.manual_seed(seed)
        self.config = config
        arguments = {part: config[part]["init_args"] for part in ("feature_extractor", "backbone", "head")}
        self.model = torch.nn.Module()
        self.model.feature_extractor = MelSpectrogramFeatures(**arguments["feature_extractor"])
        self.model.backbone, self.model.head = VocosBackbone(**arguments["backbone"]), ISTFTHead(**arguments["head"])
        self.rate, self.hop = arguments["feature_extractor"]["sample_rate"], arguments["head"]["hop_length"]
        # The least signal that can be mirrored.
        self.least = arguments["head"]["n_fft"] // 2 + 1
        with torch.no_grad():
            references.WavTokenizer.randomize(self)
            self.model.backbone.embed.weight *= 0.2
            bins = arguments["head"]["n_fft"] // 2 + 1
            self.model.head.out.bias[:bins] += np.log(0.2 / self.audio(self.features(references.clip(self.rate, self.rate))).std())

    @torch.no_grad()
    def features(self, audio):
        return self.model.feature_extractor(torch.from_numpy(audio))[0].T.contiguous().numpy()

    @torch.no_grad()
    def audio(self, features):
        return self.model.head(self.model.backbone(torch.from_numpy(features).T[None]))[0].numpy()

    def save(self, folder):
        """By way of the original layout and Tools/convert/vocos.py."""
        with tempfile.TemporaryDirectory() as scratch:
            config, weights = (pathlib.Path(scratch) / name for name in ("config.yaml", "model.bin"))
            config.write_text(json.dumps(self.config))
            torch.save(self.model.state_dict(), weights)
            references.converter("vocos").convert(config, weights, folder)


def modules(channels, dim, layers, size, norms=None, **fields):
    """A configuration as the original files have it."""
    fields.setdefault("feature_extractor", {"init_args": {}})
    backbone = {"input_channels": channels, "dim": dim, "intermediate_dim": 3 * dim, "num_layers": layers}
    if norms:
        backbone["adanorm_num_embeddings"] = norms
    head = {"dim": dim, "n_fft": size, "hop_length": size // 4, "padding": fields.pop("padding", "same")}
    return {"backbone": {"init_args": backbone}, "head": {"init_args": head}, **fields}


def mel(rate, size, bands, dim, layers):
    """The vocoder's configuration."""
    features = {"sample_rate": rate, "n_fft": size, "hop_length": size // 4, "n_mels": bands, "padding": "center"}
    return modules(bands, dim, layers, size, padding="center", feature_extractor={"init_args": features})


KINDS = {"vocos-encodec": VocosEnCodec, "languagecodec": LanguageCodec}
VARIANTS = {
    "vocos-encodec": modules(
        128, 384, 8, 1280, 4, model_type="vocos-encodec", sample_rate=24000, num_filters=32, ratios=[8, 5, 4, 2], bins=1024,
        codebooks=[2, 4, 8, 16], feature_extractor={"init_args": {"bandwidths": [1.5, 3.0, 6.0, 12.0]}}),
}
TINY = {
    "tiny-vocos-encodec": modules(
        8, 16, 2, 160, 3, model_type="vocos-encodec", sample_rate=4000, num_filters=2, ratios=[5, 4, 2], bins=16,
        codebooks=[1, 2, 4], feature_extractor={"init_args": {"bandwidths": [0.4, 0.8, 1.6]}}),
}
if "LANGUAGECODEC" in os.environ:
    VARIANTS["languagecodec"] = modules(
        128, 384, 12, 1280, 4, model_type="languagecodec", sample_rate=24000, num_filters=32, ratios=[8, 5, 4, 2], bins=1024,
        codebooks=8)
    TINY["tiny-languagecodec"] = modules(
        8, 16, 2, 160, 2, model_type="languagecodec", sample_rate=4000, num_filters=2, ratios=[5, 4, 2], bins=16, codebooks=5)
VOCODERS = {"vocos-mel": mel(24000, 1024, 100, 512, 8)}
TINY_VOCODERS = {"tiny-vocos-mel": mel(4000, 160, 12, 16, 2)}
