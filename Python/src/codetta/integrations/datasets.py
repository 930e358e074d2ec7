"""For `datasets`: functions for `Dataset.map` that add columns of codes, or of audio made of codes.

    from codetta.integrations.datasets import decoder, encoder

    tokens = speech.map(encoder(model, bitrate=3), batched=True, batch_size=64, remove_columns=["audio"])
    tokens[0]["codes"]    # [C, K, T]

The functions pickle, so that `num_proc` works.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..codes import Codes
from ..model import Model


class encoder:  # noqa: N801 - it is called like a function, and is a class so that it pickles
    """A function that encodes the recordings of a column of audio. It adds these columns:

    codes: codes [C, K, T] of each recording; samples: samples per channel of the original; sampling_rate: of the original, in Hz.
    """

    def __init__(self, model: Model, column: str = "audio", codes_column: str = "codes", **options: Any) -> None:
        """`options` are those of `Model.encode`. With `batched=True` recordings of the same rate and channels are coded together."""
        self._model, self._column, self._codes_column, self._options = model, column, codes_column, options

    def __call__(self, examples: Mapping[str, Any]) -> dict[str, Any]:
        audio = examples[self._column]
        if not isinstance(audio, list):
            codes = self._encode([_samples(audio)])[0]
            return {self._codes_column: codes.array.tolist(), "samples": int(codes.samples[0]), "sampling_rate": codes.sample_rate}
        items = self._encode([_samples(item) for item in audio])
        return {
            self._codes_column: [codes.array.tolist() for codes in items],
            "samples": [int(codes.samples[0]) for codes in items],
            "sampling_rate": [codes.sample_rate for codes in items],
        }

    def _encode(self, recordings: list[tuple[Any, int]]) -> list[Codes]:
        groups: dict[tuple[int, int], list[int]] = defaultdict(list)
        for i, (samples, rate) in enumerate(recordings):
            groups[rate, samples.shape[0]].append(i)
        found: dict[int, Codes] = {}
        for (rate, channels), places in groups.items():
            lengths = [recordings[i][0].shape[1] for i in places]
            batch = np.zeros((len(places), channels, max(lengths)), np.float32)
            for row, i in zip(batch, places):
                row[:, : recordings[i][0].shape[1]] = recordings[i][0]
            found.update(zip(places, self._model.encode(batch, rate, lengths=lengths, **self._options)))
        return [found[i] for i in range(len(recordings))]


class decoder:  # noqa: N801
    """A function that decodes the columns that `encoder` adds into a column of audio: dictionaries with array [C, T] and sampling_rate."""

    def __init__(self, model: Model, column: str = "audio", codes_column: str = "codes") -> None:
        self._model, self._column, self._codes_column = model, column, codes_column

    def __call__(self, examples: Mapping[str, Any]) -> dict[str, Any]:
        samples, rates, codes = examples["samples"], examples["sampling_rate"], examples[self._codes_column]
        if not isinstance(samples, list):
            return {self._column: self._decode(codes, rates, samples)}
        return {self._column: [self._decode(*item) for item in zip(codes, rates, samples)]}

    def _decode(self, codes: Any, rate: int, samples: int) -> dict[str, Any]:
        return {"array": self._model.decode(np.asarray(codes), rate, samples=samples), "sampling_rate": rate}


def _samples(audio: Any) -> tuple[Any, int]:
    """Samples [C, T] and their rate, of a decoded example of the feature Audio, old or new."""
    array = np.asarray(audio["array"], np.float32)
    return (array[np.newaxis] if array.ndim == 1 else array), int(audio["sampling_rate"])
