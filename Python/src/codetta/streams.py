"""Streams: audio in and codes out piece by piece, and back."""
from __future__ import annotations

import ctypes as c
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _library as lib
from ._arrays import as_audio, view
from .codes import Codes
from .errors import UsageError


class _Stream:
    def __init__(self, handle: lib.Owned, channels: int, flag: lib.Flag) -> None:
        self._handle, self._channels, self._flag = handle, channels, flag

    def close(self) -> None:
        """Frees the stream; nothing can be done with it afterwards."""
        self._handle.free()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError("a stream cannot be pickled")


class StreamEncoder(_Stream):
    """Takes audio as it comes; see `Model.encoder`."""

    def __enter__(self) -> StreamEncoder:
        return self

    def push(self, block: Any) -> Codes:
        """Takes any number of samples, [T] or [C, T], and gives the codes that are known after them: often none."""
        return self._codes("encoder_push", c.byref(view(self._checked(block), "block")))

    def _checked(self, block: Any) -> Any:
        self._block = array = as_audio(block, "block")
        if array.ndim not in (1, 2) or (1 if array.ndim == 1 else array.shape[0]) != self._channels:
            raise UsageError(f"block has shape {array.shape}; the stream has {self._channels} channel(s)")
        return array

    def finish(self) -> Codes:
        """Ends the signal and gives the remaining codes."""
        return self._codes("encoder_finish")

    def copy(self) -> StreamEncoder:
        """Another encoder in the same state, which goes on by itself."""
        return StreamEncoder(lib.made("encoder_copy", self._handle.value), self._channels, self._flag)

    def _codes(self, name: str, *arguments: Any) -> Codes:
        return Codes([lib.made(name, self._handle.value, *arguments)], "T" if self._channels == 1 else "CT")


class StreamDecoder(_Stream):
    """Takes codes as they come; see `Model.decoder`."""

    def __enter__(self) -> StreamDecoder:
        return self

    def push(self, codes: Codes) -> npt.NDArray[np.float32]:
        """Takes the next codes of the stream and gives the audio that is known after them, [T] or [C, T]."""
        return self._audio("decoder_push", codes._one("codes"))

    def finish(self, samples: int | None = None) -> npt.NDArray[np.float32]:
        """Ends the signal, of `samples` in all if that is known better than from the codes, and gives the rest of the audio."""
        return self._audio("decoder_finish", -1 if samples is None else samples)

    def copy(self) -> StreamDecoder:
        """Another decoder in the same state, which goes on by itself."""
        return StreamDecoder(lib.made("decoder_copy", self._handle.value), self._channels, self._flag)

    def _audio(self, name: str, argument: int) -> npt.NDArray[np.float32]:
        count = c.c_int64()
        lib.call(name, self._handle.value, argument, c.byref(count))
        result = np.zeros((self._channels, count.value), np.float32)
        if count.value:
            lib.call("decoder_read", self._handle.value, c.byref(view(result)), c.byref(count))
        return result[0] if self._channels == 1 else result
