"""What the converters of PyTorch checkpoints share."""
import json

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
