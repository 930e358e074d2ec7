"""Models: audio to codes and back."""
from __future__ import annotations

import ctypes as c
import json
import os
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _library as lib
from ._arrays import as_array, as_audio, lengths_of, view
from .codes import Codes, info_of
from .errors import UsageError
from .streams import StreamDecoder, StreamEncoder

FloatArray = npt.NDArray[Any]


def load(name: str | os.PathLike[str] = "codetta-24k", *, threads: int = 0) -> Model:
    """Loads a model by name ("codetta-24k", "owner/name" of the hub's cache) or from a folder. No network is used.

    `threads` is how many a call may use, 0 for all processors. Results do not depend on it, to the bit.
    """
    return Model(os.fspath(name), threads)


def list_models() -> list[str]:
    """The models that names find."""
    return list(json.loads(lib.text("list_models")))


def encode_options(
    flag: lib.Flag, bitrate: float | None, codebooks: int | None, search: str | None, entropy: str | None, preset: str | None, downmix: bool,
) -> lib.EncodeOptions:
    if bitrate is not None and codebooks is not None:
        raise UsageError("bitrate and codebooks exclude each other")
    for name, value in (("bitrate", bitrate), ("codebooks", codebooks)):
        if value is not None and not 0 < value < 2**31:
            raise UsageError(f"{name} is {value}, which is not positive")
    return lib.EncodeOptions(
        c.sizeof(lib.EncodeOptions), bitrate or 0, codebooks or 0, int(downmix), search.encode() if search else None,
        lib.choice(entropy, lib.ENTROPY, "entropy"), lib.choice(preset, lib.PRESET, "preset"), flag.address)


def decode_options(flag: lib.Flag, codebooks: int | None, ignore_weights: bool, live: bool = False) -> lib.DecodeOptions:
    return lib.DecodeOptions(c.sizeof(lib.DecodeOptions), codebooks or 0, int(ignore_weights), int(live), flag.address)


def checked_rate(rate: int, argument: str = "sample_rate") -> int:
    if not 0 < rate < 2**31 or int(rate) != rate:
        raise UsageError(f"{argument} is {rate}; it is a whole number of Hz")
    return int(rate)


class Model:
    """A codec with its weights. It may be used by many threads at once, is pickled by its name, and is never changed."""

    def __init__(self, name: str, threads: int = 0) -> None:
        self._source, self._threads = name, threads
        self._handle = lib.made("model_load", os.fsencode(name))
        lib.call("set_threads", self._handle.value, threads)
        self._info = lib.ModelInfo(size=c.sizeof(lib.ModelInfo))
        lib.call("model_get_info", self._handle.value, c.byref(self._info))

    def __reduce__(self) -> tuple[Any, ...]:
        return load, (self._source,), {"_threads": self._threads}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._threads = state["_threads"]
        lib.call("set_threads", self._handle.value, self._threads)

    def __repr__(self) -> str:
        return f"<codetta.Model {self.name}, {self.sample_rate} Hz, {self.frame_rate:g} frames per second, {self.codebooks} codebooks>"

    @property
    def name(self) -> str:
        """What token files call the model."""
        return bytes(self._info.name).decode()

    @property
    def type(self) -> str:
        """The family, such as "soundstream"."""
        return bytes(self._info.type).decode()

    @property
    def license(self) -> str:
        """Of the weights."""
        return bytes(self._info.license or b"").decode()

    @property
    def sample_rate(self) -> int:
        """The codec's own, in Hz. Audio of other rates is converted."""
        return int(self._info.sample_rate)

    @property
    def channels(self) -> int:
        """Channels that are coded together. A model of one codes those of stereo apart."""
        return int(self._info.channels)

    @property
    def frame_rate(self) -> float:
        """Frames per second."""
        return float(self._info.frame_rate)

    @property
    def hop_length(self) -> int:
        """Samples at `sample_rate` per frame."""
        return int(self._info.hop_length)

    @property
    def codebooks(self) -> int:
        """Codebooks of a track."""
        return int(self._info.codebooks)

    @property
    def codebook_sizes(self) -> list[int]:
        """Codes of each codebook."""
        book, sizes = lib.Codebook(), []
        for index in range(self.codebooks):
            lib.call("model_get_codebook", self._handle.value, index, c.byref(book))
            sizes.append(int(book.count))
        return sizes

    @property
    def bitrates(self) -> list[float]:
        """Nominal bitrates of a track with 1, 2, ... codebooks, in kb/s; one alone where fewer do not decode."""
        value, counts = c.c_double(), range(1, self.codebooks + 1)
        rates = []
        for count in counts if self._info.is_truncatable else counts[-1:]:
            lib.call("model_get_kilobits", self._handle.value, count, c.byref(value))
            rates.append(value.value)
        return rates

    @property
    def latency(self) -> float:
        """Seconds that a decoded sample is known later than the one that it stands for."""
        return float(self._info.latency) / self.sample_rate

    @property
    def parameters(self) -> int:
        """Elements of all tensors."""
        return int(self._info.parameters)

    @property
    def is_streaming(self) -> bool:
        """Whether nothing waits for the end of the signal."""
        return bool(self._info.is_streaming)

    # Whole signals

    def encode(
        self, x: Any, sample_rate: int | None = None, *, bitrate: float | None = None, codebooks: int | None = None, lengths: Any = None,
        search: str | None = None, entropy: str | None = None, preset: str | None = None, downmix: bool = False,
    ) -> Codes:
        """Turns audio into codes.

        x: audio [T], [C, T] or [B, C, T], and [B, T] if `lengths` is given: int16, or floats in -1 ... 1. NumPy, torch and anything with `__array__`,
            `__dlpack__` or a buffer. A list of arrays [T] or [C, T] is a batch of items of different lengths.
        sample_rate: of `x`, in Hz; the model's if it is missing.
        bitrate: as many codebooks as stay within so many kb/s, all tracks together; or `codebooks`, the first so many; all if both are missing.
        lengths: samples of each padded item, [B].
        search, entropy, preset: as the command's --search, --entropy and --preset; the latter two say how the codes are written.
        downmix: mix all channels to one first.

        Items of a batch are coded on all processors, each as if it were alone: the codes are the same to the bit, whatever the batch, its order, the
        padding and the threads.
        """
        flag = lib.Flag()
        options = encode_options(flag, bitrate, codebooks, search, entropy, preset, downmix)
        rate = checked_rate(self.sample_rate if sample_rate is None else sample_rate)
        items, form = items_of(x, lengths)
        if not items:
            return Codes([], form)
        views = (lib.Audio * len(items))(*(view(item, f"x[{i}]" if form.startswith("B") else "x") for i, item in enumerate(items)))
        handles = (lib.Handle * len(items))()
        if form.startswith("B"):
            lib.call_long(flag, "encode_batch", self._handle.value, views, len(items), rate, c.byref(options), handles, audio="x")
        else:
            lib.call_long(flag, "encode", self._handle.value, views, rate, c.byref(options), handles, audio="x")
        return Codes([lib.Owned(lib.Handle(handle)) for handle in handles], form)

    def decode(
        self, codes: Any, *, codebooks: int | None = None, sample_rate: int | None = None, samples: Any = None, ignore_weights: bool = False,
        dtype: npt.DTypeLike = np.float32,
    ) -> FloatArray:
        """Turns codes into audio of the original's rate, channels and number of samples, in the shape that `encode` was given.

        codes: `Codes`, or integers that `codes_of` takes, with `sample_rate` and `samples`.
        codebooks: decode the first so many alone.
        dtype: float32, or int16.

        Of a batch, shorter items have zeros behind their `codes.samples`.
        """
        kind = np.dtype(dtype)
        if kind not in (np.dtype(np.float32), np.dtype(np.int16)):
            raise UsageError(f"dtype is {kind}; audio is float32 or int16")
        if not isinstance(codes, Codes):
            codes = self.codes_of(codes, sample_rate=sample_rate, samples=samples)
        flag = lib.Flag()
        options = decode_options(flag, codebooks, ignore_weights)
        infos = [info_of(item.value) for item in codes._items]
        channels = max((info.channels for info in infos), default=1)
        result = np.zeros((len(infos), channels, max((info.samples for info in infos), default=0)), kind)
        views = (lib.Audio * max(1, len(infos)))(
            *(view(result[i, : info.channels, : info.samples]) for i, info in enumerate(infos)))
        handles = (lib.Handle * max(1, len(infos)))(*(item.value for item in codes._items))
        if codes.is_batch:
            if infos:
                lib.call_long(flag, "decode_batch", self._handle.value, handles, len(infos), c.byref(options), views)
            return np.asarray(result[:, 0] if codes.form == "BT" else result)
        lib.call_long(flag, "decode", self._handle.value, handles[0], c.byref(options), views)
        return np.asarray(result[0, 0] if codes.form == "T" and channels == 1 else result[0])

    def codes_of(self, array: Any, *, sample_rate: int | None = None, samples: Any = None) -> Codes:
        """Codes of this model that came from elsewhere.

        array: integers [K, T], [C, K, T] or [B, C, K, T], the first K codebooks; a list of arrays [T_k] or [C, T_k] where codebooks differ in rate.
        sample_rate: of the original, in Hz; the model's if it is missing.
        samples: of the original per channel: a number, or of a batch [B]; as many as the frames stand for if it is missing.
        """
        rate = checked_rate(self.sample_rate if sample_rate is None else sample_rate)
        if isinstance(array, (list, tuple)):
            return Codes([self._made(_joined([as_array(book, "codes") for book in array]), rate, samples)], "CT" if np.ndim(array[0]) > 1 else "T")
        codes = as_array(array, "codes")
        if codes.ndim not in (2, 3, 4) or codes.dtype.kind not in "iu":
            raise UsageError(f"codes has shape {codes.shape} and dtype {codes.dtype}; integers [K, T], [C, K, T] or [B, C, K, T] are needed")
        if codes.ndim < 4:
            whole = codes[None] if codes.ndim == 2 else codes
            return Codes([self._made((whole.reshape(-1), whole.shape[0], whole.shape[1], whole.shape[2]), rate, samples)], "T" if codes.ndim == 2 else "CT")
        counts = [None] * len(codes) if samples is None else lengths_of(samples, len(codes), 2**48)
        return Codes([self._made((item.reshape(-1), *item.shape), rate, count) for item, count in zip(codes, counts)], "BCT")

    def _made(self, parts: tuple[Any, int, int, int], rate: int, samples: Any) -> lib.Owned:
        flat, tracks, books, frames = parts
        if flat.size and (flat.max() >= 2**31 or flat.min() < -(2**31)):
            raise UsageError("codes has numbers that no codebook has")
        values = np.ascontiguousarray(flat, np.int32)
        options = lib.CodeArray(
            c.sizeof(lib.CodeArray), values.ctypes.data if values.size else None, values.size, tracks, books, frames, rate, 0,
            -1 if samples is None else int(samples), None, 0)
        return lib.made("codes_make", self._handle.value, c.byref(options))

    # Streams

    def encoder(
        self, sample_rate: int | None = None, channels: int = 1, *, bitrate: float | None = None, codebooks: int | None = None,
        search: str | None = None, entropy: str | None = None, preset: str | None = None, downmix: bool = False,
    ) -> StreamEncoder:
        """An encoder that takes audio as it comes. Its codes are those of `encode`, however the audio is cut."""
        flag = lib.Flag()
        options = encode_options(flag, bitrate, codebooks, search, entropy, preset, downmix)
        rate = checked_rate(self.sample_rate if sample_rate is None else sample_rate)
        return StreamEncoder(lib.made("encoder_create", self._handle.value, rate, channels, c.byref(options)), channels, flag)

    def decoder(self, codes: Codes, *, codebooks: int | None = None, ignore_weights: bool = False, live: bool = False) -> StreamDecoder:
        """A decoder for the stream that `codes` are of, which are not decoded yet. `live`: hold nothing back for the exact length at the end."""
        flag = lib.Flag()
        options = decode_options(flag, codebooks, ignore_weights, live)
        first = codes._one("codes")
        return StreamDecoder(lib.made("decoder_create", self._handle.value, first, c.byref(options)), codes.channels, flag)


def items_of(x: Any, lengths: Any) -> tuple[list[FloatArray], str]:
    """The items of `x`, each [T] or [C, T], and its form."""
    if isinstance(x, (list, tuple)) and x and np.ndim(x[0]) > 0:
        items = [as_audio(item, f"x[{index}]") for index, item in enumerate(x)]
        if lengths is not None:
            raise UsageError("lengths is for padded arrays; the items of a list have their own")
        return items, "BT" if all(item.ndim == 1 for item in items) else "BCT"
    array = as_audio(x)
    if array.ndim == 1 and lengths is None:
        return [array], "T"
    if array.ndim == 2 and lengths is None:
        return [array], "CT"
    if array.ndim not in (2, 3):
        raise UsageError(f"x has shape {array.shape}; audio is [T], [C, T] or [B, C, T], and [B, T] with lengths")
    counts = lengths_of(lengths, len(array), array.shape[-1])
    return [item[..., :count] for item, count in zip(array, counts)], "BT" if array.ndim == 2 else "BCT"


def _joined(books: list[FloatArray]) -> tuple[Any, int, int, int]:
    """Codes of codebooks that differ in rate, as the library takes them: a track's codebooks one behind the other."""
    tracks = [book[None] if book.ndim == 1 else book for book in books]
    if any(book.ndim != 2 or book.dtype.kind not in "iu" or len(book) != len(tracks[0]) for book in tracks):
        raise UsageError("codes has codebooks that are no integers [T] or [C, T] of as many tracks")
    flat = np.concatenate(tracks, axis=1).reshape(-1)
    return flat, len(tracks[0]), len(tracks), max(book.shape[1] for book in tracks)
