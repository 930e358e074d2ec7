"""The folder that a long run goes on from on another machine: everything that is committed of it.

    config.json, model.safetensors   the codec, averaged weights in Float16: a model folder like any other
    discriminator.safetensors        the discriminator in Float16
    progress.json                    steps, hours of processor and of audio so far
    log.csv, validation.csv          the curves

Averaged weights are kept rather than the last ones: they validate better, they are the model that would be shipped, and one file does
for both. Adam's moments are left out, which would be twice as large; the schedule raises the rate anew after every start.
"""
import contextlib
import dataclasses
import json
import pathlib
import shutil
import time

from export import export, write_discriminator

PROGRESS = "progress.json"
CURVES = ("log.csv", "validation.csv")


@dataclasses.dataclass
class Progress:
    """What a run has used so far, over all its sessions."""
    step: int = 0
    minutes: float = 0.0         # by the clock, of training steps alone
    core_hours: float = 0.0      # of processor time, of training steps alone
    audio_hours: float = 0.0     # heard by the codec, repetitions included

    @contextlib.contextmanager
    def timed(self, seconds_of_audio):
        """Counts one training step and what it took."""
        clock, processor = time.time(), time.process_time()
        yield
        self.step += 1
        self.minutes += (time.time() - clock) / 60
        self.core_hours += (time.process_time() - processor) / 3600
        self.audio_hours += seconds_of_audio / 3600

    def row(self):
        return {name: round(value, 4) for name, value in dataclasses.asdict(self).items()}

    def write(self, folder):
        (folder / PROGRESS).write_text(json.dumps(self.row(), indent=2) + "\n")

    @classmethod
    def read(cls, folder):
        """The progress that a folder tells of; none where it tells of none."""
        path = pathlib.Path(folder) / PROGRESS
        return cls(**json.loads(path.read_text())) if path.exists() else cls()


def write_milestone(folder, model, discriminator, progress, out):
    """The model, the discriminator's weights if there is one, the progress, and the curves of the run in `out`."""
    export(model, folder)
    if discriminator:
        write_discriminator(folder, discriminator.state_dict())
    for name in CURVES:
        if (out / name).exists():
            shutil.copyfile(out / name, folder / name)
    progress.write(folder)


def start_of(out, milestone):
    """Where a run with a milestone goes on: "state" in `out`, if that is as far as the milestone; "milestone"; None, from the start."""
    steps = {name: Progress.read(folder).step for name, folder in (("state", out), ("milestone", milestone))}
    if (out / "state.pt").exists() and steps["state"] >= steps["milestone"]:
        return "state"
    if not steps["milestone"]:
        return None
    for name in CURVES:
        if (milestone / name).exists():
            shutil.copyfile(milestone / name, out / name)
    return "milestone"
