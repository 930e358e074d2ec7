"""Write the fixtures that Swift's token language models are tested against.

    codetta encode Samples/speech-en.wav --codebooks 6 -o codes.npy
    python Tools/train/lm_golden.py --out Tests/TokenLMTests/Fixtures --model Models/codetta-24k-lm --codes codes.npy

Two tiny models with random weights: an autoregressive one over ragged codes with grouped queries, a class, a text and a short
context, and a masked one. For each: the codes, and the logits that PyTorch gives with and without the condition. And for every pattern, the
schedule of ragged and of even codes. Of the model that ships: 60 frames of a recording, and the logits of the last three steps.
"""
import argparse
import json
import pathlib

import numpy as np
import torch
from safetensors.torch import save_file

import lm_patterns as patterns
from lm_export import export, open_exported
from lm_model import Config, TokenLM

TINY = dict(
    codec="none", frame_rate=50.0, hidden_size=32, num_layers=2, num_heads=4, num_key_value_heads=2, intermediate_size=48,
    context=20, num_classes=3, text_symbols=["a", "b", "ch", " "])
TINY_MODELS = {
    "tiny-lm": dict(TINY, codebook_sizes=[12, 16, 8], codebook_strides=[2, 1, 1], pattern="delay", future_heads=2),
    "tiny-masked": dict(TINY, kind="masked", codebook_sizes=[12, 16], codebook_strides=[2, 1], pattern="parallel", num_key_value_heads=4)}
FRAMES = 41
CLASS, TEXT = 1, [0, 2, 3, 1]


def held(streams, strides, frames):
    """[frames, codebooks]: a code of stride n at each of its n frames."""
    return np.stack([np.repeat(s, stride)[:frames] for s, stride in zip(streams, strides)], 1)


@torch.no_grad()
def write(name, settings, seed, out):
    torch.manual_seed(seed)
    model = TokenLM(Config(**settings))
    for parameter in model.parameters():
        parameter.data.add_(torch.randn_like(parameter) * 0.15)
    export(model, out / name)
    model, c = open_exported(out / name), model.config
    random = np.random.default_rng(seed)
    streams = [random.integers(0, size, -(-FRAMES // stride)) for size, stride in zip(c.codebook_sizes, c.codebook_strides)]
    tensors = {f"codes.{k}": torch.from_numpy(s).int() for k, s in enumerate(streams)}
    if c.kind == "masked":
        streams = [np.where(random.random(len(s)) < 0.4, patterns.ABSENT, s) for s in streams]
        tensors = {f"codes.{k}": torch.from_numpy(s).int() for k, s in enumerate(streams)}
        grid = held(streams, c.codebook_strides, FRAMES)
    else:
        grid = patterns.interleave(streams, patterns.schedule(c.pattern, FRAMES, c.codebook_strides))
    grid = torch.from_numpy(grid)[None]
    free, bound = model(grid), model(grid, torch.tensor([CLASS]), torch.tensor([TEXT]))
    for k in range(len(streams)):
        tensors |= {f"free.{k}": free[k][0].contiguous(), f"bound.{k}": bound[k][0].contiguous()}
    save_file(tensors, out / f"{name}.safetensors")
    (out / f"{name}.safetensors").chmod(0o644)
    print(f"{name}: logits std {float(free[0].std()):.3f}")


@torch.no_grad()
def write_shipped(folder, path, out):
    """Codes and last logits of a model folder on the first frames of a recording's codes."""
    model, streams = open_exported(folder), np.load(path)
    streams = list(streams.reshape(-1, streams.shape[-1])[: len(model.config.codebook_sizes), :60])
    grid = patterns.interleave(streams, patterns.schedule(model.config.pattern, 60, model.config.codebook_strides))
    tensors = {f"codes.{k}": torch.from_numpy(s.copy()).int() for k, s in enumerate(streams)}
    tensors |= {f"last.{k}": logits[0, -3:].contiguous() for k, logits in enumerate(model(torch.from_numpy(grid)[None]))}
    save_file(tensors, out / f"{folder.name}.safetensors")
    (out / f"{folder.name}.safetensors").chmod(0o644)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--model", type=pathlib.Path, required=True, help="the model that ships")
    parser.add_argument("--codes", type=pathlib.Path, required=True, help="its codec's codes of a recording, .npy")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    write_shipped(arguments.model, arguments.codes, arguments.out)
    for seed, (name, settings) in enumerate(TINY_MODELS.items()):
        write(name, settings, seed, arguments.out)
    schedules = [
        dict(pattern=p, strides=strides, frames=frames, coarse=coarse, times=patterns.schedule(p, frames, strides, coarse).ravel().tolist())
        for p in patterns.PATTERNS for strides, coarse in (([1, 1, 1], 1), ([4, 2, 1], 2), ([2, 3], 1)) for frames in (1, 11)]
    (arguments.out / "schedules.json").write_text(json.dumps(schedules) + "\n")


if __name__ == "__main__":
    main()
