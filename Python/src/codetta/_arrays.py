"""Audio that comes in: anything that is an array becomes descriptions of samples in memory, copied only where it has to be."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol, Union

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from . import _native
from .errors import UsageError


class SupportsArray(Protocol):
    """An object with `__array__`, such as a tensor of PyTorch."""

    def __array__(self, *args: Any, **kwargs: Any) -> Any: ...


class SupportsDLPack(Protocol):
    """An object with `__dlpack__`."""

    def __dlpack__(self, *args: Any, **kwargs: Any) -> Any: ...


AnyArray = Union[ArrayLike, SupportsArray, SupportsDLPack]
"""NumPy arrays, tensors, anything with `__array__`, `__dlpack__` or the buffer protocol, and nested lists of numbers."""


class Layout(NamedTuple):
    """Which axes an array has beside time: [B, C, T]."""

    batch: bool
    channel: bool

    def strip(self, array: NDArray[Any]) -> NDArray[Any]:
        """`array` [B, C, ...] without the axes that are not there."""
        if not self.channel:
            array = array[:, 0]
        return array if self.batch else array[0]


def as_array(x: AnyArray, name: str) -> NDArray[Any]:
    """`x` as a NumPy array that shares its memory if it can."""
    detach = getattr(x, "detach", None)
    source: Any = detach() if callable(detach) else x
    try:
        if hasattr(source, "__dlpack__") and not hasattr(source, "__array__"):
            return np.from_dlpack(source)
        return np.asarray(source)
    except (TypeError, ValueError, RuntimeError, BufferError) as error:
        raise UsageError(f"{name}: cannot be read as an array: {error}") from None


def samples_of(x: AnyArray, name: str) -> NDArray[Any]:
    """`x` as samples of a type that the library reads: int16 and float32 as they are, other floats as float32."""
    array = as_array(x, name)
    if array.dtype.kind == "f":
        if array.dtype != np.float32:
            with np.errstate(over="ignore"):
                array = array.astype(np.float32)
    elif not (array.dtype.kind == "i" and array.dtype.itemsize == 2):
        raise UsageError(f"{name}: its type is {array.dtype}; audio is int16 or a type of floating-point numbers in -1 ... 1")
    if not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="))
    itemsize = array.dtype.itemsize
    if not array.flags.aligned or any(stride % itemsize for stride in array.strides):
        array = array.copy()
    return array


def split(array: NDArray[Any], lengths: ArrayLike | None, name: str) -> tuple[list[NDArray[Any]], Layout]:
    """The items [C, T] of a batch, without their padding, or of what is none."""
    if lengths is None:
        if array.ndim == 1:
            return [array[np.newaxis]], Layout(batch=False, channel=False)
        if array.ndim == 2:
            return [array], Layout(batch=False, channel=True)
        if array.ndim == 3:
            return list(_filled(array, name)), Layout(batch=True, channel=True)
        raise UsageError(f"{name}: its shape is {array.shape}; audio is [T], [C, T] or [B, C, T]")
    if array.ndim not in (2, 3):
        raise UsageError(f"{name}: its shape is {array.shape}; with lengths, audio is [B, T] or [B, C, T]")
    counts = counts_of(lengths, len(_filled(array, name)), array.shape[-1], "lengths")
    layout = Layout(batch=True, channel=array.ndim == 3)
    items = array if layout.channel else array[:, np.newaxis]
    return [item[:, :count] for item, count in zip(items, counts)], layout


def _filled(array: NDArray[Any], name: str) -> NDArray[Any]:
    if len(array) == 0:
        raise UsageError(f"{name}: its shape is {array.shape}; a batch has one item at least")
    return array


def counts_of(values: ArrayLike, count: int, most: int | None, name: str) -> list[int]:
    """Whole numbers from 0 to `most`, one an item."""
    array = as_array(values, name)
    if array.shape != (count,):
        raise UsageError(f"{name}: its shape is {array.shape}; the batch has {count} items")
    if array.dtype.kind not in "iu":
        raise UsageError(f"{name}: its type is {array.dtype}; they are whole numbers")
    counts = [int(value) for value in array]
    for i, value in enumerate(counts):
        if value < 0 or (most is not None and value > most):
            raise UsageError(f"{name}: item {i} has {value}" + ("" if value < 0 else f", and the array has room for {most}"))
    return counts


def describe(item: NDArray[Any]) -> _native.Audio:
    """Samples [C, T] for the library. The array must outlive the call."""
    size = item.dtype.itemsize
    channel, sample = item.strides
    kind = _native.INT16 if item.dtype.kind == "i" else _native.FLOAT32
    return _native.Audio(item.ctypes.data if item.size else None, kind, item.shape[0], item.shape[1], sample // size, channel // size)


def describe_all(items: Sequence[NDArray[Any]]) -> Any:
    """An array of descriptions for the library."""
    return (_native.Audio * len(items))(*[describe(item) for item in items])


def audio_type(dtype: DTypeLike, name: str = "dtype") -> np.dtype[Any]:
    """A type that audio can be given in."""
    try:
        found = np.dtype(dtype)
    except TypeError:
        found = np.dtype(object)
    if found not in (np.dtype(np.float32), np.dtype(np.int16)):
        raise UsageError(f"{name}: is {dtype!r}; audio comes out as float32 or int16")
    return found


def whole(value: Any, name: str, least: int, most: int = 2**31 - 1) -> int:
    """A whole number within bounds."""
    try:
        number = operator.index(value)
    except TypeError:
        raise UsageError(f"{name}: is {value!r}, which is no whole number") from None
    if not least <= number <= most:
        raise UsageError(f"{name}: is {number}, and must be {least} to {most}")
    return number
