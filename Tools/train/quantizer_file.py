"""Write a trained quantizer as one safetensors file for Codetta's `quantizer` verbs (Docs/quantizers.md).

    python Tools/train/quantizer_file.py .train/run/state.pt quantizer.safetensors
"""
import argparse
import json
import pathlib

import torch
from safetensors.torch import save_file

from models import build
from quantizer import FiniteScalarQuantizer, GroupedQuantizer, LatticeQuantizer


def described(quantizer):
    """The config and the tensors of any quantizer of quantizer.py."""
    if isinstance(quantizer, GroupedQuantizer):
        parts = [described(group) for group in quantizer.groups]
        tensors = {f"parts.{g}.{name}": value for g, (_, own) in enumerate(parts) for name, value in own.items()}
        return dict(kind="grvq", dimension=sum(p["dimension"] for p, _ in parts), parts=[p for p, _ in parts]), tensors
    if isinstance(quantizer, (FiniteScalarQuantizer, LatticeQuantizer)):
        width, dimension = quantizer.project_in.weight.shape
        config = dict(dimension=dimension, inner_dimension=width)
        tensors = {f"{name}.{field}": getattr(getattr(quantizer, name), field)
                   for name in ("project_in", "project_out") for field in ("weight", "bias")}
        if isinstance(quantizer, LatticeQuantizer):
            levels = [quantizer.levels] * quantizer.codebooks
            return dict(kind="lattice", codebook_levels=levels, **config), dict(basis=quantizer.basis, **tensors)
        part = dict(kind="fsq", dimension=len(quantizer.levels), levels=quantizer.levels, bound="published")
        return dict(kind="product", parts=[part] * quantizer.codebooks, **config), tensors
    stages, size, dimension = quantizer.codebooks.shape
    part = dict(kind="vq", dimension=dimension, size=size, metric="euclidean")
    tensors = {f"parts.{k}.codebook.embed": quantizer.codebooks[k] for k in range(stages)}
    return dict(kind="rvq", dimension=dimension, parts=[part] * stages), tensors


def write(quantizer, path):
    config, tensors = described(quantizer)
    tensors = {name: value.detach().cpu().float().contiguous().clone() for name, value in tensors.items()}
    save_file(tensors, path, metadata={"quantizer_config": json.dumps(config)})
    pathlib.Path(path).chmod(0o644)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("state", type=pathlib.Path)
    parser.add_argument("output", type=pathlib.Path)
    arguments = parser.parse_args()
    state = torch.load(arguments.state, map_location="cpu", weights_only=True)
    model = build(state["config"])
    model.load_state_dict(state["model"])
    write(model.quantizer, arguments.output)


if __name__ == "__main__":
    main()
