"""Turn a trained network into the integers of `--entropy lm`.

    python Tools/train/entropy_export.py .train/entropy/state.pt Models/codetta-24k/entropy.safetensors --tokens .train/tokens

Weights become 8-bit integers with a scale a row, which the multipliers carry; Docs/container-1.md, "Learned payloads", specifies what is
computed from them. --tokens calibrates the hidden layers' ranges and measures what the integers cost, with the twin in
Tools/goldens/entropy.py.
"""
import argparse
import pathlib
import sys

import numpy as np
import torch
from safetensors.numpy import save_file

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "goldens"))

from entropy import IntegerModel
from entropy_model import EntropyModel
from lm_data import read

SUM = 2048  # units of 1 in sums of embeddings
STATE = 32768
GATE = 512
LOGIT = 256


def rows(weights, unit_in, unit_out):
    """8-bit weights and multipliers in 2⁻³² of rows that turn integers in 1/unit_in into integers in 1/unit_out."""
    weights = weights.detach().double().numpy()
    scale = np.maximum(np.abs(weights).max(-1, keepdims=True), 1e-9) / 127
    unit_out = np.broadcast_to(unit_out, scale[..., 0].shape)
    multiplier = np.rint(scale[..., 0] / unit_in * unit_out * 2.0**32)
    if multiplier.max() >= 2**29:
        raise SystemExit("a multiplier reaches 2^29")
    return np.rint(weights / scale).astype(np.int8), multiplier.astype(np.int32)


def integers(values, unit):
    return np.rint(values.detach().double().numpy() * unit).astype(np.int32)


def tables():
    gate = (np.arange(8192) - 4096) / 512
    return {
        "sigmoid": np.rint(32767 / (1 + np.exp(-gate))).astype(np.int16),
        "tanh": np.rint(32767 * np.tanh(gate)).astype(np.int16),
        "exponential": np.maximum(np.rint(2**20 * np.exp(-np.arange(4096) / 256)), 1).astype(np.int32),
    }


@torch.no_grad()
def hidden_units(model, tracks):
    """Units of each codebook's hidden layer such that what the tokens make it is an eighth of what 16 bits hold."""
    greatest = torch.zeros(model.settings["codebooks"])
    for track in tracks:
        hidden = model.hidden(torch.from_numpy(track.T.astype("int64"))[None])
        greatest = torch.maximum(greatest, torch.stack([h.abs().max() for h in hidden]))
    return (2.0 ** np.floor(np.log2(32767 / 4 / greatest.numpy())))[:, None]


def export(model, tracks):
    settings = model.settings
    embedding = model.embedding.detach().double().numpy() * SUM
    shift = np.ceil(np.log2(np.maximum(np.abs(embedding).max((1, 2)) / 127, 1))).astype(np.int32)
    hidden = hidden_units(model, tracks)
    out = {
        "embedding": np.clip(np.rint(embedding / 2.0 ** shift[:, None, None]), -127, 127).astype(np.int8),
        "embedding.shift": shift,
        "recurrence.input.bias": integers(model.recurrence.bias_ih_l0, GATE),
        "recurrence.state.bias": integers(model.recurrence.bias_hh_l0, GATE),
        "head.bias": np.rint(model.hidden_bias.detach().double().numpy() * hidden).astype(np.int32),
        "output.bias": integers(model.output_bias, LOGIT),
    }
    for name, weights, unit_in, unit_out in (
        ("recurrence.input", model.recurrence.weight_ih_l0, SUM, GATE),
        ("recurrence.state", model.recurrence.weight_hh_l0, STATE, GATE),
        ("head.state", model.from_state, STATE, hidden),
        ("head.last", model.from_last, SUM, hidden),
        ("head.frame", model.from_frame, SUM, hidden),
        ("output", model.output, hidden, LOGIT),
    ):
        out[name], out[name + ".multiplier"] = rows(weights, unit_in, unit_out)
    assert settings["width"] <= 511 and settings["hidden"] <= 511 and settings["head"] <= 511
    return out | tables()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("state", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--tokens", type=pathlib.Path, required=True)
    parser.add_argument("--tracks", type=int, default=8)
    arguments = parser.parse_args()
    saved = torch.load(arguments.state)
    model = EntropyModel(**saved["settings"])
    model.load_state_dict(saved["model"])
    tracks = read(arguments.tokens, saved["settings"]["codebooks"])[: arguments.tracks]
    tensors = export(model, tracks)
    save_file({name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}, arguments.out)
    arguments.out.chmod(0o644)
    twin = IntegerModel(tensors)
    with torch.no_grad():
        for count in (saved["settings"]["codebooks"] // 4, saved["settings"]["codebooks"]):
            codes = [track[:count].T.astype("int64") for track in tracks[:3]]
            real = [model.losses(torch.from_numpy(c)[None]).mean().item() / np.log(2) for c in codes]
            print(f"{count} codebooks: {np.mean(real):.4f} bits a code, in integers {np.mean([twin.bits(c) for c in codes]):.4f}")


if __name__ == "__main__":
    main()
