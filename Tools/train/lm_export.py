"""Write a trained token language model to a folder that Codetta reads, and read one back.

    python Tools/train/lm_export.py .train/lm/state.pt Models/codetta-24k-lm

The folder gets config.json and model.safetensors (Float16). README.md, the card, is yours.
"""
import json
import pathlib

from safetensors.torch import load_file

from export import export_state, write_folder
from lm_model import Config, TokenLM


def build(settings):
    return TokenLM(Config(**settings))


def export(model, folder):
    tensors = {name: tensor.detach().cpu().half().contiguous() for name, tensor in model.state_dict().items()}
    write_folder(folder, model.config, tensors)
    return tensors


def open_exported(folder):
    """The model of an exported folder."""
    model = build(json.loads((pathlib.Path(folder) / "config.json").read_text()))
    model.load_state_dict({k: v.float() for k, v in load_file(pathlib.Path(folder) / "model.safetensors").items()})
    return model.eval()


if __name__ == "__main__":
    export_state(__doc__, build, export)
