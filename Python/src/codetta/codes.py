"""Codes: what audio becomes, with all that is needed to make audio of it again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from ctypes import byref
from functools import cached_property
from typing import Any, Union

import numpy as np
from numpy.typing import DTypeLike, NDArray

from . import _native
from ._arrays import Layout
from ._calls import Handle, check, json_of, make
from ._native import library
from .errors import UsageError

SEGMENT = np.dtype([("frame", np.int64), ("track", np.int32), ("scale", np.float32)])
"""A piece of the signal that a codec codes by itself: the frame where it begins, its track, and what its samples are multiplied by."""

_INT32 = np.dtype(np.int32)

CodeArrays = Union[NDArray[Any], list[NDArray[Any]]]


class Codes:
    """The codes of one recording, or of a batch of recordings.

    They are what `Model.encode`, `Encoder.push` and `codetta.read` give, and `Model.decode`, `Decoder.push` and `codetta.write` take.
    They know the model, the original's rate, channels and exact number of samples. `codes[i]` is a recording of a batch.
    Codes pickle. They do not change, but for tags.
    """

    def __init__(self, handles: Sequence[Handle], layout: Layout, dtype: DTypeLike = np.int32) -> None:
        """Not for callers: `Model.codes` makes codes of arrays."""
        self._handles = list(handles)
        self._layout = layout
        self._array: CodeArrays | None = None
        self._dtype = _INT32 if dtype is np.int32 else self._checked(dtype)

    @cached_property
    def _infos(self) -> list[_native.CodesInfo]:
        return [_info(handle) for handle in self._handles]

    @property
    def array(self) -> Any:
        """The codes as int32, or the `dtype` that was asked for: [K, T], [C, K, T] or [B, C, K, T] of K codebooks and T frames.

        It has the axes that the audio had: [T] becomes [K, T], a batch [B, T] with lengths [B, K, T]. C are the model's tracks: a mono
        model has one for each channel, a stereo model one for both. Shorter items of a batch end in zeros; `lengths` says where. Of a model
        whose codebooks have rates of their own, it is a list with an array for each codebook: [T], [C, T] or [B, C, T].
        """
        if self._array is None:
            self._array = self._copy()
        return self._array

    def astype(self, dtype: DTypeLike) -> Codes:
        """The same codes, with `array` of another integer type."""
        return Codes(self._handles, self._layout, dtype)

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[Any]:
        """`array` for NumPy."""
        array = self.array
        if isinstance(array, list):
            raise UsageError("codes: their codebooks have rates of their own; use codes.array, a list")
        found: NDArray[Any] = array if dtype is None else array.astype(dtype, copy=False)
        return found.copy() if copy else found

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Frames of each recording, [B]; [1] of one that is in no batch."""
        return np.array([info.frames for info in self._infos], np.int64)

    @property
    def samples(self) -> NDArray[np.int64]:
        """Samples per channel of each original, [B]; [1] of one that is in no batch. So many does decoding give.

        For the pieces of a stream: the samples that were taken in for this piece.
        """
        return np.array([info.samples for info in self._infos], np.int64)

    @property
    def sample_rate(self) -> int:
        """Of the original, and of what decoding gives, in Hz."""
        return int(self._infos[0].sample_rate)

    @property
    def channels(self) -> int:
        """That decoding gives."""
        return int(self._infos[0].channels)

    @property
    def tracks(self) -> int:
        """Streams of codes that were coded independently of each other."""
        return int(self._infos[0].tracks)

    @property
    def codebooks(self) -> int:
        """Of each track."""
        return int(self._infos[0].codebooks)

    @property
    def codebook_sizes(self) -> list[int]:
        """How many codes each codebook has: codes are 0 to one less."""
        return [book.count for book in self._codebooks()]

    @property
    def strides(self) -> list[int]:
        """Frames that one code of each codebook covers; all 1 unless codebooks have rates of their own."""
        return [book.stride for book in self._codebooks()]

    @property
    def frame_rate(self) -> float:
        """Frames per second."""
        return float(self._infos[0].frame_rate)

    @property
    def bitrate(self) -> float:
        """The nominal bitrate of all tracks together, in kb/s."""
        return float(self._infos[0].kilobits)

    @property
    def model(self) -> str:
        """The name of the model that made them."""
        name: bytes = self._infos[0].model
        return name.decode()

    @property
    def is_batch(self) -> bool:
        """Whether there is an axis of recordings."""
        return self._layout.batch

    @property
    def segments(self) -> NDArray[Any]:
        """Segments of a model that codes pieces of the signal by themselves (EnCodec at 48 kHz): fields frame, track and scale; else empty."""
        handle = self._single("segments")
        segments = np.empty(self._infos[0].segments, SEGMENT)
        packed = (_native.Segment * len(segments))()
        check(library.codetta_codes_get_segments(handle.value, packed, len(segments)))
        for i, segment in enumerate(packed):
            segments[i] = (segment.frame, segment.track, segment.scale)
        return segments

    @property
    def tags(self) -> dict[str, str]:
        """Tags, such as a title, that `.codetta` files keep."""
        found: dict[str, str] = json_of(library.codetta_codes_get_tags, self._single("tags").value)
        return found

    def set_tag(self, key: str, text: str | None) -> None:
        """Sets a tag; None removes it. Keys have the letters a to z, digits, '.', '_' and '-'."""
        value = None if text is None else text.encode()
        check(library.codetta_codes_set_tag(self._single("tags").value, key.encode(), value))

    def __len__(self) -> int:
        """How many recordings a batch has."""
        if not self.is_batch:
            raise TypeError("these codes are one recording; codes.lengths has its number of frames")
        return len(self._handles)

    def __getitem__(self, index: int) -> Codes:
        """A recording of a batch."""
        if not self.is_batch:
            raise TypeError("these codes are one recording, and no batch")
        return Codes([self._handles[index]], Layout(batch=False, channel=self._layout.channel), self._dtype)

    def __iter__(self) -> Iterator[Codes]:
        """The recordings of a batch."""
        return (self[i] for i in range(len(self)))

    def __reduce__(self) -> tuple[Any, ...]:
        """Codes pickle as token files."""
        from .files import bytes_of

        return _restore, ([bytes_of(handle, "codetta") for handle in self._handles], tuple(self._layout), self._dtype.str)

    def __repr__(self) -> str:
        items = f"{len(self._handles)} x " if self.is_batch else ""
        seconds = self.samples.sum() / self.sample_rate
        return f"<codetta.Codes {items}{self.tracks} x {self.codebooks} codebooks, {self.bitrate:g} kb/s, {seconds:.2f} s, {self.model}>"

    def _codebooks(self) -> list[_native.Codebook]:
        books = [_native.Codebook() for _ in range(self.codebooks)]
        for i, book in enumerate(books):
            check(library.codetta_codes_get_codebook(self._handles[0].value, i, byref(book)))
        return books

    def _single(self, what: str) -> Handle:
        if self.is_batch:
            raise UsageError(f"codes: {what} belong to one recording; take codes[i] of this batch")
        return self._handles[0]

    def _checked(self, dtype: DTypeLike) -> np.dtype[Any]:
        largest = max(self.codebook_sizes) - 1
        try:
            found: np.dtype[Any] = np.dtype(dtype)
        except TypeError:
            found = np.dtype(object)
        bits = 8 * found.itemsize - (found.kind == "i")
        if found.kind not in "iu" or largest >> bits:
            raise UsageError(f"dtype: {dtype!r} does not hold codes up to {largest}")
        return found

    def _copy(self) -> CodeArrays:
        flat = []
        for handle, info in zip(self._handles, self._infos):
            values = np.empty(info.count, np.int32)
            check(library.codetta_codes_get(handle.value, values.ctypes.data, info.count))
            flat.append(values.reshape(info.tracks, -1))
        if not self._infos[0].is_ragged:
            shaped = [values.reshape(*values.shape[:1], self.codebooks, -1) if values.size else
                      values.reshape(info.tracks, self.codebooks, 0) for values, info in zip(flat, self._infos)]
            return self._layout.strip(_padded(shaped)).astype(self._dtype, copy=False)
        rows: list[NDArray[Any]] = []
        begins = [0] * len(flat)
        for stride in self.strides:
            parts = []
            for i, info in enumerate(self._infos):
                end = begins[i] + info.frames // stride
                parts.append(flat[i][:, begins[i]:end])
                begins[i] = end
            rows.append(self._layout.strip(_padded(parts)).astype(self._dtype, copy=False))
        return rows


def _info(handle: Handle) -> _native.CodesInfo:
    info = _native.CodesInfo()
    check(library.codetta_codes_get_info(handle.value, byref(info)))
    return info


def _padded(items: list[NDArray[Any]]) -> NDArray[Any]:
    """Items of other lengths side by side, the shorter ones with zeros at their ends."""
    if len(items) == 1:
        return items[0][np.newaxis]
    longest = max(item.shape[-1] for item in items)
    array = np.zeros((len(items), *items[0].shape[:-1], longest), items[0].dtype)
    for row, item in zip(array, items):
        row[..., : item.shape[-1]] = item
    return array


def _restore(files: list[bytes], layout: tuple[bool, bool], dtype: str) -> Codes:
    from .files import handle_of

    return Codes([handle_of(file) for file in files], Layout(*layout), dtype)


def join(pieces: Iterable[Codes]) -> Codes:
    """The pieces of one stream, in order, as one recording."""
    found = list(pieces)
    if not found:
        raise UsageError("pieces: there are none")
    first = found[0]
    handle = make("codes", library.codetta_codes_copy, first._single("pieces").value)
    for piece in found[1:]:
        check(library.codetta_codes_append(handle.value, piece._single("pieces").value), {"next": "pieces"})
    return Codes([handle], first._layout, first._dtype)
