"""Write a trained token language model to a folder that Codetta reads, and read one back.

    python Tools/train/lm_export.py .train/lm/state.pt Models/codetta-24k-lm

The folder gets config.json and model.safetensors (Float16). README.md, the card, is yours.
"""
import argparse
import dataclasses
import json
import pathlib

import torch
from safetensors.torch import load_file, save_file

from lm_model import Config, TokenLM


def export(model, folder):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(dataclasses.asdict(model.config), indent=2) + "\n")
    tensors = {name: tensor.detach().cpu().half().contiguous() for name, tensor in model.state_dict().items()}
    weights = folder / "model.safetensors"
    save_file(tensors, weights, metadata={"format": "pt"})
    weights.chmod(0o644)
    return tensors


def open_exported(folder):
    """The model of an exported folder."""
    model = TokenLM(Config(**json.loads((pathlib.Path(folder) / "config.json").read_text())))
    model.load_state_dict({k: v.float() for k, v in load_file(pathlib.Path(folder) / "model.safetensors").items()})
    return model.eval()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("state", type=pathlib.Path)
    parser.add_argument("folder", type=pathlib.Path)
    arguments = parser.parse_args()
    state = torch.load(arguments.state, map_location="cpu", weights_only=True)
    model = TokenLM(Config(**state["config"]))
    model.load_state_dict(state["model"])
    tensors = export(model, arguments.folder)
    size = (arguments.folder / "model.safetensors").stat().st_size
    print(f"{arguments.folder}: {sum(t.numel() for t in tensors.values()) / 1e6:.2f} M values, {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
