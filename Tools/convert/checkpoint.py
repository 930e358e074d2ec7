"""What the converters of PyTorch checkpoints share."""
import argparse
import json
import pathlib

import safetensors.torch
import torch


def load(path):
    """The tensors of a checkpoint, a pickle of which nothing but tensors is made (`weights_only`)."""
    stored = torch.load(path, map_location="cpu", weights_only=True)
    return stored.get("state_dict", stored)


def write_folder(folder, config, tensors, card):
    """A model folder: config.json, model.safetensors and a card."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    (folder / "README.md").write_text(card)
    safetensors.torch.save_file(
        {name: tensor.contiguous().clone() for name, tensor in tensors.items()}, folder / "model.safetensors")


def main(description, convert, **inputs):
    """Calls `convert` with the paths that the command line gives: those of `inputs`, each with its help, and the folder to write."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    paths = {**inputs, "folder": "model folder to write"}
    for name, text in paths.items():
        parser.add_argument(name, type=pathlib.Path, help=text)
    arguments = parser.parse_args()
    convert(*(getattr(arguments, name) for name in paths))
