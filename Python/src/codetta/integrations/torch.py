"""For PyTorch: a transform for data sets, and what puts its results together in a `DataLoader`."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from ..errors import UsageError
from ..model import Model, load


class Tokenize:
    """A transform from audio [T] or [C, T] to codes [C, K, T], int64 (C tracks). It can be pickled, so it works in a loader's workers.

    `options` are those of `Model.encode`.
    """

    def __init__(self, model: Model | str, sample_rate: int | None = None, **options: Any) -> None:
        self.model = load(model, threads=1) if isinstance(model, str) else model
        self.sample_rate, self.options = sample_rate, options

    def __call__(self, audio: Any) -> torch.Tensor:
        array = self.model.encode(audio, self.sample_rate, **self.options).numpy(np.int64)
        if isinstance(array, list):
            raise UsageError("the codebooks of this codec differ in rate; use Model.encode")
        return torch.from_numpy(array[None] if array.ndim == 2 else array)


def collate(items: Sequence[torch.Tensor]) -> dict[str, torch.Tensor]:
    """Codes of several items: `codes` [B, C, K, T], with zeros behind each item, and `lengths` [B] in frames."""
    lengths = torch.tensor([item.shape[-1] for item in items])
    codes = items[0].new_zeros((len(items), *items[0].shape[:-1], int(lengths.max())))
    for index, item in enumerate(items):
        codes[index, ..., : item.shape[-1]] = item
    return {"codes": codes, "lengths": lengths}
