"""Streams: audio and codes that come in pieces."""

from __future__ import annotations

from ctypes import byref, c_int64
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from . import _native
from ._arrays import AnyArray, Layout, describe, samples_of, whole
from ._calls import Cancel, Handle, check, make
from ._native import library
from .codes import Codes
from .errors import UsageError

if TYPE_CHECKING:
    from .model import Model

_LONG = 2.0
"""Seconds of audio from which on a push is made so that Ctrl-C ends it."""


class Encoder:
    """Turns audio into codes as it comes. `Model.encoder` makes one. Calls from several threads take turns."""

    def __init__(self, handle: Handle, cancel: Cancel, layout: Layout, rate: int, channels: int, dtype: DTypeLike) -> None:
        """Not for callers."""
        self._handle, self._cancel, self._layout, self._dtype = handle, cancel, layout, dtype
        self._rate, self._channels = rate, channels

    @property
    def sample_rate(self) -> int:
        """Of the audio that comes in, in Hz."""
        return self._rate

    @property
    def channels(self) -> int:
        """Of the audio that comes in."""
        return self._channels

    def push(self, block: AnyArray) -> Codes:
        """Takes any number of samples, [T] or [C, T], and gives the codes that are known after them: often none, [K, 0].

        A push that Ctrl-C ends leaves the stream at its end.
        """
        samples = samples_of(block, "block")
        if samples.ndim == 1:
            samples = samples[np.newaxis]
        if samples.ndim != 2 or samples.shape[0] != self._channels:
            shape = "[T]" if self._channels == 1 else f"[{self._channels}, T]"
            raise UsageError(f"block: its shape is {np.shape(samples)}; this stream takes {shape}")
        audio = describe(samples)

        def push() -> Handle:
            return make("codes", library.codetta_encoder_push, self._handle.value, byref(audio), names={"audio": "block"})

        long = samples.size > _LONG * self._rate
        return Codes([self._cancel.run(push) if long else push()], self._layout, self._dtype)

    def finish(self) -> Codes:
        """The end: gives the remaining codes. Nothing can be pushed afterwards."""
        def finish() -> Handle:
            return make("codes", library.codetta_encoder_finish, self._handle.value)

        return Codes([self._cancel.run(finish)], self._layout, self._dtype)

    def copy(self) -> Encoder:
        """Another encoder in the same state, which goes on by itself."""
        handle = make("encoder", library.codetta_encoder_copy, self._handle.value)
        return Encoder(handle, self._cancel, self._layout, self._rate, self._channels, self._dtype)

    def close(self) -> None:
        """Frees the stream now. What was not finished is dropped."""
        self._handle.close()

    def __enter__(self) -> Encoder:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Decoder:
    """Turns codes into audio as they come. `Model.decoder` makes one. Calls from several threads take turns."""

    def __init__(
        self, model: Model, cancel: Cancel, options: _native.DecodeOptions, threads: int, dtype: np.dtype[Any]
    ) -> None:
        """Not for callers."""
        self._model, self._cancel, self._options, self._threads, self._dtype = model, cancel, options, threads, dtype
        # Made for the first codes, which say what the audio is like.
        self._handle: Handle | None = None
        self._layout = Layout(batch=False, channel=False)
        self._channels = 1
        self._rate = model.sample_rate

    def push(self, codes: Codes) -> NDArray[Any]:
        """Takes the next codes, of the same stream as those before, and gives the samples that are known after them: [T] or [C, T].

        Arrays become codes with `Model.codes`. A push that Ctrl-C ends leaves the stream at its end.
        """
        if not isinstance(codes, Codes):
            raise UsageError("codes: they are no codetta.Codes; Model.codes makes them of arrays")
        piece = codes._single("pieces of a stream").value
        if self._handle is None:
            self._start(codes)
        available = c_int64()

        def push() -> NDArray[Any]:
            check(library.codetta_decoder_push(self._opened(), piece, byref(available)))
            return self._read(available.value)

        long = codes.lengths[0] > _LONG * codes.frame_rate
        return self._cancel.run(push) if long else push()

    def finish(self, samples: int | None = None) -> NDArray[Any]:
        """The end of a signal of `samples` samples in all: as many as went in, unless it is given. Gives the remaining samples."""
        total = -1 if samples is None else whole(samples, "samples", 0, 2**63 - 1)
        if self._handle is None:
            if self._model is None:
                raise UsageError("decoder: it is closed")
            return np.zeros(0, self._dtype)
        available = c_int64()

        def finish() -> NDArray[Any]:
            check(library.codetta_decoder_finish(self._opened(), total, byref(available)))
            return self._read(available.value)

        return self._cancel.run(finish)

    def copy(self) -> Decoder:
        """Another decoder in the same state, which goes on by itself."""
        other = Decoder(self._model, self._cancel, self._options, self._threads, self._dtype)
        other._layout, other._channels, other._rate = self._layout, self._channels, self._rate
        if self._handle is not None:
            other._handle = make("decoder", library.codetta_decoder_copy, self._handle.value)
        return other

    def close(self) -> None:
        """Frees the stream now. What was not finished is dropped."""
        if self._handle is None:
            self._handle = Handle(None, "decoder")
        self._handle.close()

    def __enter__(self) -> Decoder:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _start(self, codes: Codes) -> None:
        handle = make(
            "decoder", library.codetta_decoder_create, self._model._handle.value, codes._handles[0].value, byref(self._options))
        check(library.codetta_set_threads(handle.value, self._threads))
        self._handle, self._layout, self._channels, self._rate = handle, codes._layout, codes.channels, codes.sample_rate

    def _opened(self) -> int:
        assert self._handle is not None
        return self._handle.value

    def _read(self, available: int) -> NDArray[Any]:
        out = np.empty((1, self._channels, available), self._dtype)
        audio, count = describe(out[0]), c_int64()
        check(library.codetta_decoder_read(self._opened(), byref(audio), byref(count)))
        return self._layout.strip(out[:, :, : count.value])
