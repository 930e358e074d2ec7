"""Published codecs as their reference implementation (transformers, snac, checkouts of the others) runs them, with seeded random weights.

`VARIANTS` has the published configurations; `build` makes a model whose signals neither vanish nor blow up and whose
codebooks fit its latents. Used by parity.py (full size) and by Tools/goldens/published.py (tiny).
"""
import copy
import importlib.util
import json
import math
import os
import pathlib
import re
import sys
import tempfile

import numpy as np
import torch
from transformers import DacConfig, DacModel, EncodecConfig, EncodecModel, MimiConfig, MimiModel

CONVERTERS = pathlib.Path(__file__).resolve().parents[1] / "convert"
# Last, for a converter to find its helpers: some bear the names of the packages whose files they convert.
sys.path.append(str(CONVERTERS))

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
    "mimi": MimiConfig(),
    "snac-24khz": {
        "model_type": "snac", "sampling_rate": 24000, "encoder_dim": 48, "encoder_rates": [2, 4, 8, 8], "decoder_dim": 1024,
        "decoder_rates": [8, 8, 4, 2], "attn_window_size": None, "codebook_size": 4096, "codebook_dim": 8,
        "vq_strides": [4, 2, 1], "noise": True, "depthwise": True},
    "snac-32khz": {
        "model_type": "snac", "sampling_rate": 32000, "encoder_dim": 64, "encoder_rates": [2, 3, 8, 8], "decoder_dim": 1536,
        "decoder_rates": [8, 8, 3, 2], "attn_window_size": 32, "codebook_size": 4096, "codebook_dim": 8,
        "vq_strides": [8, 4, 2, 1], "noise": True, "depthwise": True},
}
if "WAVTOKENIZER" in os.environ:
    for name, ratios, size in (("wavtokenizer-40", [6, 5, 5, 4], 2400), ("wavtokenizer-75", [8, 5, 4, 2], 1280)):
        VARIANTS[name] = {
            "model_type": "wavtokenizer", "sample_rate": 24000, "num_filters": 32,
            "feature_extractor": {"init_args": {
                "num_quantizers": 1, "dowmsamples": ratios, "vq_bins": 4096, "vq_kmeans": 200}},
            "backbone": {"init_args": {
                "input_channels": 512, "dim": 768, "intermediate_dim": 2304, "num_layers": 12, "adanorm_num_embeddings": 4}},
            "head": {"init_args": {"dim": 768, "n_fft": size, "hop_length": size // 4, "padding": "same"}}}
if "HIFICODEC" in os.environ:
    for rate, hop, rates, sizes in (
            (16000, 320, [8, 5, 4, 2], [16, 11, 8, 4]), (24000, 240, [8, 5, 3, 2], [16, 11, 7, 4]),
            (24000, 320, [8, 5, 4, 2], [16, 11, 8, 4])):
        VARIANTS[f"hificodec-{rate // 1000}k-{hop}d"] = {
            "model_type": "hificodec", "sampling_rate": rate, "upsample_rates": rates, "upsample_kernel_sizes": sizes,
            "upsample_initial_channel": 512, "resblock": "1", "resblock_kernel_sizes": [3, 7, 11],
            "resblock_dilation_sizes": [[1, 3, 5], [1, 3, 5], [1, 3, 5]], "n_code_groups": 2, "n_codes": 1024,
            "codebook_loss_lambda": 1.0, "commitment_loss_lambda": 0.25}
if "BIGCODEC" in os.environ:
    VARIANTS["bigcodec"] = {
        "model_type": "bigcodec", "sampling_rate": 16000, "ngf": 48, "encoder_up_ratios": [2, 2, 2, 5, 5],
        "upsample_initial_channel": 1536, "decoder_up_ratios": [5, 5, 2, 2, 2], "hidden_size": 1024, "rnn_num_layers": 2,
        "codebook_size": 8192, "codebook_dim": 8}
VARIANTS["snac-44khz"] = {**VARIANTS["snac-32khz"], "sampling_rate": 44100}


def clip(samples, rate, channels=1, seed=3):
    """A few gliding tones over noise, [channels, samples]."""
    random = np.random.default_rng(seed)
    t = np.arange(samples) / rate
    tones = sum(np.sin(2 * np.pi * rate / 40 * (i + 1) * t * (1 + 0.1 * t) + i) / (i + 1) for i in range(4))
    return (0.15 * tones + random.normal(0, 0.1, (channels, samples))).astype(np.float32)


def build(config, seed=6):
    """A reference codec with random weights."""
    torch.manual_seed(seed)
    kind = config["model_type"] if isinstance(config, dict) else config.model_type
    codec = {"bigcodec": BigCodec, "dac": DAC, "encodec": EnCodec, "mimi": Mimi, "hificodec": HiFiCodec,
             "snac": SNAC, "wavtokenizer": WavTokenizer}[kind](config)
    with torch.no_grad():
        codec.randomize()
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


def randomize_modules(model):
    """As `randomize`, but by the modules: any layer whose weight is not an LSTM's, weight norm or not."""
    for name, module in model.named_modules():
        if isinstance(module, (torch.nn.Conv1d, torch.nn.ConvTranspose1d)):
            upward = isinstance(module, torch.nn.ConvTranspose1d)
            weight = module.weight
            fan = 2 * weight.shape[0] / module.groups if upward else weight.shape[1] * weight.shape[2]
            gain = 0.3 if ".linear" in name else 0.5 if "block.3" in name or ".convs2." in name else 1
            set_weight(module, torch.randn_like(weight) * gain / math.sqrt(fan))
        elif isinstance(module, torch.nn.Linear):
            set_weight(module, torch.randn_like(module.weight) / math.sqrt(module.in_features))
        elif isinstance(module, (torch.nn.LayerNorm, torch.nn.GroupNorm)) and module.weight is not None:
            module.weight.uniform_(0.5, 1.5)
        elif isinstance(module, torch.nn.Embedding):
            module.weight.normal_(0, 1)
    for name, parameter in model.named_parameters():
        if name.endswith("bias"):
            parameter.normal_(0, 0.05)
        elif name.endswith("alpha"):
            parameter.uniform_(0.5, 1.5)
        elif name.endswith("layer_scale.scale"):
            parameter.uniform_(0.1, 0.5)


def set_weight(module, weight):
    """With weight norm in either spelling, or without."""
    if torch.nn.utils.parametrize.is_parametrized(module):
        module.weight = weight
    elif hasattr(module, "weight_v"):
        module.weight_v.copy_(weight)
        module.weight_g.copy_(weight.flatten(1).norm(dim=1).reshape(module.weight_g.shape))
    else:
        module.weight.copy_(weight)


def converter(name):
    """The module Tools/convert/`name`.py."""
    spec = importlib.util.spec_from_file_location(f"{name}_converter", CONVERTERS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Reference:
    """A codec; audio [channels, samples], codes [codebooks, frames], or a list of rows where they have strides."""

    def __init__(self, model, channels):
        self.model = model.eval()
        self.config = model.config
        self.channels = channels
        self.rate = model.config.sampling_rate
        self.hop = int(np.prod(model.config.upsampling_ratios))

    def randomize(self):
        for name, parameter in self.model.named_parameters():
            randomize(name, parameter)

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
        return rows([(far - near) / near for near, far, _, _ in self.searches(audio, codes)])

    @torch.no_grad()
    def clearances(self, audio, codes):
        """How far each latent was from where the next codeword is nearer, relative to the length of the whole latent.

        Rounding moves latents by some 1e-6 of their length, however small the residual that a late stage sees.
        """
        return rows([(far - near) / (2 * apart) * share for near, far, apart, share in self.searches(audio, codes)])

    def searches(self, audio, codes):
        """For each stage along the path of `codes`: squared distances of the nearest two codewords, the distance between
        the two, and the length of what is searched over that of the latent in the same unit; each [frames]."""
        residual = latents = self.latents(torch.from_numpy(audio)[None])
        for stage, row in enumerate(codes):
            yield nearest_two(*self.search(stage, residual), residual, latents)
            residual = residual - self.codewords(stage, torch.from_numpy(np.asarray(row, np.int64))[None])


def nearest_two(query, words, residual, latents):
    """What `Reference.searches` yields for the search of `query` among `words`."""
    two = torch.cdist(query.double(), words.double()).square().topk(2, largest=False)
    apart = (words[two.indices[:, 0]] - words[two.indices[:, 1]]).norm(dim=1)
    share = residual[0].norm(dim=0) / query.norm(dim=1) / latents[0].norm(dim=0)
    return two.values[:, 0], two.values[:, 1], apart, share


def rows(values, dtype=None):
    """A matrix if it is one, else its rows."""
    arrays = [np.asarray(row, dtype) for row in values]
    return np.stack(arrays) if len({len(row) for row in arrays}) == 1 else arrays


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


class Mimi(Reference):
    def __init__(self, config):
        super().__init__(MimiModel(config), config.audio_channels)
        self.hop *= config.latent_stride
        self.bitrates = range(1, config.num_quantizers + 1)

    def randomize(self):
        randomize_modules(self.model)

    def latents(self, audio):
        return self.model.encoder(audio).latents

    def encode(self, audio, codebooks):
        return self.model.encode(audio, num_quantizers=codebooks).audio_codes

    def decode(self, codes):
        return self.model.decode(codes).audio_values

    def halves(self):
        quantizer = self.model.quantizer
        return quantizer.semantic_residual_vector_quantizer, quantizer.acoustic_residual_vector_quantizer

    def searches(self, audio, codes):
        latents = self.latents(torch.from_numpy(audio)[None])
        semantic = self.config.num_semantic_quantizers
        for half, of_half in zip(self.halves(), (codes[:semantic], codes[semantic:])):
            residual = start = half.input_proj(latents)
            for layer, row in zip(half.layers, of_half):
                yield nearest_two(residual[0].T, layer.codebook.embed, residual, start)
                residual = residual - layer.decode(torch.from_numpy(np.asarray(row, np.int64))[None])

    def fit_codebooks(self):
        """Codewords around the latents of noise, ever finer, as sums of clusters of random sizes."""
        latents = self.latents(torch.from_numpy(clip(self.rate, self.rate, self.channels))[None])
        for half in self.halves():
            projected = half.input_proj(latents)[0]
            for stage, layer in enumerate(half.layers):
                book = layer.codebook
                words = torch.randn(book.embed_sum.shape) * projected.std(1) * 0.85 ** stage
                book.cluster_usage.uniform_(0.5, 20)
                book.embed_sum.copy_((words + (projected.mean(1) if stage == 0 else 0)) * book.cluster_usage[:, None])
                book._embed = None

    def level(self):
        codes = torch.randint(0, self.config.codebook_size, (1, self.config.num_quantizers, 20))
        self.model.decoder.decoder_seanet.layers[-1].conv.weight *= 0.2 / self.decode(codes).std()


def deviates(seed, count):
    """The noise of Codetta's SNAC decoder: normal deviates from SplitMix64 by Box and Muller's transform."""
    def mix(state):
        z = state + np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))

    bits = mix(mix(np.array([seed], np.uint64)) + np.arange(count, dtype=np.uint64))
    radius = ((bits >> np.uint64(40)) + np.uint64(1)) / 2.0**24
    turn = (bits & np.uint64(0xFFFFFF)) / 2.0**24
    return torch.from_numpy((np.sqrt(-2 * np.log(radius)) * np.cos(2 * np.pi * turn)).astype(np.float32))


class SNAC(Reference):
    """Its noise blocks take Codetta's noise in place of a new one at each run."""

    def __init__(self, config):
        import snac
        from snac.layers import NoiseBlock

        self.config = config
        self.model = snac.SNAC(**{name: value for name, value in config.items() if name != "model_type"}).eval()
        self.channels, self.rate, self.hop = 1, config["sampling_rate"], int(self.model.hop_length)
        self.strides = config["vq_strides"]
        self.bitrates = range(1, len(self.strides) + 1)
        for index, block in enumerate(self.model.decoder.model):
            for module in block.modules():
                if isinstance(module, NoiseBlock):
                    module.forward = lambda x, linear=module.linear, seed=index: x + deviates(seed, x.shape[-1]) * linear(x)

    def randomize(self):
        randomize_modules(self.model)

    def save(self, folder):
        """By way of the original layout and Tools/convert/snac.py."""
        with tempfile.TemporaryDirectory() as scratch:
            original = pathlib.Path(scratch)
            fields = {name: value for name, value in self.config.items() if name != "model_type"}
            (original / "config.json").write_text(json.dumps(fields))
            torch.save(self.model.state_dict(), original / "pytorch_model.bin")
            converter("snac").convert(original, folder)

    @torch.no_grad()
    def codes(self, audio, codebooks=None):
        codes = self.model.encode(torch.from_numpy(audio)[None])[:codebooks]
        return rows([row[0] for row in codes])

    @torch.no_grad()
    def audio(self, codes):
        latents = sum(
            quantizer.out_proj(quantizer.decode_code(torch.from_numpy(np.asarray(row, np.int64))[None]))
            .repeat_interleave(quantizer.stride, dim=-1)
            for quantizer, row in zip(self.model.quantizer.quantizers, codes))
        return self.model.decoder(latents)[0].numpy()

    def searches(self, audio, codes):
        normalize = torch.nn.functional.normalize
        latents = residual = self.model.encoder(self.model.preprocess(torch.from_numpy(audio)[None]))
        for quantizer, row in zip(self.model.quantizer.quantizers, codes):
            pool = lambda frames: torch.nn.functional.avg_pool1d(frames, quantizer.stride, quantizer.stride)
            query = normalize(quantizer.in_proj(pool(residual))[0].T)
            yield nearest_two(query, normalize(quantizer.codebook.weight), pool(residual), pool(latents))
            words = quantizer.out_proj(quantizer.decode_code(torch.from_numpy(np.asarray(row, np.int64))[None]))
            residual = residual - words.repeat_interleave(quantizer.stride, dim=-1)

    def fit_codebooks(self):
        pass

    def level(self):
        frames = 2 * math.lcm(self.strides[0], self.config["attn_window_size"] or 10)
        codes = [torch.randint(0, self.config["codebook_size"], (frames // stride,)) for stride in self.strides]
        last = self.model.decoder.model[-2].parametrizations.weight
        last.original0 *= 0.2 / torch.atanh(torch.from_numpy(self.audio(codes)).clamp(-0.999, 0.999)).std()


class WavTokenizer(Reference):
    """From a checkout of its repository, the folder WAVTOKENIZER."""

    def __init__(self, config):
        sys.path.append(os.environ["WAVTOKENIZER"])
        from decoder.heads import ISTFTHead
        from decoder.models import VocosBackbone
        from encoder.modules import SEANetEncoder
        from encoder.quantization import ResidualVectorQuantizer

        features, backbone, head = (config[part]["init_args"] for part in ("feature_extractor", "backbone", "head"))
        size = backbone["input_channels"]
        encodec = torch.nn.Module()
        # The fixed arguments of the original's EncodecFeatures, but for the widths of tiny models.
        encodec.encoder = SEANetEncoder(
            causal=False, n_residual_layers=1, norm="weight_norm", pad_mode="reflect", lstm=2, dimension=size, channels=1,
            n_filters=config["num_filters"], ratios=features["dowmsamples"], activation="ELU", kernel_size=7,
            residual_kernel_size=3, last_kernel_size=7, dilation_base=2, true_skip=False, compress=2)
        encodec.quantizer = ResidualVectorQuantizer(
            dimension=size, n_q=1, bins=features["vq_bins"], kmeans_iters=features["vq_kmeans"], decay=0.99, kmeans_init=True)
        self.model = torch.nn.Module()
        self.model.feature_extractor = torch.nn.Module()
        self.model.feature_extractor.encodec = encodec
        self.model.backbone = VocosBackbone(**backbone)
        self.model.head = ISTFTHead(**head)
        self.model.eval()
        # Tiny models have groups of one channel, of which PyTorch would not norm a single frame.
        torch.nn.functional._verify_batch_size = lambda size: None
        self.config, self.encodec = config, encodec
        self.channels, self.rate, self.hop = 1, config["sample_rate"], head["hop_length"]
        self.bitrates = [1]

    def randomize(self):
        randomize_modules(self.model)
        for name, parameter in self.model.named_parameters():
            if name.endswith("gamma"):
                parameter.uniform_(0.1, 0.5)
            elif name.endswith("norm.scale.weight"):
                parameter.uniform_(0.5, 1.5)
            elif name.endswith("norm.shift.weight"):
                parameter.normal_(0, 0.05)

    def save(self, folder):
        """By way of the original layout and Tools/convert/wavtokenizer.py."""
        with tempfile.TemporaryDirectory() as scratch:
            config, weights = (pathlib.Path(scratch) / name for name in ("config.yaml", "model.ckpt"))
            config.write_text(json.dumps({"model": {"init_args": self.config}}))
            torch.save({"state_dict": self.model.state_dict(), "epoch": 3}, weights)
            converter("wavtokenizer").convert(config, weights, folder)

    def latents(self, audio):
        return self.encodec.encoder(audio)

    def encode(self, audio, codebooks):
        return self.encodec.quantizer.encode(self.latents(audio), 75).transpose(0, 1)

    def decode(self, codes):
        features = self.encodec.quantizer.decode(codes.transpose(0, 1))
        backbone, head = self.model.backbone, self.model.head
        # A group of one value is normed to its rounding error, a thousandfold.
        if features.shape[-1] == 1:
            features, backbone, head = (copy.deepcopy(part).double() for part in (features, backbone, head))
        return head(backbone(features, bandwidth_id=torch.tensor([0])))[:, None].float()

    def search(self, stage, residual):
        return residual[0].T, self.encodec.quantizer.vq.layers[stage].codebook

    def codewords(self, stage, row):
        return self.encodec.quantizer.vq.layers[stage].decode(row)

    def fit_codebooks(self):
        """Codewords around the latents of noise."""
        latents = self.latents(torch.from_numpy(clip(self.rate, self.rate))[None])[0]
        book = self.encodec.quantizer.vq.layers[0]._codebook
        book.inited.fill_(1)
        book.embed.copy_(latents.mean(1) + torch.randn(book.embed.shape) * latents.std(1))

    def level(self):
        codes = torch.randint(0, self.config["feature_extractor"]["init_args"]["vq_bins"], (1, 1, 20))
        bins = self.config["head"]["init_args"]["n_fft"] // 2 + 1
        self.model.head.out.bias[:bins] += torch.log(0.2 / self.decode(codes).std())


class HiFiCodec(Reference):
    """From a checkout of AcademiCodec, the folder HIFICODEC. Tiny models replace the widths that the classes have fixed."""

    def __init__(self, config):
        sys.path.append(os.environ["HIFICODEC"])
        from academicodec.models.hificodec import models
        from academicodec.models.hificodec.env import AttrDict

        self.first = config.pop("encoder_initial_channel", 32)
        self.stages = len(config["upsample_rates"])
        self.width = self.first << self.stages
        source = pathlib.Path(models.__file__).read_text()
        source = re.sub(r"\b(512|32)\b", lambda number: str({"512": self.width, "32": self.first}[number[0]]), source)
        classes = {}
        exec(compile(source, "hificodec", "exec"), classes)
        settings = AttrDict(config)
        self.model = torch.nn.ModuleDict({
            "encoder": classes["Encoder"](settings), "quantizer": classes["Quantizer"](settings),
            "generator": classes["Generator"](settings)}).eval()
        self.config, self.channels, self.rate = config, 1, config["sampling_rate"]
        self.hop = math.prod(config["upsample_rates"])
        self.groups = config["n_code_groups"]
        self.bitrates = [2 * self.groups]

    def randomize(self):
        randomize_modules(self.model)

    def save(self, folder):
        """By way of the original layout and Tools/convert/hificodec.py."""
        with tempfile.TemporaryDirectory() as scratch:
            config, weights = (pathlib.Path(scratch) / name for name in ("config.json", "model"))
            config.write_text(json.dumps(self.config))
            torch.save({**{name: part.state_dict() for name, part in self.model.items()}, "num_gpus": 1}, weights)
            converter("hificodec").convert(config, weights, folder)

    def latents(self, audio):
        return self.model["encoder"](torch.nn.functional.pad(audio, (0, -audio.shape[-1] % self.hop)))

    def encode(self, audio, codebooks):
        return torch.stack(self.model["quantizer"](self.latents(audio))[2])[None]

    def decode(self, codes):
        return self.model["generator"](self.model["quantizer"].embed(codes.transpose(1, 2)))

    def codebooks(self):
        """In the order of the codes: all groups of the first stage, then those of the second."""
        quantizer = self.model["quantizer"]
        return [module.embedding.weight for module in [*quantizer.quantizer_modules, *quantizer.quantizer_modules2]]

    def searches(self, audio, codes):
        latents = self.latents(torch.from_numpy(audio)[None])
        residuals = list(latents.chunk(self.groups, dim=1))
        for index, (row, words) in enumerate(zip(codes, self.codebooks())):
            group = index % self.groups
            yield nearest_two(residuals[group][0].T, words, residuals[group], latents)
            residuals[group] = residuals[group] - words[torch.from_numpy(np.asarray(row, np.int64))].T[None]

    def fit_codebooks(self):
        """Codewords around the latents of noise, the second stage's finer."""
        latents = self.latents(torch.from_numpy(clip(self.rate, self.rate))[None])[0].chunk(self.groups)
        for index, words in enumerate(self.codebooks()):
            part = latents[index % self.groups]
            stage = index // self.groups
            words.copy_(torch.randn(words.shape) * part.std(1) * 0.8 ** stage + (part.mean(1) if stage == 0 else 0))

    def level(self):
        codes = torch.randint(0, self.config["n_codes"], (1, 2 * self.groups, 20))
        last = self.model["generator"].conv_post
        last.weight_g *= 0.2 / torch.atanh(self.decode(codes).clamp(-0.999, 0.999)).std()


class BigCodec(Reference):
    """From a checkout of its repository, the folder BIGCODEC."""

    def __init__(self, config):
        sys.path.append(os.environ["BIGCODEC"])
        from vq.codec_decoder import CodecDecoder
        from vq.codec_encoder import CodecEncoder

        shared = {"use_rnn": True, "rnn_bidirectional": False, "rnn_num_layers": config["rnn_num_layers"]}
        encoder = CodecEncoder(
            ngf=config["ngf"], up_ratios=config["encoder_up_ratios"], out_channels=config["hidden_size"], **shared)
        decoder = CodecDecoder(
            in_channels=config["hidden_size"], upsample_initial_channel=config["upsample_initial_channel"],
            up_ratios=config["decoder_up_ratios"], vq_dim=config["hidden_size"], codebook_size=config["codebook_size"],
            codebook_dim=config["codebook_dim"], **shared)
        self.model = torch.nn.ModuleDict({"CodecEnc": encoder, "generator": decoder}).eval()
        self.encoder, self.decoder, self.quantizer = encoder, decoder, decoder.quantizer.layers[0]
        self.config, self.channels, self.rate = config, 1, config["sampling_rate"]
        self.hop = math.prod(config["encoder_up_ratios"])
        self.bitrates = [1]

    def randomize(self):
        randomize_modules(self.model)
        for name, parameter in self.model.named_parameters():
            # Logarithms.
            if name.endswith(("act.alpha", "act.beta")):
                parameter.normal_(0, 0.3)

    def save(self, folder):
        """By way of the original layout and Tools/convert/bigcodec.py."""
        with tempfile.TemporaryDirectory() as scratch:
            weights = pathlib.Path(scratch) / "bigcodec.pt"
            torch.save({name: part.state_dict() for name, part in self.model.items()}, weights)
            converter("bigcodec").convert(weights, folder, self.config)

    def latents(self, audio):
        return self.encoder(torch.nn.functional.pad(audio, (0, -audio.shape[-1] % self.hop)))

    def encode(self, audio, codebooks):
        return self.decoder(self.latents(audio), vq=True)[1].transpose(0, 1)

    def decode(self, codes):
        return self.decoder(self.decoder.vq2emb(codes.transpose(1, 2)).transpose(1, 2), vq=False)

    def search(self, stage, residual):
        normalize = torch.nn.functional.normalize
        return normalize(self.quantizer.in_proj(residual[0].T)), normalize(self.quantizer.codebook.weight)

    def codewords(self, stage, row):
        return self.quantizer.vq2emb(row).transpose(1, 2)

    def fit_codebooks(self):
        pass

    def level(self):
        codes = torch.randint(0, self.config["codebook_size"], (1, 1, 20))
        last = self.decoder.model[-2]
        last.weight_g *= 0.2 / torch.atanh(self.decode(codes).clamp(-0.999, 0.999)).std()
