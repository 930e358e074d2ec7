"""For `datasets` (Hugging Face): a function for `Dataset.map`."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..model import Model, load


class Tokenize:
    """Turns a column of audio into one of codes:

        data = data.map(Tokenize("codetta-24k", bitrate=3), batched=True, batch_size=64, remove_columns="audio")

    A row's `codes` are lists [C][K][T] (C tracks), its `samples` and `sample_rate` those of the original, which `Model.decode` takes.
    `options` are those of `Model.encode`. Rows are coded as if each were alone, so the batch size changes nothing.
    """

    def __init__(self, model: Model | str, *, column: str = "audio", **options: Any) -> None:
        self.model, self.column, self.options = load(model) if isinstance(model, str) else model, column, options

    def __call__(self, rows: dict[str, list[Any]]) -> dict[str, list[Any]]:
        audio = [_decoded(item) for item in rows[self.column]]
        result: dict[str, list[Any]] = {"codes": [None] * len(audio), "samples": [0] * len(audio), "sample_rate": [0] * len(audio)}
        for rate in sorted({rate for _, rate in audio}):
            places = [index for index, (_, its_rate) in enumerate(audio) if its_rate == rate]
            for index, codes in zip(places, self.model.encode([audio[i][0] for i in places], rate, **self.options)):
                array = codes.array
                result["codes"][index] = [book.tolist() for book in array] if isinstance(array, list) else np.atleast_3d(array.T).T.tolist()
                result["samples"][index], result["sample_rate"][index] = int(codes.samples[0]), rate
        return result


def _decoded(item: Any) -> tuple[Any, int]:
    """Samples [T] or [C, T], and their rate, of what a column of audio gives."""
    if hasattr(item, "get_all_samples"):
        samples = item.get_all_samples()
        return np.asarray(samples.data, np.float32), int(samples.sample_rate)
    return np.asarray(item["array"], np.float32), int(item["sampling_rate"])
