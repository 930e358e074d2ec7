"""Comparing recordings with their originals."""

from __future__ import annotations

import os
from collections.abc import Iterable
from ctypes import byref
from typing import Any, Union

from . import _native
from ._arrays import AnyArray, describe, samples_of, split, whole
from ._calls import Cancel, json_of
from ._native import library
from .errors import UsageError

Recording = Union[AnyArray, str, "os.PathLike[str]"]


def evaluate(
    reference: Recording, degraded: Recording, sample_rate: int | None = None, *, degraded_rate: int | None = None,
    measures: str | Iterable[str] | None = None, max_delay: float | None = 0.25,
) -> dict[str, Any]:
    """Compares a recording with its original as `codetta evaluate` does.

    Args:
        reference: The original: samples [T] or [C, T], or the path of an audio file.
        degraded: What became of it, likewise.
        sample_rate: Of the samples, in Hz.
        degraded_rate: Of `degraded`, if it has another.
        measures: Names as of the command's --measures, or "all"; all that suit the reference's rate if they are left out.
        max_delay: The largest delay to search for either way, in seconds. None: the signals are taken as aligned.

    Returns:
        What `codetta evaluate --json` prints: waveform, spectrum, intelligibility, quality, pitch, loudness.
    """
    names = measures if isinstance(measures, str) or measures is None else ",".join(measures)
    delay = -1.0 if max_delay is None else float(max_delay)
    if max_delay is not None and not 0 < delay < float("inf"):
        raise UsageError(f"max_delay: is {max_delay!r}, and must be more than 0 s, or None")
    cancel = Cancel()
    options = _native.MeasureOptions(
        measures=None if names is None else names.encode(), max_delay=delay, cancel=cancel.address)
    if isinstance(reference, (str, os.PathLike)) and isinstance(degraded, (str, os.PathLike)):
        if sample_rate is not None or degraded_rate is not None:
            raise UsageError("sample_rate: audio files know theirs")
        paths = os.fsencode(reference), os.fsencode(degraded)
        found: dict[str, Any] = cancel.run(lambda: json_of(library.codetta_measure_files, *paths, byref(options)))
        return found
    if isinstance(reference, (str, os.PathLike)) or isinstance(degraded, (str, os.PathLike)):
        raise UsageError("degraded: files are compared with files, and samples with samples")
    if sample_rate is None:
        raise UsageError("sample_rate: is needed for samples")
    rate = whole(sample_rate, "sample_rate", 1000, 768_000)
    other = rate if degraded_rate is None else whole(degraded_rate, "degraded_rate", 1000, 768_000)
    items = [_recording(reference, "reference"), _recording(degraded, "degraded")]
    first, second = describe(items[0]), describe(items[1])
    found = cancel.run(lambda: json_of(library.codetta_measure, byref(first), rate, byref(second), other, byref(options), names={"": "degraded"}))
    return found


def _recording(x: AnyArray, name: str) -> Any:
    items, layout = split(samples_of(x, name), None, name)
    if layout.batch:
        raise UsageError(f"{name}: is a batch; one recording is compared with one: [T] or [C, T]")
    return items[0]
