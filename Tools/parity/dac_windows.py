"""Compares recordings that descript-audio-codec codes in windows: what `codetta` and what it decodes of the files.

    DAC=checkout python Tools/parity/dac_windows.py [--codetta PROGRAM] [--seconds S] [VARIANT…]

DAC is a checkout of descriptinc/descript-audio-codec. For every variant a full-size checkpoint with random weights is saved, and
mono and stereo clips are compressed by the reference's own `compress` in windows of its defaults, 1 s (the function) and 5 s (the
command). Each file goes through `codetta decode`, and through `codetta convert` to `.codetta` and back, whose codes and metadata
must be the same. Audio is compared with that of the reference's `decompress`. Loudness, which both change by a gain alone, is left
out: the reference runs with the few operations on audio below in place of its library's.
"""
import argparse
import importlib
import os
import pathlib
import subprocess
import sys
import tempfile
import types

import numpy as np
import soundfile
import torch

import references

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Audio:
    """What the reference asks of audiotools.AudioSignal, at one rate and without gain."""

    def __init__(self, audio_data, sample_rate):
        self.audio_data, self.sample_rate, self.device = audio_data, sample_rate, audio_data.device

    shape = property(lambda self: self.audio_data.shape)
    signal_length = property(lambda self: self.shape[-1])
    signal_duration = property(lambda self: self.signal_length / self.sample_rate)

    def __getitem__(self, key):
        return Audio(self.audio_data[key], self.sample_rate)

    def clone(self):
        return Audio(self.audio_data.clone(), self.sample_rate)

    def to(self, device):
        return self

    def zero_pad(self, before, after):
        self.audio_data = torch.nn.functional.pad(self.audio_data, (before, after))
        return self

    def resample(self, rate):
        assert rate == self.sample_rate

    def loudness(self):
        return torch.full([len(self.audio_data)], -21.5)

    def normalize(self, loudness):
        pass

    ensure_max_of_audio = clone


class Module(torch.nn.Module):
    """What the reference asks of audiotools.ml.BaseModel."""

    device = property(lambda self: next(self.parameters()).device)


def reference():
    """The checkout's module dac.model.dac; packages' own files, which import what training needs, are left out."""
    if "dac" not in sys.modules:
        folder = pathlib.Path(os.environ["DAC"]) / "dac"
        for name, path in (("dac", folder), ("dac.model", folder / "model"), ("dac.nn", folder / "nn")):
            sys.modules[name] = types.ModuleType(name)
            sys.modules[name].__path__ = [str(path)]
        sys.modules["audiotools"], sys.modules["audiotools.ml"] = types.ModuleType("audiotools"), types.ModuleType("audiotools.ml")
        sys.modules["audiotools"].AudioSignal, sys.modules["audiotools.ml"].BaseModel = Audio, Module
    return importlib.import_module("dac.model.dac")


def file_class():
    """The reference's DACFile."""
    reference()
    return sys.modules["dac.model.base"].DACFile


def original(codec):
    """The model of `references.build` as the original repository has it: the same layers in the same order."""
    theirs, config = codec.model, codec.model.config
    model = reference().DAC(
        encoder_dim=config.encoder_hidden_size, encoder_rates=config.downsampling_ratios, decoder_dim=config.decoder_hidden_size,
        decoder_rates=config.upsampling_ratios, n_codebooks=config.n_codebooks, codebook_size=config.codebook_size,
        codebook_dim=config.codebook_dim, sample_rate=config.sampling_rate).eval()
    for module in model.modules():
        if hasattr(module, "weight_g"):
            torch.nn.utils.remove_weight_norm(module)
    layers = [
        [m for part in (x.encoder, x.quantizer, x.decoder) for m in part.modules() if list(m.parameters(recurse=False))]
        for x in (model, theirs)]
    with torch.no_grad():
        for mine, other in zip(*layers, strict=True):
            for name, tensor in other.named_parameters(recurse=False):
                getattr(mine, name).copy_(tensor)
    codes = torch.randint(config.codebook_size, (1, config.n_codebooks, 9), generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        mine, other = model.decode(model.quantizer.from_codes(codes)[0]), theirs.decode(audio_codes=codes).audio_values
    assert torch.allclose(mine.flatten(), other.flatten(), atol=1e-5), "the layers are not in the same order"
    return model


def clip(codec, seconds, channels):
    return np.concatenate([references.clip(round(seconds * codec.rate), codec.rate, seed=3 + c) for c in range(channels)])


def compress(model, audio, window):
    """A DACFile of audio [channels, samples]."""
    return model.compress(Audio(torch.from_numpy(audio)[None], model.sample_rate), win_duration=window)


def decompress(model, file):
    return np.ascontiguousarray(model.decompress(file).audio_data[0].numpy())


def run(program, *arguments):
    result = subprocess.run([str(program), *map(str, arguments), "--force", "--quiet"], capture_output=True, text=True)
    if result.returncode:
        sys.exit(f"{arguments}: {result.stderr.strip()}")


def compare(program, codec, folder, audio, window):
    """Windows, frames of each, and the audio's relative RMS error."""
    model = original(codec)
    file = compress(model, audio, window)
    source, middle, again, target = (folder / name for name in ("a.dac", "a.codetta", "b.dac", "a.wav"))
    file.save(source)
    run(program, "convert", source, "-o", middle, "--model", folder / "model")
    run(program, "convert", middle, "-o", again)
    back = file_class().load(again)
    assert torch.equal(back.codes, file.codes) and back.padding == file.padding
    for field in ("chunk_length", "original_length", "channels", "sample_rate"):
        assert getattr(back, field) == getattr(file, field), field
    expected = decompress(model, file)
    errors = []
    for tokens in (source, middle):
        run(program, "decode", tokens, "-o", target, "--model", folder / "model", "--subtype", "float")
        decoded = soundfile.read(target, dtype="float32", always_2d=True)[0].T
        assert decoded.shape == expected.shape == audio.shape, f"{decoded.shape}, not {expected.shape}"
        errors.append(float(np.sqrt(np.square(decoded - expected).sum() / np.square(expected).sum())))
    return file.codes.shape[-1] // file.chunk_length, file.chunk_length, max(errors)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--codetta", default=ROOT / ".build/release/codetta")
    parser.add_argument("--seconds", type=float, default=5.4, help="length of the clips (default: 5.4)")
    names = [name for name in references.VARIANTS if name.startswith("dac-")]
    parser.add_argument("variants", nargs="*", default=names, metavar="VARIANT")
    arguments = parser.parse_args()
    row = "{:<10} {:>9} {:>9} {:>8} {:>7} {:>12}"
    print(row.format("model", "channels", "window s", "windows", "frames", "audio error"))
    failed = False
    for name in arguments.variants:
        codec = references.build(references.VARIANTS[name])
        with tempfile.TemporaryDirectory() as scratch, torch.no_grad():
            folder = pathlib.Path(scratch)
            codec.save(folder / "model")
            for channels, window in ((1, 1.0), (1, 5.0), (2, 1.0)):
                windows, frames, error = compare(arguments.codetta, codec, folder, clip(codec, arguments.seconds, channels), window)
                print(row.format(name, channels, window, windows, frames, f"{error:.1e}"), flush=True)
                failed |= not error < 1e-4
    sys.exit("not at parity" if failed else 0)


if __name__ == "__main__":
    main()
