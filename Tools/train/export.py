"""Write a trained model to a folder that Codetta reads, and read one back.

    python Tools/train/export.py .train/run/state.pt Models/codetta-24k

The folder gets config.json, model.safetensors and, of a run with a discriminator, discriminator.safetensors, from which train.py --init
goes on with it; all weights are Float16. README.md, the card, is yours.
"""
import argparse
import dataclasses
import json
import pathlib

import torch
from safetensors.torch import load_file, save_file

from models import build

DISCRIMINATOR = "discriminator.safetensors"
TRAINING_FIELDS = ("quantizer", "quantizer_groups", "rotation")
TRAINING_ONLY = ("quantizer.usage", "quantizer.sums", "quantizer.power")


def exported_tensors(model):
    tensors = {}
    for name, tensor in model.state_dict().items():
        if name not in TRAINING_ONLY:
            tensors[name] = tensor.detach().cpu().half().contiguous()
    return tensors


def write_folder(folder, config, tensors):
    """config.json and model.safetensors."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    fields = dataclasses.asdict(config)
    if fields.get("quantizer", "rvq") != "rvq":
        raise SystemExit(f"quantizer {fields['quantizer']}: Codetta's codecs read rvq only; quantizer_file.py writes the others by themselves")
    for name in TRAINING_FIELDS:
        fields.pop(name, None)
    (folder / "config.json").write_text(json.dumps(fields, indent=2) + "\n")
    weights = folder / "model.safetensors"
    save_file(tensors, weights, metadata={"format": "pt"})
    weights.chmod(0o644)


def export(model, folder):
    tensors = exported_tensors(model)
    write_folder(folder, model.config, tensors)
    return tensors


def write_discriminator(folder, tensors):
    """discriminator.safetensors: the state of a discriminator.Discriminator."""
    path = pathlib.Path(folder) / DISCRIMINATOR
    save_file({name: tensor.detach().cpu().half().contiguous() for name, tensor in tensors.items()}, path, metadata={"format": "pt"})
    path.chmod(0o644)


def load_discriminator(folder, discriminator):
    """The weights of an exported folder into `discriminator`; False where the folder has none."""
    path = pathlib.Path(folder) / DISCRIMINATOR
    if path.exists():
        discriminator.load_state_dict({name: tensor.float() for name, tensor in load_file(path).items()})
    return path.exists()


def load_exported(model, folder, frames_per_step=1000):
    """Weights of an exported folder into `model`; the codebooks' moving averages start as if each codeword were equally used."""
    tensors = {k: v.float() for k, v in load_file(pathlib.Path(folder) / "model.safetensors").items()}
    missing, unexpected = model.load_state_dict(tensors, strict=False)
    if unexpected or set(missing) - set(TRAINING_ONLY):
        raise SystemExit(f"{folder}: missing {sorted(set(missing) - set(TRAINING_ONLY))}, unexpected {unexpected}")
    q = model.quantizer
    q.usage.fill_(frames_per_step * 0.6 / q.size)
    q.sums.copy_(q.codebooks * q.usage[..., None])
    q.power.copy_(q.codebooks.square().mean((1, 2)).sum())


def open_exported(folder):
    """The model of an exported folder, ready to encode and decode."""
    config = json.loads((pathlib.Path(folder) / "config.json").read_text())
    model = build(config)
    load_exported(model, folder)
    return model.eval()


def export_state(description, build, export):
    """The command of an exporting script: a training state into a folder, by what builds a model of its config and exports it.

    Returns the state and the folder.
    """
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("state", type=pathlib.Path)
    parser.add_argument("folder", type=pathlib.Path)
    arguments = parser.parse_args()
    state = torch.load(arguments.state, map_location="cpu", weights_only=True)
    model = build(state["config"])
    model.load_state_dict(state.get("averaged", state["model"]))
    tensors = export(model, arguments.folder)
    size = (arguments.folder / "model.safetensors").stat().st_size
    print(f"{arguments.folder}: {sum(t.numel() for t in tensors.values()) / 1e6:.2f} M values, {size / 1e6:.1f} MB")
    return state, arguments.folder


def main():
    state, folder = export_state(__doc__, build, export)
    if "discriminator" in state:
        write_discriminator(folder, state["discriminator"])


if __name__ == "__main__":
    main()
