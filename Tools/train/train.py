"""Train a codetta codec.

    python Tools/train/train.py --config Tools/train/configs/codetta-24k.json --data .train/data --out .train/run \
        [--init Models/codetta-24k | --resume] [--steps N | --minutes M] [--max-steps N] [--device cuda]

A fresh transform codec starts as a linear KLT codec, a fresh waveform codec from nothing or from Lyra's weights (--lyra); the
codebooks of both start by k-means. --init warm-starts from an exported model, --resume goes on from OUT/state.pt. Every run writes OUT/log.csv (losses), OUT/validation.csv, OUT/config.json and OUT/state.pt.
"""
import argparse
import copy
import csv
import dataclasses
import json
import math
import pathlib
import time

import numpy
import torch

from data import Batches, validation_clips
from discriminator import Discriminator
from export import load_exported
from losses import SpectralLoss, waveform_loss
from lyra import hold_lyra
from metrics import validate
from models import build


def load_settings(path, overrides):
    """One file holds the model's and the training's settings; --set section.key=value changes one."""
    settings = json.loads(pathlib.Path(path).read_text())
    for item in overrides:
        name, value = item.split("=", 1)
        section, key = name.split(".")
        if key not in settings[section]:
            raise SystemExit(f"--set: no setting {name} in {path}")
        settings[section][key] = json.loads(value)
    return settings


def sample_codebooks(size, available, full_share=0.35):
    """Quantizer dropout: some items use all codebooks, the others any number from one up."""
    n = torch.randint(1, available + 1, (size,))
    n[torch.rand(size) < full_share] = available
    return n


class Table:
    """A CSV that grows a row at a time; its columns are those of its first row."""

    def __init__(self, path, append):
        self.path, self.fields = path, None
        if append and path.exists():
            with open(path, newline="") as file:
                self.fields = next(csv.reader(file), None)
        elif path.exists():
            path.unlink()

    def add(self, row):
        fresh = self.fields is None
        self.fields = self.fields or list(row)
        with open(self.path, "a", newline="") as file:
            writer = csv.DictWriter(file, self.fields, extrasaction="ignore", lineterminator="\n")
            if fresh:
                writer.writeheader()
            writer.writerow(row)


class Trainer:
    def __init__(self, arguments, settings):
        self.a, self.t = arguments, settings["training"]
        self.device = torch.device(arguments.device)
        self.out = arguments.out
        self.out.mkdir(parents=True, exist_ok=True)
        (self.out / "config.json").write_text(json.dumps(settings, indent=2) + "\n")
        torch.manual_seed(self.t["seed"])
        self.model = build(settings["model"])
        if "wave_corner" in self.t:
            self.model.weigh_coefficients(self.t["wave_corner"])
        self.model.to(self.device)
        self.length = round(self.t["seconds"] * self.model.config.frame_rate) * self.model.config.hop_length
        self.loss = SpectralLoss(self.t["sampled_scales"]).to(self.device)
        self.step, self.trained, self.seconds_seen = 0, 0.0, 0.0
        self.refitted = False
        self.data = Batches(
            arguments.data, self.t["seed"], self.t["music"], self.t["narrow"], self.t.get("mix", 0), self.t.get("band_limit", 0))
        if arguments.init:
            load_exported(self.model, arguments.init, frames_per_step=self.frames_per_step())
        elif not arguments.resume:
            self.initialise()
        held = hold_lyra(self.model, arguments.lyra, self.t["hold"]) if arguments.lyra and self.t.get("hold") else []
        self.optimizer = self.make_optimizer(held)
        self.averaged = copy.deepcopy(self.model).eval().requires_grad_(False) if self.t.get("average") else None
        self.discriminator = self.make_discriminator() if self.t.get("adversarial") else None
        if arguments.resume:
            self.restore()
        self.log = Table(self.out / "log.csv", arguments.resume)
        self.table = Table(self.out / "validation.csv", arguments.resume)

    def frames_per_step(self):
        return self.t["batch"] * self.length // self.model.config.hop_length

    def batch(self):
        """Audio [batch, time]; of each item up to which frequency its sources reach, and whether it is music."""
        return [v.to(self.device) for v in self.data.batch(self.t["batch"], self.length)]

    def initialise(self):
        x = torch.cat([self.batch()[0] for _ in range(max(1, 1200 // (self.t["batch"] * max(1, round(self.t["seconds"])))))])
        self.model.initialise(x, self.a.lyra)
        self.fit_codebooks()

    @torch.no_grad()
    def fit_codebooks(self):
        """k-means of every stage on the latents that the encoder gives now."""
        rounds = max(1, 60000 // self.frames_per_step())
        z = torch.cat([self.model.analyse(self.batch()[0])[:, 2:].reshape(-1, self.model.config.codebook_dim) for _ in range(rounds)])
        self.model.quantizer.fit(z, self.frames_per_step() * 0.6)

    def make_optimizer(self, held):
        linear = {id(p) for p in self.model.linear_parameters()}
        learning = [(name, p) for name, p in self.model.named_parameters() if p.requires_grad]
        slow = [p for _, p in learning if id(p) in linear]
        matrices = [p for name, p in learning if id(p) not in linear and p.ndim > 1 and name not in held]
        vectors = [p for name, p in learning if id(p) not in linear and (p.ndim <= 1 or name in held)]
        groups = [
            dict(params=matrices, weight_decay=0.01, factor=1.0),
            dict(params=vectors, weight_decay=0.0, factor=1.0),
            dict(params=slow, weight_decay=0.0, factor=self.t["linear_rate"])]
        return torch.optim.AdamW(groups, lr=self.t["rate"], betas=(0.9, 0.98))

    def make_discriminator(self):
        discriminator = Discriminator(self.t["judge_channels"], self.t["judge_seconds"]).to(self.device)
        self.judging = torch.optim.AdamW(discriminator.parameters(), lr=self.t["judge_rate"], betas=(0.8, 0.99))
        return discriminator

    def progress(self):
        """0…1 through this run, by steps or by minutes."""
        if self.a.steps:
            return self.step / self.a.steps
        return self.trained / (self.a.minutes * 60)

    def train_step(self):
        fraction = min(1.0, self.progress())
        schedule = min(1, (self.step + 1) / 100) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * fraction)))
        for group in self.optimizer.param_groups:
            group["lr"] = self.t["rate"] * schedule * group["factor"]
        x, edges, music = self.batch()
        bypass = fraction < self.t["bypass"]
        if self.t["bypass"] and not bypass and not self.refitted:
            self.fit_codebooks()
            self.refitted = True
        codebooks = sample_codebooks(len(x), self.model.config.num_codebooks).to(self.device)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.a.bf16):
            y, target, terms = self.model(x, codebooks, bypass)
        above = self.t.get("above_band", 1.0)
        terms["mel"], terms["complex"] = self.loss(y, target, None if above == 1 else (edges, above))
        if self.t.get("wave") or self.t.get("wave_music"):
            rates = (codebooks / self.model.config.num_codebooks).square()
            terms["waveform"] = waveform_loss(y, target, rates * (self.t["wave"] + self.t["wave_music"] * music))
        judged = {}
        if self.discriminator:
            judged, terms["adversarial"], terms["matching"] = self.judge(y, target)
        loss = sum(self.t.get(name, 1.0) * term for name, term in terms.items())
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), 5.0)
        if torch.isfinite(norm):
            self.optimizer.step()
        if self.averaged:
            self.average()
        return dict(loss=loss, norm=norm, **terms, **judged)

    def judge(self, y, target):
        """A step of the discriminator, then what it says of the codec's output."""
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.a.bf16):
            drawn = self.discriminator.draw(y, target)
            own = self.discriminator.own_loss(*drawn)
            self.judging.zero_grad(set_to_none=True)
            own.backward()
            self.judging.step()
            self.discriminator.requires_grad_(False)
            adversarial, matching = self.discriminator.losses(*drawn)
            self.discriminator.requires_grad_(True)
        return dict(discriminator=own), adversarial, matching

    @torch.no_grad()
    def average(self):
        """Moving averages of all weights: what validation sees and export writes."""
        keep = min(self.t["average"], (self.step + 1) / (self.step + 10))
        for mean, value in zip(self.averaged.state_dict().values(), self.model.state_dict().values()):
            mean.lerp_(value, 1 - keep)

    def run(self):
        clips = validation_clips(self.a.data, self.a.clips)
        self.music = validation_clips(self.a.data, 10, kind="music")
        recent, last_log, last_check = [], time.time(), time.time()
        while self.progress() < 1 and (not self.a.max_steps or self.step < self.a.max_steps):
            begin = time.time()
            recent.append({k: float(torch.as_tensor(v).detach()) for k, v in self.train_step().items()})
            self.step += 1
            self.trained += time.time() - begin
            self.seconds_seen += self.t["batch"] * self.t["seconds"]
            if time.time() - last_log > 30:
                last_log = time.time()
                row = {k: sum(r[k] for r in recent) / len(recent) for k in recent[0]}
                self.log.add(dict(step=self.step, minutes=round(self.trained / 60, 2), audio_hours=round(self.seconds_seen / 3600, 3),
                                  **{k: round(v, 5) for k, v in row.items()}))
                recent = []
            if time.time() - last_check > 60 * self.a.check_minutes:
                self.save()
                self.check(clips[:: max(1, len(clips) // 20)])
                last_check = time.time()
        self.save()
        self.check(clips)

    def check(self, clips):
        c = self.model.config
        levels = [n for n in map(c.codebooks_for, (1.5, 3, 6)) if n <= c.num_codebooks]
        model = self.averaged or self.model
        scores, perplexity = validate(model, clips, levels)
        row = dict(step=self.step, minutes=round(self.trained / 60, 2), audio_hours=round(self.seconds_seen / 3600, 3), clips=len(clips))
        for n, metrics in scores.items():
            row |= {f"{k}@{n}": round(v, 4) for k, v in metrics.items()}
        if self.music:
            scores = validate(model, self.music, levels[-1:], speech=False)[0]
            row |= {f"music {k}@{n}": round(v, 4) for n, metrics in scores.items() for k, v in metrics.items()}
        row["perplexity"] = " ".join(map(str, perplexity))
        self.table.add(row)
        print(json.dumps(row), flush=True)

    def save(self):
        extra = {} if not self.averaged else dict(averaged=self.averaged.state_dict())
        if self.discriminator:
            extra |= dict(discriminator=self.discriminator.state_dict(), judging=self.judging.state_dict())
        state = dict(
            extra, model=self.model.state_dict(), optimizer=self.optimizer.state_dict(), step=self.step, trained=self.trained,
            seconds_seen=self.seconds_seen, config=dataclasses.asdict(self.model.config), refitted=self.refitted)
        temporary = self.out / "state.tmp"
        torch.save(state, temporary)
        temporary.replace(self.out / "state.pt")

    def restore(self):
        state = torch.load(self.out / "state.pt", map_location=self.device, weights_only=True)
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        if self.averaged:
            self.averaged.load_state_dict(state.get("averaged", state["model"]))
        if self.discriminator and "discriminator" in state:
            self.discriminator.load_state_dict(state["discriminator"])
            self.judging.load_state_dict(state["judging"])
        self.step, self.trained, self.seconds_seen = state["step"], state["trained"], state["seconds_seen"]
        self.refitted = state["refitted"]
        self.data.random = numpy.random.default_rng(self.t["seed"] + self.step)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", required=True)
    parser.add_argument("--data", type=pathlib.Path, default=pathlib.Path(".train/data"))
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--init", type=pathlib.Path, help="an exported model folder to start from")
    parser.add_argument("--lyra", type=pathlib.Path, help="a folder of Lyra's weights for a fresh waveform codec to start from, and to hold")
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--steps", type=int, default=0, help="length of the schedule in steps")
    parser.add_argument("--minutes", type=float, default=30, help="length of the schedule in minutes of training, without --steps")
    parser.add_argument("--max-steps", type=int, default=0, help="stop here whatever the schedule says")
    parser.add_argument("--check-minutes", type=float, default=15)
    parser.add_argument("--clips", type=int, default=60)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--bf16", action="store_true", help="networks in bfloat16; faster where the processor has it")
    parser.add_argument("--set", nargs="*", default=[], metavar="SECTION.KEY=VALUE")
    arguments = parser.parse_args()
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    Trainer(arguments, load_settings(arguments.config, arguments.set)).run()


if __name__ == "__main__":
    main()
