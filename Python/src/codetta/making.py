"""Codes of arrays that came from elsewhere."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from ctypes import byref
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _native
from ._arrays import AnyArray, Layout, as_array, counts_of, whole
from ._calls import Handle, make
from ._native import library
from .codes import SEGMENT, Codes
from .errors import UsageError

if TYPE_CHECKING:
    from .model import Model

_NAMES = {"array": "codes", "model": "codes"}


def codes_of_arrays(
    model: Model, array: AnyArray | Sequence[AnyArray], rate: int, lengths: ArrayLike | None, samples: ArrayLike | None,
    segments: ArrayLike | None,
) -> Codes:
    """See `Model.codes`."""
    books, strides = _books(model, array)
    # Time is last, and of one codebook an array has one axis less.
    axes = books[0].ndim
    if lengths is None:
        layout = Layout(batch=axes == 3, channel=axes >= 2)
        least, most = 1, 3
    else:
        layout = Layout(batch=True, channel=axes == 3)
        least, most = 2, 3
    if not least <= axes <= most:
        shape = books[0].shape if model.is_ragged else as_array(array, "codes").shape  # type: ignore[arg-type]
        raise UsageError(f"codes: their shape is {shape}; they are [K, T], [C, K, T] or [B, C, K, T], or [B, K, T] with lengths")
    full = [book[np.newaxis] if not layout.batch else book for book in books]
    full = [book[:, np.newaxis] if not layout.channel else book for book in full]
    count = len(full[0])
    if any(book.shape[:2] != full[0].shape[:2] for book in full):
        raise UsageError("codes: their codebooks have different shapes")
    if count == 0:
        raise UsageError("codes: a batch has one item at least")
    frames = [full[0].shape[2] * strides[0]] * count
    if any(book.shape[2] * stride != frames[0] for book, stride in zip(full, strides)):
        raise UsageError("codes: their codebooks end at different times")
    if lengths is not None:
        frames = counts_of(lengths, count, frames[0], "lengths")
    lasting = _samples(samples, count, layout.batch)
    return Codes(
        [_make(model, [book[i] for book in full], strides, frames[i], rate, lasting[i], segments) for i in range(count)], layout)


def _books(model: Model, array: Any) -> tuple[list[NDArray[np.int32]], list[int]]:
    """An array for each codebook, with its stride."""
    if model.is_ragged:
        if not isinstance(array, (list, tuple)):
            raise UsageError("codes: those of a ragged model are a list with an array for each codebook")
        found = [_integers(as_array(book, "codes")) for book in array]
        if len({book.ndim for book in found}) != 1:
            raise UsageError("codes: their codebooks have different shapes")
    else:
        whole_array = _integers(as_array(array, "codes"))
        if whole_array.ndim < 2:
            raise UsageError(f"codes: their shape is {whole_array.shape}; they are [K, T], [C, K, T] or [B, C, K, T]")
        found = list(np.moveaxis(whole_array, -2, 0))
    if not 1 <= len(found) <= model.codebooks:
        raise UsageError(f"codes: they have {len(found)} codebooks, and the model has {model.codebooks}")
    return found, model.strides[: len(found)]


def _integers(array: NDArray[Any]) -> NDArray[np.int32]:
    if array.dtype.kind not in "iu":
        raise UsageError(f"codes: their type is {array.dtype}; they are whole numbers")
    # What int32 does not hold stays out of every codebook.
    return np.clip(array, -1, 2**31 - 1).astype(np.int32) if array.dtype.itemsize > 2 else array.astype(np.int32)


def _samples(samples: ArrayLike | None, count: int, batch: bool) -> list[int]:
    if samples is None:
        return [-1] * count
    if not batch and as_array(samples, "samples").shape == ():
        return [whole(samples, "samples", 0, 2**63 - 1)]
    return counts_of(samples, count, None, "samples")


def _make(
    model: Model, books: list[NDArray[np.int32]], strides: list[int], frames: int, rate: int, samples: int, segments: ArrayLike | None
) -> Handle:
    for stride in strides:
        if frames % stride:
            raise UsageError(f"lengths: {frames} frames are no multiple of {stride}, which a code of a codebook covers")
    tracks = len(books[0])
    rows = [book[track, : frames // stride] for track in range(tracks) for book, stride in zip(books, strides)]
    flat = np.concatenate(rows) if rows else np.empty(0, np.int32)
    values = _native.CodeArray(
        codes=flat.ctypes.data, count=flat.size, tracks=tracks, codebooks=len(books), frames=frames, sample_rate=rate, samples=samples)
    if segments is not None:
        fields = np.asarray(segments, SEGMENT).reshape(-1)
        packed = (_native.Segment * len(fields))(
            *[_native.Segment(int(field["frame"]), int(field["track"]), float(field["scale"])) for field in fields])
        values.segments, values.segment_count = ctypes.addressof(packed), len(fields)
    return make("codes", library.codetta_codes_make, model._handle.value, byref(values), names=_NAMES)
