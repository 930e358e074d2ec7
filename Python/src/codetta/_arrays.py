"""Arrays of audio, from whatever can be seen as one."""
from __future__ import annotations

import ctypes as c
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _library as lib
from .errors import BadDataError, UsageError

Array = npt.NDArray[Any]


def as_array(x: Any, argument: str) -> Array:
    """`x` as a NumPy array, without a copy where that is possible: NumPy, torch and others with `__array__`, `__dlpack__`, or a buffer."""
    if isinstance(x, np.ndarray):
        return x
    if hasattr(x, "__dlpack__") and not hasattr(x, "__array__"):
        return np.from_dlpack(x)
    if hasattr(x, "detach") and hasattr(x, "cpu"):
        x = x.detach().cpu()
    try:
        found: Array = np.asarray(x)
    except ValueError as error:
        raise UsageError(f"{argument}: {error}") from None
    return found


def as_audio(x: Any, argument: str = "x") -> Array:
    """int16 as it is; other numbers as float32."""
    array = as_array(x, argument)
    if array.dtype == np.int16 or array.dtype == np.float32:
        return array
    if array.dtype.kind == "f":
        return array.astype(np.float32)
    raise UsageError(f"{argument} has dtype {array.dtype}; audio is int16, or floats in -1 ... 1")


def view(array: Array, argument: str = "x") -> lib.Audio:
    """The library's view of audio [T] or [C, T], which must outlive it."""
    if array.ndim == 1:
        array = array[None]
    if array.ndim != 2:
        raise UsageError(f"{argument} has shape {array.shape}; audio of one item is [T] or [C, T]")
    size = array.itemsize
    if any(stride % size for stride in array.strides) or not array.dtype.isnative:
        raise UsageError(f"{argument} has bytes that are no samples between its samples, or another byte order")
    if array.shape[0] == 0:
        raise BadDataError(f"{argument} has no channels")
    return lib.Audio(
        array.ctypes.data if array.size else None, 1 if array.dtype == np.int16 else 0, array.shape[0], array.shape[1], array.strides[1] // size,
        array.strides[0] // size)


def lengths_of(lengths: Any, batch: int, most: int) -> list[int]:
    """Lengths of padded items, checked."""
    if lengths is None:
        return [most] * batch
    found = as_array(lengths, "lengths")
    if found.ndim != 1 or len(found) != batch or found.dtype.kind not in "iu":
        raise UsageError(f"lengths has shape {found.shape} and dtype {found.dtype}; {batch} integers are needed")
    values = [int(value) for value in found]
    for index, value in enumerate(values):
        if not 0 <= value <= most:
            raise UsageError(f"lengths[{index}] is {value}, outside 0 ... {most}")
    return values


def pointer(array: Array) -> c.c_void_p:
    return c.c_void_p(array.ctypes.data)
