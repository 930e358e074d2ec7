"""The folder that a long run goes on from on another machine: everything that is committed of it.

    config.json, model.safetensors   the codec, averaged weights in Float16: a model folder like any other
    discriminator.safetensors        the discriminator in Float16
    progress.json                    steps, hours of processor and of audio so far
    log.csv, validation.csv          the curves

Averaged weights are kept rather than the last ones: they validate better, they are the model that would be shipped, and one file does
for both. Adam's moments are left out, which would be three times as large; the schedule raises the rate anew after every start.
"""
import contextlib
import dataclasses
import json
import pathlib
import shutil
import time

from safetensors.torch import load_file, save_file

from export import export

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


def write_discriminator(discriminator, path):
    tensors = {name: tensor.detach().cpu().half().contiguous() for name, tensor in discriminator.state_dict().items()}
    save_file(tensors, path, metadata={"format": "pt"})
    path.chmod(0o644)


def write_milestone(folder, model, discriminator, progress, out):
    """The model, the discriminator if there is one, the progress, and the curves of the run in `out`."""
    folder = pathlib.Path(folder)
    export(model, folder)
    if discriminator:
        write_discriminator(discriminator, folder / "discriminator.safetensors")
    for name in CURVES:
        if (out / name).exists():
            shutil.copyfile(out / name, folder / name)
    (folder / "progress.json").write_text(json.dumps(progress.row(), indent=2) + "\n")


def read_milestone(folder, out, discriminator):
    """The progress of a folder that a model was loaded from, its discriminator's weights and curves put in place; nothing that it lacks."""
    weights = folder / "discriminator.safetensors"
    if discriminator and weights.exists():
        discriminator.load_state_dict({name: tensor.float() for name, tensor in load_file(weights).items()})
    if not (folder / "progress.json").exists():
        return Progress()
    for name in CURVES:
        if (folder / name).exists():
            shutil.copyfile(folder / name, out / name)
    return Progress(**json.loads((folder / "progress.json").read_text()))
