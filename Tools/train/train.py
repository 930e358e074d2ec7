"""Train a codetta codec.

    python Tools/train/train.py --config Tools/train/configs/codetta-24k.json --data .train/data --out .train/run \
        [--init FOLDER | --resume | --milestone FOLDER] [--steps N | --minutes M] [--max-steps N] [--device cuda]

A fresh codec starts from nothing or from Lyra's weights (--lyra), its codebooks by k-means. --init starts from an exported folder, with
its discriminator if it has one. --resume goes on from OUT/state.pt, optimizer and all. --milestone is for long runs: it goes on from
OUT/state.pt or, on a machine that has none, from the milestone's folder, and writes that folder at every save (milestone.py). Every run writes OUT/log.csv (losses), OUT/validation.csv, OUT/config.json and OUT/state.pt. SIGTERM and SIGINT save and end it.
"""
import argparse
import copy
import dataclasses
import functools
import json
import math
import pathlib
import signal
import time

import numpy
import torch

from adversary import Adversary
from data import Batches, validation_clips
from export import load_discriminator, load_exported
from losses import SpectralLoss, waveform_loss
from lyra import Hold
from metrics import validate
from milestone import Progress, start_of, write_milestone
from models import build
from runs import Table, load_settings


def sample_codebooks(size, available, full, favoured, share):
    """How many codebooks each item uses: `full` of the items all, `share` of them a number from favoured[0] to favoured[1], the rest any."""
    n = torch.randint(1, available + 1, (size,))
    draw = torch.rand(size)
    n[draw < full] = available
    low = draw > 1 - share
    n[low] = torch.randint(favoured[0], favoured[1] + 1, (int(low.sum()),))
    return n


class Trainer:
    def __init__(self, arguments, settings):
        self.a, self.t = arguments, settings["training"]
        self.device = torch.device(arguments.device)
        self.autocast = functools.partial(torch.autocast, self.device.type, torch.bfloat16, enabled=arguments.bf16)
        self.out = arguments.out
        self.out.mkdir(parents=True, exist_ok=True)
        (self.out / "config.json").write_text(json.dumps(settings, indent=2) + "\n")
        torch.manual_seed(self.t["seed"])
        init, resume = self.start()
        self.model = build(json.loads((init / "config.json").read_text()) if init else settings["model"])
        self.model.quantizer.decay = self.t["codebook_decay"]
        self.model.to(self.device)
        self.length = round(self.t["seconds"] * self.model.config.frame_rate) * self.model.config.hop_length
        self.loss = SpectralLoss(self.t["sampled_scales"]).to(self.device)
        self.data = Batches(arguments.data, self.t["seed"], self.t["music"], self.t["narrow"], self.t["mix"], self.t["band_limit"], self.t["sets"])
        self.adversary = Adversary(self.t, self.device) if self.t["adversarial"] else None
        if init:
            load_exported(self.model, init, frames_per_step=self.frames_per_step())
            if self.adversary:
                load_discriminator(init, self.adversary.discriminator)
        elif not resume:
            self.initialise()
        self.hold = Hold(self.model, arguments.lyra, self.t["hold"]) if arguments.lyra and self.t["hold"] else None
        self.optimizer = self.make_optimizer()
        self.averaged = copy.deepcopy(self.model).eval().requires_grad_(False) if self.t["average"] else None
        if resume:
            self.restore()
        self.started_at = self.progress.step
        self.data.random = numpy.random.default_rng(self.t["seed"] + self.progress.step)
        torch.manual_seed(self.t["seed"] + self.progress.step)
        goes_on = bool(self.progress.step)
        self.log, self.table = (Table(self.out / name, goes_on) for name in ("log.csv", "validation.csv"))
        self.ending = False

    def start(self):
        """The folder to start from, if any, and whether to go on from OUT/state.pt; sets the progress."""
        self.progress = Progress()
        if not self.a.milestone:
            return self.a.init, self.a.resume
        where = start_of(self.out, self.a.milestone)
        if where == "milestone":
            self.progress = Progress.read(self.a.milestone)
        print(f"goes on from the {where}" if where else "starts", flush=True)
        return self.a.milestone if where == "milestone" else None if where else self.a.init, where == "state"

    def frames_per_step(self):
        return self.t["batch"] * self.length // self.model.config.hop_length

    def batch(self):
        """Audio [batch, time]; of each item up to which frequency its sources reach, and whether it is music."""
        return [v.to(self.device) for v in self.data.batch(self.t["batch"], self.length)]

    def initialise(self):
        """The start from nothing or from Lyra, then k-means of every codebook on the latents that the encoder gives."""
        seconds = self.t["batch"] * self.t["seconds"]
        self.model.initialise(torch.cat([self.batch()[0] for _ in range(math.ceil(1200 / seconds))]), self.a.lyra)
        rounds = max(1, 60000 // self.frames_per_step())
        with torch.no_grad():
            z = torch.cat([self.model.analyse(self.batch()[0])[:, 2:].reshape(-1, self.model.config.codebook_dim) for _ in range(rounds)])
        self.model.quantizer.fit(z, self.frames_per_step() * 0.6)

    def make_optimizer(self):
        held = self.hold.names if self.hold else ()
        learning = [(name, p) for name, p in self.model.named_parameters() if p.requires_grad]
        decaying = [p for name, p in learning if p.ndim > 1 and name not in held]
        others = [p for name, p in learning if p.ndim <= 1 or name in held]
        groups = [dict(params=decaying, weight_decay=0.01), dict(params=others, weight_decay=0.0)]
        return torch.optim.AdamW(groups, lr=self.t["rate"], betas=(0.9, 0.98))

    def fraction(self):
        """0…1 through the whole schedule, by steps or by minutes."""
        if self.a.steps:
            return min(1.0, self.progress.step / self.a.steps)
        return min(1.0, self.progress.minutes / self.a.minutes)

    def schedule(self):
        """The rate's factor: a rise after every start, since Adam's moments may be lost; constant; a cosine's fall from `decay_from` on."""
        begin = self.t["decay_from"]
        fall = max(0.0, (self.fraction() - begin) / (1 - begin))
        return min(1, (self.progress.step - self.started_at + 1) / self.t["warm_up"]) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * fall)))

    def held_rate(self):
        """The share of the rate at which what is held learns: nothing for `held_steps`, then rising to `held_rate` over as many."""
        n = self.t["held_steps"]
        return self.t["held_rate"] * min(1.0, max(0.0, self.progress.step / n - 1)) if n else self.t["held_rate"]

    def train_step(self):
        schedule = self.schedule()
        for group in self.optimizer.param_groups:
            group["lr"] = self.t["rate"] * schedule
        x, edges, music = self.batch()
        codebooks = sample_codebooks(len(x), self.model.config.num_codebooks, *(self.t[k] for k in ("full", "favoured", "favoured_share")))
        codebooks = codebooks.to(self.device)
        with self.autocast():
            y, target, terms = self.model(x, codebooks)
        output = y.detach().requires_grad_()
        reconstruction = self.reconstruction(output, target, edges, music, codebooks)
        loss = sum(self.t[name] * term for name, term in reconstruction.items() if name != "waveform") + reconstruction.get("waveform", 0)
        gradient, = torch.autograd.grad(loss, output)
        judged = {}
        if self.adversary:
            gradient, judged = self.adversary.step(output, target, gradient, self.progress.step, schedule, self.autocast)
        self.optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward((y, self.t["commitment"] * terms["commitment"]), (gradient, None))
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.t["clip"])
        if torch.isfinite(norm):
            with self.hold.slowed(self.held_rate()) if self.hold else torch.no_grad():
                self.optimizer.step()
        if self.averaged:
            self.average()
        level = 10 * (output.detach().square().mean(1) + 1e-8).log10() - 10 * (target.square().mean(1) + 1e-8).log10()
        return dict(loss=loss, norm=norm, **terms, **reconstruction, level=level.mean(), **judged)

    def reconstruction(self, y, target, edges, music, codebooks):
        """The terms of the reconstruction loss by name; the waveform's has its weights in it."""
        above = self.t["above_band"]
        terms = self.loss(y, target, None if above == 1 else (edges, above))
        if self.t["wave"] or self.t["wave_music"]:
            rates = (codebooks / self.model.config.num_codebooks).square()
            terms["waveform"] = waveform_loss(y, target, rates * (self.t["wave"] + self.t["wave_music"] * music))
        return terms

    @torch.no_grad()
    def average(self):
        """Moving averages of all weights: what validation sees and export writes."""
        keep = min(self.t["average"], (self.progress.step + 1) / (self.progress.step + 10))
        for mean, value in zip(self.averaged.state_dict().values(), self.model.state_dict().values()):
            mean.lerp_(value, 1 - keep)

    def run(self):
        clips = validation_clips(self.a.data[0], self.a.clips)
        self.music = validation_clips(self.a.data[0], 10, kind="music")
        recent, last_log, last_save = [], time.time(), time.time()
        while self.fraction() < 1 and not self.ending and (not self.a.max_steps or self.progress.step < self.a.max_steps):
            with self.progress.timed(self.t["batch"] * self.t["seconds"]):
                recent.append({k: float(torch.as_tensor(v).detach()) for k, v in self.train_step().items()})
            if time.time() - last_log > 60:
                last_log = time.time()
                names = {name: None for row in recent for name in row}
                means = {name: [row[name] for row in recent if name in row] for name in names}
                self.log.add(self.progress.row() | {name: round(sum(v) / len(v), 5) for name, v in means.items()})
                recent = []
            if time.time() - last_save > 60 * self.a.save_minutes:
                self.save()
                self.data.refresh()
                last_save = time.time()
            if self.progress.step % self.a.check_steps == 0:
                self.check(clips[:: max(1, len(clips) // 20)])
        if not self.ending:
            self.check(clips)
        self.save()

    def end(self, *_):
        """A signal's handler: the step in hand is finished, then the run saves and ends."""
        self.ending = True

    def check(self, clips):
        c = self.model.config
        levels = [n for n in map(c.codebooks_for, (1.5, 3, 6)) if n <= c.num_codebooks]
        model = self.averaged or self.model
        scores, perplexity = validate(model, clips, levels)
        row = self.progress.row() | dict(clips=len(clips))
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
        if self.adversary:
            extra |= dict(discriminator=self.adversary.discriminator.state_dict(), judging=self.adversary.optimizer.state_dict(), sizes=self.adversary.sizes)
        state = dict(
            extra, model=self.model.state_dict(), optimizer=self.optimizer.state_dict(), progress=dataclasses.asdict(self.progress),
            config=dataclasses.asdict(self.model.config))
        temporary = self.out / "state.tmp"
        torch.save(state, temporary)
        temporary.replace(self.out / "state.pt")
        self.progress.write(self.out)
        if self.a.milestone:
            write_milestone(self.a.milestone, self.averaged or self.model, self.adversary and self.adversary.discriminator, self.progress, self.out)

    def restore(self):
        state = torch.load(self.out / "state.pt", map_location=self.device, weights_only=True)
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        if self.averaged:
            self.averaged.load_state_dict(state.get("averaged", state["model"]))
        if self.adversary and "discriminator" in state:
            self.adversary.discriminator.load_state_dict(state["discriminator"])
            self.adversary.optimizer.load_state_dict(state["judging"])
            self.adversary.sizes = state["sizes"]
        self.progress = Progress(**state["progress"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", required=True)
    parser.add_argument("--data", type=pathlib.Path, nargs="+", default=[pathlib.Path(".train/data")],
                        help="stores that prepare.py wrote, which may come while training; the validation clips are the first one's")
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--init", type=pathlib.Path, help="an exported model folder to start from")
    parser.add_argument("--milestone", type=pathlib.Path, help="a folder to export to at every save, and to go on from")
    parser.add_argument("--lyra", type=pathlib.Path, help="a folder of Lyra's weights for a fresh waveform codec to start from, and to hold")
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--steps", type=int, default=0, help="length of the schedule in steps; the config's, if that has one")
    parser.add_argument("--minutes", type=float, default=0, help="length of the schedule in minutes of training, instead of steps")
    parser.add_argument("--max-steps", type=int, default=0, help="stop here whatever the schedule says")
    parser.add_argument("--save-minutes", type=float, default=10)
    parser.add_argument("--check-steps", type=int, default=1000, help="steps between validations on a third of the clips")
    parser.add_argument("--clips", type=int, default=60)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--bf16", action="store_true", help="networks in bfloat16; faster where the processor has it")
    parser.add_argument("--set", nargs="*", default=[], metavar="SECTION.KEY=VALUE")
    arguments = parser.parse_args()
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    settings = load_settings(arguments.config, arguments.set)
    if not arguments.steps and not arguments.minutes:
        arguments.steps = settings["training"]["steps"]
    trainer = Trainer(arguments, settings)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, trainer.end)
    trainer.run()


if __name__ == "__main__":
    main()
