"""Encode pieces of the training store to tokens, for entropy.py.

    python Tools/train/entropy_tokens.py --data .train/data --model Models/codetta-24k --out .train/tokens [--hours 6] [--split train]

OUT gets one .npy a piece, [codebooks, frames]. Neighbouring items of one speaker are joined to pieces of at least --seconds; the same
pieces are drawn every time. --codetta names the command.
"""
import argparse
import pathlib
import subprocess
import tempfile

import numpy as np
import soundfile

from data import RATE, Store


def pieces(store, kind, seconds):
    """Lists of rows of one speaker, each of at least `seconds` in all."""
    rows, key, length = [], None, 0
    for row in store.rows:
        if row["kind"] != kind:
            continue
        if (row["set"], row["speaker"]) != key:
            rows, length, key = [], 0, (row["set"], row["speaker"])
        rows.append(row)
        length += row["samples"]
        if length >= seconds * RATE:
            yield rows
            rows, length = [], 0


def draw(store, kind, seconds, hours, random):
    """Pieces drawn without repetition up to `hours`, cut to twice `seconds`."""
    found = list(pieces(store, kind, seconds))
    left = hours * 3600 * RATE
    for i in random.permutation(len(found)):
        if left <= 0:
            return
        samples = np.concatenate([store.audio(row) for row in found[i]])[: round(2 * seconds * RATE)]
        left -= len(samples)
        yield samples


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, default=pathlib.Path(".train/data"))
    parser.add_argument("--model", required=True, help="the codec's folder")
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--split", default="train", choices=("train", "valid"))
    parser.add_argument("--hours", type=float, default=6)
    parser.add_argument("--music", type=float, default=0.05, help="share of music")
    parser.add_argument("--seconds", type=float, default=10, help="least length of a piece; one has up to twice as much")
    parser.add_argument("--codetta", default=".build/release/codetta")
    arguments = parser.parse_args()
    store, random = Store(arguments.data, arguments.split), np.random.default_rng(1)
    for kind, share in (("speech", 1 - arguments.music), ("music", arguments.music)):
        drawn = draw(store, kind, arguments.seconds, arguments.hours * share, random)
        for part, batch in enumerate(iter(lambda: [x for _, x in zip(range(100), drawn)], [])):
            with tempfile.TemporaryDirectory() as folder:
                for i, samples in enumerate(batch):
                    soundfile.write(f"{folder}/{kind}-{part:03}-{i:03}.wav", samples, RATE, subtype="PCM_16")
                subprocess.run(
                    [arguments.codetta, "encode", folder, "-o", arguments.out, "--model", arguments.model, "--format", "npy",
                     "--force", "--quiet"], check=True)


if __name__ == "__main__":
    main()
