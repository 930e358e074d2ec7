"""Train the network of `--entropy lm` on tokens.

    python Tools/train/entropy_tokens.py --data .train/data --model Models/codetta-24k --out .train/tokens
    python Tools/train/entropy.py --model Models/codetta-24k --tokens .train/tokens --out .train/entropy
    python Tools/train/entropy_export.py .train/entropy/state.pt Models/codetta-24k/entropy.safetensors

Embeddings and outputs start from the codec's codebooks, or everything from --init of an earlier run, whose layers may be narrower (the
tokens of a codec that was trained on change a little). Three steps of four are for a quarter, half and all of the codebooks, the fourth
for any number. Writes OUT/state.pt and OUT/validation.csv: bits a code of each codebook, with 3, 6 and all codebooks.
"""
import argparse
import math
import pathlib
import time

import numpy as np
import torch
from safetensors.torch import load_file

from entropy_model import EntropyModel
from lm_data import Crops, read, split


def codebook_counts(codebooks):
    """The numbers of codebooks to train for: a quarter, half and all."""
    return sorted({max(1, codebooks // 4), max(1, codebooks // 2), codebooks})


@torch.no_grad()
def validate(model, tracks, count):
    """Bits a code of each of the first `count` codebooks."""
    totals, frames = torch.zeros(count), 0
    for track in tracks:
        codes = torch.from_numpy(track[:count].T.astype("int64"))[None]
        totals += model.losses(codes).sum(1)
        frames += codes.shape[1]
    return totals / frames / math.log(2)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=pathlib.Path, required=True, help="the codec's folder")
    parser.add_argument("--tokens", type=pathlib.Path, required=True)
    parser.add_argument("--valid", type=pathlib.Path, help="tokens to validate on (default: some of --tokens)")
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--init", type=pathlib.Path)
    parser.add_argument("--steps", type=int, default=9000)
    parser.add_argument("--rate", type=float, default=1.5e-3)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--frames", type=int, default=150)
    parser.add_argument("--width", type=int, default=64)
    parser.add_argument("--hidden", type=int, default=384)
    parser.add_argument("--head", type=int, default=256)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1, help="another one for a run that goes on from an earlier one's --init")
    arguments = parser.parse_args()
    torch.manual_seed(arguments.seed)
    torch.set_num_threads(arguments.threads)
    codewords = load_file(arguments.model / "model.safetensors")["quantizer.codebooks"].float()
    codebooks, size, _ = codewords.shape
    model = EntropyModel(codebooks, size, arguments.width, arguments.hidden, arguments.head)
    model.start_from(codewords)
    if arguments.init:
        model.start_from_narrower(torch.load(arguments.init)["model"])
    train = read(arguments.tokens, codebooks)
    if arguments.valid:
        valid = read(arguments.valid, codebooks)
    else:
        train, valid = split(train, 0.02)
    crops, random = Crops(train, arguments.frames, arguments.seed), np.random.default_rng(arguments.seed)
    optimizer = torch.optim.Adam(model.parameters(), lr=arguments.rate, betas=(0.9, 0.98))
    arguments.out.mkdir(parents=True, exist_ok=True)
    counts = codebook_counts(codebooks)
    start, step, running, progress = time.time(), 0, {}, 0.0
    table = open(arguments.out / "validation.csv", "w")

    def check():
        for count in counts:
            bits = validate(model, valid, count)
            saved = 1 - bits.mean().item() / math.log2(size)
            line = f"{step},{(time.time() - start) / 60:.1f},{count},{saved:.4f}," + ",".join(f"{b:.3f}" for b in bits)
            print(line, flush=True)
            table.write(line + "\n")
            table.flush()
        torch.save({"settings": model.settings, "model": model.state_dict()}, arguments.out / "state.pt")

    checked = 0
    while progress < 1:
        count = counts[step % 4 % len(counts)] if step % 4 < 3 else int(random.integers(codebooks)) + 1
        batch = torch.stack([torch.from_numpy(crops.next()[:count].T.astype("int64")) for _ in range(arguments.batch)])
        warm = min(1, (step + 1) / 50)
        for group in optimizer.param_groups:
            group["lr"] = arguments.rate * warm * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * progress)))
        with torch.autocast("cpu", torch.bfloat16):
            loss = model.losses(batch).mean()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        step += 1
        running.setdefault(count, []).append(loss.item())
        progress = step / arguments.steps
        if step % 50 == 0:
            text = " ".join(f"{k}:{sum(v[-20:]) / len(v[-20:]) / math.log(2):.3f}" for k, v in sorted(running.items()))
            print(f"step {step} {progress:.2f} {text}", flush=True)
        if int(progress * 4) > checked:
            checked = int(progress * 4)
            if progress < 1:
                check()
    check()


if __name__ == "__main__":
    main()
