"""Codes of one recording or of a batch."""
from __future__ import annotations

import ctypes as c
import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _library as lib
from .errors import UsageError

IntArray = npt.NDArray[np.int32]


def info_of(handle: int) -> lib.CodesInfo:
    info = lib.CodesInfo(size=c.sizeof(lib.CodesInfo))
    lib.call("codes_get_info", handle, c.byref(info))
    return info


class Codes:
    """The codes of one recording, or of the items of a batch, with all that is needed to decode them.

    `form` is the shape of the audio that they came from, and that decoding gives back: "T", "CT", "BT" or "BCT".
    """

    def __init__(self, items: list[lib.Owned], form: str) -> None:
        self._items = items
        self.form = form
        self._infos = [info_of(item.value) for item in items]

    # What there is of each

    @property
    def is_batch(self) -> bool:
        return self.form.startswith("B")

    def __len__(self) -> int:
        """Items of a batch; of one recording, its frames."""
        return len(self._items) if self.is_batch else int(self._infos[0].frames)

    def __getitem__(self, index: int) -> Codes:
        """One item of a batch, as codes of one recording. They share memory."""
        if not self.is_batch:
            raise UsageError("codes of one recording have no items; slice .array")
        return Codes([self._items[index]], self.form[1:])

    def __iter__(self) -> Iterator[Codes]:
        return (self[index] for index in range(len(self._items))) if self.is_batch else iter([self])

    def __repr__(self) -> str:
        first = self._infos[0] if self._infos else None
        what = f"{first.model.decode()}, {first.codebooks} codebooks, {first.kilobits:g} kb/s" if first else "no items"
        return f"<codetta.Codes {what}, {list(map(int, self.lengths)) if self.is_batch else len(self)} frames>"

    def __eq__(self, other: object) -> bool:
        """Whether both hold the same codes of originals of the same rates and lengths."""
        if not isinstance(other, Codes) or len(self._items) != len(other._items):
            return False
        same = all(
            (a.sample_rate, a.channels, a.samples) == (b.sample_rate, b.channels, b.samples) for a, b in zip(self._infos, other._infos))
        return same and all(
            len(a) == len(b) and all(np.array_equal(x, y) for x, y in zip(a, b)) for a, b in zip(self._streams(), other._streams()))

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Any, ...]:
        return _unpickled, ([_bytes(item.value) for item in self._items], self.form)

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        """Frames of each item, [B]; of one recording, [1]."""
        return np.array([info.frames for info in self._infos], np.int64)

    @property
    def samples(self) -> npt.NDArray[np.int64]:
        """Samples per channel of each original, [B]; of one recording, [1]. As many as decoding gives."""
        return np.array([info.samples for info in self._infos], np.int64)

    @property
    def sample_rate(self) -> int:
        """Of the originals, in Hz."""
        return int(self._infos[0].sample_rate) if self._infos else 0

    @property
    def channels(self) -> int:
        """That decoding gives."""
        return int(self._infos[0].channels) if self._infos else 0

    @property
    def frame_rate(self) -> float:
        """Frames per second."""
        return float(self._infos[0].frame_rate) if self._infos else 0.0

    @property
    def bitrate(self) -> float:
        """Nominal, all tracks together, in kb/s."""
        return float(self._infos[0].kilobits) if self._infos else 0.0

    @property
    def model(self) -> str:
        """The name of the model that made them."""
        return bytes(self._infos[0].model).decode() if self._infos else ""

    @property
    def tags(self) -> dict[str, str]:
        """Texts about the recording, of which `.codetta` files keep record; see `tag`."""
        return dict(json.loads(lib.text("codes_get_tags", self._one("tags"))))

    def tag(self, **tags: str | None) -> Codes:
        """Sets tags, such as speaker="Ann"; None removes one. Gives the same object."""
        for key, value in tags.items():
            lib.call("codes_set_tag", self._one("tag"), key.encode(), None if value is None else value.encode())
        return self

    # The numbers

    def _streams(self) -> list[list[IntArray]]:
        """Of each item, the codes of each codebook, [C, frames / stride]."""
        result = []
        for item, info in zip(self._items, self._infos):
            values = np.empty(int(info.count), np.int32)
            lib.call("codes_get", item.value, values.ctypes.data, values.size)
            if not info.is_ragged:
                found = values.reshape(info.tracks, info.codebooks, info.frames)
                result.append([found[:, k] for k in range(info.codebooks)])
                continue
            counts = [int(info.frames) // stride for stride in _strides(item.value, info.codebooks)]
            tracks = values.reshape(info.tracks, -1)
            ends = np.cumsum([0, *counts])
            result.append([tracks[:, a:b] for a, b in zip(ends, ends[1:])])
        return result

    def numpy(self, dtype: npt.DTypeLike = np.int32) -> Any:
        """The codes as integers of `dtype`.

        [K, T] of audio [T], [C, K, T] of [C, T] and [B, C, K, T] of a batch, with zeros behind an item's `lengths`. C counts tracks: channels that
        were coded apart. Codecs whose codebooks differ in rate give a list of K arrays [T_k], [C, T_k] or [B, C, T_k].
        """
        streams = self._streams()
        ragged = any(info.is_ragged for info in self._infos)
        books = []
        for k in range(max((len(item) for item in streams), default=0)):
            most = max(item[k].shape[1] for item in streams)
            book = np.zeros((len(streams), streams[0][k].shape[0], most), dtype)
            for index, item in enumerate(streams):
                book[index, :, : item[k].shape[1]] = item[k]
            books.append(book)
        if not books:
            return np.zeros((0, 0, 0, 0), dtype)
        found: list[npt.NDArray[Any]] = books if ragged else [np.stack(books, axis=2)]
        if not self.is_batch:
            found = [item[0, 0] if self.form == "T" and self._infos[0].tracks == 1 else item[0] for item in found]
        return found if ragged else found[0]

    @property
    def array(self) -> Any:
        """`numpy()` as int32."""
        return self.numpy()

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> npt.NDArray[Any]:
        return np.asarray(self.numpy(dtype or np.int32))

    def _one(self, what: str) -> int:
        if len(self._items) != 1:
            raise UsageError(f"{what} needs codes of one recording; take one item of the batch, as in codes[0]")
        return self._items[0].value


def _strides(handle: int, codebooks: int) -> list[int]:
    book, strides = lib.Codebook(), []
    for index in range(codebooks):
        lib.call("codes_get_codebook", handle, index, c.byref(book))
        strides.append(int(book.stride))
    return strides


def _bytes(handle: int, options: lib.WriteOptions | None = None) -> bytes:
    pointer, size = c.c_void_p(), c.c_size_t()
    lib.call("write_bytes", handle, options and c.byref(options), c.byref(pointer), c.byref(size))
    try:
        return c.string_at(pointer, size.value)
    finally:
        lib.library.codetta_free(pointer)


def _unpickled(items: list[bytes], form: str) -> Codes:
    return Codes([lib.made("read_bytes", data, len(data), None) for data in items], form)
