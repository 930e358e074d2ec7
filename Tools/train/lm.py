"""Train a token language model.

    codetta encode CLIPS -o .train/tokens --format npy
    python Tools/train/lm.py --config Tools/train/configs/codetta-24k-lm.json --tokens .train/tokens --out .train/lm --steps 2000

Every run writes OUT/log.csv, OUT/validation.csv (bits a frame and a second, perplexity of each codebook), OUT/config.json and
OUT/state.pt; --resume goes on from there. lm_export.py makes the model folder. --set model.pattern='"flatten"' trains another pattern,
--set model.kind='"masked"' model.pattern='"parallel"' the masked variant. The tokens are of one rate: all strides 1.
"""
import argparse
import dataclasses
import json
import math
import pathlib
import time

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file

import lm_patterns as patterns
from lm_data import Crops, read, split
from lm_model import Config, TokenLM
from runs import Table, load_settings


def masked_grid(codes, generator):
    """SoundStorm's masking: codebooks below a random one are known, it is known in part, those above are not.

    Codes [batch, frames, codebooks]; returns the input and the places that count.
    """
    batch, frames, codebooks = codes.shape
    level = torch.randint(codebooks, (batch, 1, 1), generator=generator)
    share = torch.cos(torch.rand(batch, 1, generator=generator) * math.pi / 2)
    hidden = torch.rand(batch, frames, generator=generator) < share
    hidden[:, 0] |= ~hidden.any(1)
    index = torch.arange(codebooks)
    open_places = (index == level) & hidden[..., None]
    return torch.where(open_places | (index > level), patterns.ABSENT, codes), open_places


@torch.no_grad()
def filling_nats(model, codes, generator, passes=16):
    """Nats of each codebook when the codes are filled in as `fill` of Sources/TokenLM/MaskedGeneration.swift does, places in random order.

    The chain rule over the passes, codes of one pass being independent: a bound on the likelihood, as an autoregressive model's bits are.
    """
    batch, frames, codebooks = codes.shape
    known, nats = torch.full_like(codes, patterns.ABSENT), torch.zeros(codebooks)
    for k in range(codebooks):
        count = max(1, passes - codebooks + 1) if k == 0 else 1
        order, done = torch.rand(batch, frames, generator=generator).argsort(1), 0
        for step in range(count):
            end = frames - int(frames * math.cos(math.pi / 2 * (step + 1) / count)) if step + 1 < count else frames
            places = order[:, done:end]
            rows = torch.log_softmax(model.heads[k](model.hidden(known)).float(), -1).gather(2, codes[..., k : k + 1])[..., 0]
            nats[k] -= rows.gather(1, places).sum()
            known[..., k] = known[..., k].scatter(1, places, codes[..., k].gather(1, places))
            done = end
    return nats


def losses(model, grid, generator):
    """Nats and counts of each codebook, and the loss of the heads for later steps."""
    c = model.config
    if c.kind == "masked":
        inputs, counted = masked_grid(grid, generator)
        hidden, target = model.hidden(inputs), torch.where(counted, grid, patterns.ABSENT)
    else:
        hidden, target = model.hidden(model.shifted(grid)), grid

    def nats(hidden, target):
        return torch.stack([
            F.cross_entropy(head(hidden).flatten(0, 1), target[..., k].flatten(), ignore_index=patterns.ABSENT, reduction="sum")
            for k, head in enumerate(model.heads)])

    later = hidden.new_zeros(())
    for distance in range(1, c.future_heads + 1):
        ahead = target[:, distance:]
        later = later + nats(model.future_hidden(hidden[:, :-distance], distance), ahead).sum() / (ahead != patterns.ABSENT).sum()
    return nats(hidden, target), (target != patterns.ABSENT).sum((0, 1)), later


@torch.no_grad()
def start_from_codewords(model, folder):
    """Embeddings and heads begin as one random projection of the codec's codewords: codes that sound alike begin alike."""
    codebooks = load_file(pathlib.Path(folder) / "model.safetensors")["quantizer.codebooks"].float()
    projection = torch.randn(codebooks.shape[2], model.config.hidden_size) / codebooks.shape[2] ** 0.5
    for words, table, head in zip(codebooks, model.embeddings, model.heads):
        words = (words / words.square().mean().sqrt()) @ projection * 0.02
        table.weight[: len(words)] = words
        head.weight.copy_(words)


class Trainer:
    def __init__(self, arguments, settings):
        self.a, self.t = arguments, settings["training"]
        self.out = arguments.out
        self.out.mkdir(parents=True, exist_ok=True)
        (self.out / "config.json").write_text(json.dumps(settings, indent=2) + "\n")
        torch.manual_seed(self.t["seed"])
        self.config = c = Config(**settings["model"])
        if set(c.codebook_strides) != {1}:
            raise SystemExit("this recipe trains on codebooks of one rate; codebook_strides must all be 1")
        self.model = TokenLM(c)
        if arguments.codec:
            start_from_codewords(self.model, arguments.codec)
        self.model.to(arguments.device)
        self.times = patterns.schedule(c.pattern, self.t["frames"], c.codebook_strides, c.coarse_codebooks)
        train, self.valid = split(read(arguments.tokens, len(c.codebook_sizes)))
        self.crops = Crops(train, self.t["frames"], self.t["seed"])
        self.generator = torch.Generator().manual_seed(self.t["seed"])
        matrices = [p for n, p in self.model.named_parameters() if p.ndim > 1]
        vectors = [p for n, p in self.model.named_parameters() if p.ndim <= 1]
        self.optimizer = torch.optim.AdamW(
            [dict(params=matrices, weight_decay=self.t["weight_decay"]), dict(params=vectors, weight_decay=0.0)],
            lr=self.t["rate"], betas=(0.9, 0.95))
        self.step = 0
        if arguments.resume:
            self.restore()
        self.log, self.table = Table(self.out / "log.csv", arguments.resume), Table(self.out / "validation.csv", arguments.resume)

    def batch(self, crops, size):
        grids = [patterns.interleave(crops.next(), self.times) for _ in range(size)]
        return torch.from_numpy(np.stack(grids)).to(self.a.device)

    def rate(self):
        fraction = self.step / self.a.steps
        return self.t["rate"] * min(1, (self.step + 1) / 100) * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * fraction)))

    def train_step(self):
        for group in self.optimizer.param_groups:
            group["lr"] = self.rate()
        with torch.autocast(torch.device(self.a.device).type, torch.bfloat16, enabled=self.a.bf16):
            nats, counts, later = losses(self.model, self.batch(self.crops, self.t["batch"]), self.generator)
        loss = nats.sum() / counts.sum() + self.t["future_weight"] * later
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        if torch.isfinite(norm):
            self.optimizer.step()
        return float(nats.detach().sum() / counts.sum()), float(norm)

    @torch.no_grad()
    def check(self):
        """The same pieces and masks every time."""
        self.model.eval()
        crops, generator = Crops(self.valid, self.t["frames"], 0), torch.Generator().manual_seed(0)
        nats, counts = 0, 0
        for _ in range(self.a.check_batches):
            grid = self.batch(crops, self.t["batch"])
            if self.config.kind == "masked":
                n, m = filling_nats(self.model, grid, generator), torch.tensor([grid[..., 0].numel()] * grid.shape[2])
            else:
                n, m, _ = losses(self.model, grid, generator)
            nats, counts = nats + n.double().cpu(), counts + m.cpu()
        self.model.train()
        bits = (nats / counts.clamp_min(1)) / math.log(2)
        frame = float(bits.sum())
        nominal = sum(math.log2(size) for size in self.config.codebook_sizes)
        row = dict(
            step=self.step, bits_per_frame=round(frame, 3), bits_per_second=round(frame * self.config.frame_rate, 1),
            share_of_nominal=round(frame / nominal, 4), perplexity=" ".join(f"{2 ** float(b):.1f}" for b in bits))
        self.table.add(row)
        print(json.dumps(row), flush=True)

    def run(self):
        recent, last_log, last_check = [], time.time(), time.time()
        while self.step < self.a.steps:
            recent.append(self.train_step())
            self.step += 1
            if time.time() - last_log > 30 or self.step == self.a.steps:
                loss, norm = (sum(values) / len(recent) for values in zip(*recent))
                self.log.add(dict(step=self.step, nats_per_code=round(loss, 4), norm=round(norm, 3), rate=round(self.rate(), 6)))
                recent, last_log = [], time.time()
            if time.time() - last_check > 60 * self.a.check_minutes:
                self.save()
                self.check()
                last_check = time.time()
        self.save()
        self.check()

    def save(self):
        state = dict(
            model=self.model.state_dict(), optimizer=self.optimizer.state_dict(), step=self.step, config=dataclasses.asdict(self.config))
        temporary = self.out / "state.tmp"
        torch.save(state, temporary)
        temporary.replace(self.out / "state.pt")

    def restore(self):
        state = torch.load(self.out / "state.pt", map_location=self.a.device, weights_only=True)
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.step = state["step"]
        self.crops.random = np.random.default_rng(self.t["seed"] + self.step)
        self.generator.manual_seed(self.t["seed"] + self.step)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", required=True)
    parser.add_argument("--tokens", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--codec", help="the codec's folder: embeddings and heads start from its codewords")
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--check-minutes", type=float, default=10)
    parser.add_argument("--check-batches", type=int, default=8)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--bf16", action="store_true")
    parser.add_argument("--set", nargs="*", default=[], metavar="SECTION.KEY=VALUE")
    arguments = parser.parse_args()
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    Trainer(arguments, load_settings(arguments.config, arguments.set)).run()


if __name__ == "__main__":
    main()
