"""For `torch.utils.data`: data sets of codes, and collating recordings of different lengths into one tensor.

    from torch.utils.data import DataLoader
    from codetta.integrations.torch import EncodedDataset, collate

    loader = DataLoader(EncodedDataset(clips, model, bitrate=3), batch_size=16, num_workers=4, collate_fn=collate)
    for batch in loader:
        batch.codes     # [B, K, T] or [B, C, K, T], int64
        batch.lengths   # frames of each item, [B]

Workers may be forked or spawned. Each has a copy of the model with one thread, since there are many of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np
import torch
from torch.utils.data import Dataset, get_worker_info

from ..errors import UsageError
from ..model import Model

if TYPE_CHECKING:
    from ..codes import Codes


class Recordings(Protocol):
    """A list, or another map-style data set, of samples [T] or [C, T], or of dictionaries with "array" and "sampling_rate"."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int, /) -> Any: ...


class EncodedDataset(Dataset["Codes"]):
    """A data set of recordings as one of their codes, which are made when an item is asked for."""

    def __init__(self, recordings: Recordings, model: Model, sample_rate: int | None = None, **options: Any) -> None:
        """`sample_rate` is that of all recordings which do not say theirs, in Hz. `options` are those of `Model.encode`."""
        self._recordings, self._shared, self._sample_rate, self._options = recordings, model, sample_rate, options
        self._single: Model | None = None

    def __len__(self) -> int:
        return len(self._recordings)

    def __getitem__(self, index: int) -> Codes:
        item, rate = self._recordings[index], self._sample_rate
        if isinstance(item, dict):
            item, rate = item["array"], item["sampling_rate"]
        return self._model().encode(item, rate, **self._options)

    def _model(self) -> Model:
        if get_worker_info() is None:
            return self._shared
        if self._single is None:
            self._single = type(self._shared)(self._shared.source, threads=1)
        return self._single

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_single": None}


class Batch(NamedTuple):
    """Codes of recordings side by side."""

    codes: torch.Tensor
    """[B, K, T] or [B, C, K, T], int64. Behind the end of an item there is the padding."""
    lengths: torch.Tensor
    """Frames of each item, [B], int64."""
    samples: torch.Tensor
    """Samples of each original, [B], int64."""


def collate(items: Sequence[Codes], padding: int = 0) -> Batch:
    """Puts the codes of recordings side by side: a `collate_fn` for DataLoader.

    All have the same number of codebooks and channels, and all codebooks one rate.
    """
    arrays = [np.asarray(item) for item in items]
    if len({array.shape[:-1] for array in arrays}) != 1:
        raise UsageError(f"items: their shapes are {', '.join(str(array.shape) for array in arrays)}, which differ not only in time")
    longest = max(array.shape[-1] for array in arrays)
    codes = np.full((len(arrays), *arrays[0].shape[:-1], longest), padding, np.int64)
    for row, array in zip(codes, arrays):
        row[..., : array.shape[-1]] = array
    lengths = np.array([int(item.lengths[0]) for item in items], np.int64)
    samples = np.array([int(item.samples[0]) for item in items], np.int64)
    return Batch(torch.from_numpy(codes), torch.from_numpy(lengths), torch.from_numpy(samples))
