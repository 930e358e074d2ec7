"""Models: codecs with their weights."""

from __future__ import annotations

import os
from collections.abc import Sequence
from ctypes import byref, c_double, c_void_p
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from . import _native
from ._arrays import AnyArray, Layout, audio_type, describe, describe_all, samples_of, split, whole
from ._calls import Cancel, Handle, check, json_of, make
from ._native import library
from .codes import Codes
from .errors import UsageError
from .making import codes_of_arrays
from .options import decode_options, encode_options, write_options
from .streams import Decoder, Encoder

_NAMES = {"audio": "x", "items": "x", "": "x"}


class Model:
    """A codec with its weights. It does not change, and may be used by many threads at once. It pickles by its name or path.

    `codetta.load` makes one.
    """

    def __init__(self, name: str | os.PathLike[str], threads: int | None = None) -> None:
        """See `codetta.load`."""
        path = os.fspath(name)
        if not isinstance(path, str):
            raise UsageError(f"name: is {name!r}; it is a name or a path")
        # A path goes on to mean the same folder after a change of the working directory, and in another process.
        self._source = os.path.abspath(path) if os.sep in path and os.path.isdir(path) else path
        self._handle = make("model", library.codetta_model_load, self._source.encode())
        self._info = _native.ModelInfo()
        check(library.codetta_model_get_info(self._handle.value, byref(self._info)))
        self.threads = processors() if threads is None else threads

    @property
    def source(self) -> str:
        """The name or the path that it was loaded by."""
        return self._source

    @property
    def name(self) -> str:
        """What token files call it."""
        name: bytes = self._info.name
        return name.decode()

    @property
    def type(self) -> str:
        """Its family, such as "soundstream"."""
        name: bytes = self._info.type
        return name.decode()

    @property
    def license(self) -> str:
        """Licence of the weights."""
        name: bytes = self._info.license or b""
        return name.decode()

    @property
    def sample_rate(self) -> int:
        """The codec's own rate in Hz. Audio of other rates is converted on the way in and out."""
        return int(self._info.sample_rate)

    @property
    def frame_rate(self) -> float:
        """Frames per second."""
        return float(self._info.frame_rate)

    @property
    def hop_length(self) -> int:
        """Samples at `sample_rate` that one frame stands for."""
        return int(self._info.hop_length)

    @property
    def channels(self) -> int:
        """Channels that are coded together, in one track. A mono model codes up to 8 channels, each in a track of its own."""
        return int(self._info.channels)

    @property
    def codebooks(self) -> int:
        """Of a track."""
        return int(self._info.codebooks)

    @cached_property
    def codebook_sizes(self) -> list[int]:
        """How many codes each codebook has: codes are 0 to one less."""
        return [book.count for book in self._books]

    @cached_property
    def strides(self) -> list[int]:
        """Frames that one code of each codebook covers; all 1 unless the model is ragged."""
        return [book.stride for book in self._books]

    @cached_property
    def _books(self) -> list[_native.Codebook]:
        books = [_native.Codebook() for _ in range(self.codebooks)]
        for i, book in enumerate(books):
            check(library.codetta_model_get_codebook(self._handle.value, i, byref(book)))
        return books

    @cached_property
    def bitrates(self) -> list[float]:
        """Nominal bitrates of one track in kb/s: with the first codebook, with two, and so on; of a model that needs all, that one alone."""
        counts = range(1, self.codebooks + 1) if self.is_truncatable else [self.codebooks]
        rates = []
        for count in counts:
            rate = c_double()
            check(library.codetta_model_get_kilobits(self._handle.value, count, byref(rate)))
            rates.append(rate.value)
        return rates

    @property
    def latency(self) -> int:
        """Samples at `sample_rate` that a decoded sample is known later than the one that it stands for."""
        return int(self._info.latency)

    @property
    def parameters(self) -> int:
        """Elements of all tensors."""
        return int(self._info.parameters)

    @property
    def is_truncatable(self) -> bool:
        """Whether the first n codebooks alone decode."""
        return bool(self._info.is_truncatable)

    @property
    def is_streaming(self) -> bool:
        """Whether nothing waits for the end of the signal."""
        return bool(self._info.is_streaming)

    @property
    def is_ragged(self) -> bool:
        """Whether codebooks have rates of their own, so that `Codes.array` is a list."""
        return bool(self._info.is_ragged)

    @property
    def has_entropy_model(self) -> bool:
        """Whether files can be written with `entropy="lm"`."""
        return bool(self._info.has_entropy_model)

    @property
    def threads(self) -> int:
        """How many threads a call uses: 1 to 64. No result depends on it, to the bit. Streams use one unless told otherwise."""
        return self._threads

    @threads.setter
    def threads(self, count: int) -> None:
        self._threads = whole(count, "threads", 1, 64)
        check(library.codetta_set_threads(self._handle.value, self._threads))

    def encode(
        self, x: AnyArray, sample_rate: int | None = None, bitrate: float | None = None, lengths: ArrayLike | None = None, *,
        codebooks: int | None = None, downmix: bool = False, search: str | None = None, entropy: str | None = None,
        dtype: DTypeLike = np.int32,
    ) -> Codes:
        """Turns audio into codes.

        Args:
            x: Samples [T], [C, T] or [B, C, T], or [B, T] together with `lengths`. NumPy arrays, tensors on the CPU, anything with
                `__array__`, `__dlpack__` or the buffer protocol. Floating-point numbers in -1 ... 1, or int16. int16 and float32 are
                read where they are, whatever their strides.
            sample_rate: Of `x` in Hz, 1000 to 768 000; the model's own if it is left out.
            bitrate: Use as many codebooks as stay within so many kb/s, all channels of an item together.
            lengths: Samples of each item of a padded batch, [B]. What lies behind them is not looked at.
            codebooks: Use the first so many codebooks. All, if neither this nor `bitrate` is given.
            downmix: Mix all channels to one first.
            search: How to search for codes: "greedy" (the default), "beam:N", "beam:N:R", "rate:N" or "rate:N:W".
            entropy: What the codes are written with unless told otherwise, and what a search by rate weighs: "none" (the default),
                "adaptive" or "lm".
            dtype: Integer type of `Codes.array`.

        Returns:
            Codes whose `array` is [K, T], [C, K, T], [B, C, K, T], or [B, K, T], of K codebooks and T frames. Every item of a batch has the
            codes that it has by itself, to the bit, whatever the batch, its order, its padding and the number of threads.
        """
        items, layout = split(samples_of(x, "x"), lengths, "x")
        rate = self._rate(sample_rate)
        cancel = Cancel()
        options = encode_options(self, cancel, bitrate, codebooks, downmix, search, entropy)

        def encode() -> list[Handle]:
            if not layout.batch:
                audio = describe(items[0])
                return [make("codes", library.codetta_encode, self._handle.value, byref(audio), rate, byref(options), names=_NAMES)]
            found = (c_void_p * len(items))()
            audios = describe_all(items)
            check(library.codetta_encode_batch(self._handle.value, audios, len(items), rate, byref(options), found), _NAMES)
            return [Handle(value, "codes") for value in found]

        seconds = sum(item.size for item in items) / rate
        return Codes(cancel.run(encode) if seconds > _LONG else encode(), layout, dtype)

    def decode(
        self, codes: Codes | AnyArray | Sequence[AnyArray], sample_rate: int | None = None, lengths: ArrayLike | None = None, *,
        samples: ArrayLike | None = None, codebooks: int | None = None, dtype: DTypeLike = np.float32, ignore_weights: bool = False,
    ) -> NDArray[Any]:
        """Turns codes into audio.

        Args:
            codes: `Codes`, or an array as of `Codes.array`: [K, T], [C, K, T] or [B, C, K, T], or [B, K, T] together with `lengths`.
            sample_rate, lengths, samples: For an array, as of `Model.codes`.
            codebooks: Decode the first so many codebooks.
            dtype: float32, in -1 ... 1, or int16.
            ignore_weights: Decode even what other weights of the same codec made.

        Returns:
            Samples [T], [C, T], [B, C, T], or [B, T], at the original's rate, with its channels and its very number of samples.
            Shorter items of a batch end in zeros; `Codes.samples` says where.
        """
        if not isinstance(codes, Codes):
            codes = self.codes(codes, sample_rate, lengths, samples=samples)
        elif sample_rate is not None or lengths is not None or samples is not None:
            raise UsageError("codes: they know their sample_rate, lengths and samples; these belong to arrays")
        kind = audio_type(dtype)
        counts = [int(info.samples) for info in codes._infos]
        channels = [int(info.channels) for info in codes._infos]
        out = np.zeros((len(counts), max(channels), max(counts)), kind)
        items = [row[:channel, :count] for row, channel, count in zip(out, channels, counts)]
        handles = [handle.value for handle in codes._handles]
        cancel = Cancel()
        options = decode_options(cancel, codebooks, ignore_weights)

        def decode() -> None:
            if len(items) == 1:
                audio = describe(items[0])
                check(library.codetta_decode(self._handle.value, handles[0], byref(options), byref(audio)), {"audio": "codes"})
            else:
                values = (c_void_p * len(handles))(*handles)
                check(
                    library.codetta_decode_batch(self._handle.value, values, len(handles), byref(options), describe_all(items)),
                    {"items": "codes", "audio": "codes"})

        if sum(counts) / codes.sample_rate > _LONG:
            cancel.run(decode)
        else:
            decode()
        return codes._layout.strip(out)

    def codes(
        self, array: AnyArray | Sequence[AnyArray], sample_rate: int | None = None, lengths: ArrayLike | None = None, *,
        samples: ArrayLike | None = None, segments: ArrayLike | None = None,
    ) -> Codes:
        """Codes that came from elsewhere, such as a language model, as codes of this model. Each is checked.

        Args:
            array: Whole numbers [K, T], [C, K, T] or [B, C, K, T], or [B, K, T] together with `lengths`. K may be less than the model's
                codebooks, if it `is_truncatable`. For a ragged model a list with an array for each codebook.
            sample_rate: That decoding shall give, in Hz; the model's own if it is left out.
            lengths: Frames of each item of a padded batch, [B].
            samples: Samples that decoding shall give, a number, or [B]; as many as the frames stand for if it is left out.
            segments: Of one recording, as of `Codes.segments`.
        """
        return codes_of_arrays(self, array, self._rate(sample_rate), lengths, samples, segments)

    def encoder(
        self, sample_rate: int | None = None, bitrate: float | None = None, channels: int | None = None, *,
        codebooks: int | None = None, downmix: bool = False, search: str | None = None, entropy: str | None = None, threads: int = 1,
        dtype: DTypeLike = np.int32,
    ) -> Encoder:
        """An encoder for audio that comes in pieces. The codes do not depend on how it is cut, and are those of `encode`.

        Without `channels` a mono model takes pieces [T] and gives codes [K, T]; with `channels` they are [C, T] and [C, K, T].
        The other arguments are those of `encode`. It can be used in a `with` statement, which closes it.
        """
        cancel = Cancel()
        options = encode_options(self, cancel, bitrate, codebooks, downmix, search, entropy)
        layout = Layout(batch=False, channel=channels is not None or self.channels > 1)
        count = self.channels if channels is None else whole(channels, "channels", 1, 64)
        rate = self._rate(sample_rate)
        handle = make("encoder", library.codetta_encoder_create, self._handle.value, rate, count, byref(options))
        check(library.codetta_set_threads(handle.value, whole(threads, "threads", 1, 64)))
        return Encoder(handle, cancel, layout, rate, count, dtype)

    def decoder(
        self, *, live: bool = False, codebooks: int | None = None, ignore_weights: bool = False, threads: int = 1,
        dtype: DTypeLike = np.float32,
    ) -> Decoder:
        """A decoder for codes that come in pieces. The audio does not depend on how they are cut, and is that of `decode`.

        Args:
            live: The exact length is known at the end of a stream only, so the last samples, some hundreds of milliseconds, are held back
                until then. True: nothing is held back but what the codec needs, and at the end up to as much audio may have come that was
                not in the original.
            codebooks, ignore_weights, dtype: As of `decode`.
        """
        cancel = Cancel()
        options = decode_options(cancel, codebooks, ignore_weights, live)
        return Decoder(self, cancel, options, whole(threads, "threads", 1, 64), audio_type(dtype))

    def encode_file(
        self, source: str | os.PathLike[str], target: str | os.PathLike[str], bitrate: float | None = None, *,
        codebooks: int | None = None, downmix: bool = False, search: str | None = None, entropy: str | None = None,
        preset: str | None = None, format: str | None = None, overwrite: bool = True,
    ) -> dict[str, Any]:
        """Encodes an audio file to a token file, in constant memory. Returns what `codetta encode --json` prints.

        WAV and AU are always read; other formats need libsndfile, and MPEG audio libmpg123.
        """
        cancel = Cancel()
        options = encode_options(self, cancel, bitrate, codebooks, downmix, search, entropy, preset)
        writing = write_options(self, entropy, preset, format, overwrite)
        paths = os.fsencode(source), os.fsencode(target)
        found: dict[str, Any] = cancel.run(
            lambda: json_of(library.codetta_encode_file, self._handle.value, *paths, byref(options), byref(writing)))
        return found

    def decode_file(
        self, source: str | os.PathLike[str], target: str | os.PathLike[str], *, codebooks: int | None = None, lenient: bool = False,
        ignore_weights: bool = False,
    ) -> dict[str, Any]:
        """Decodes a token file to an audio file, in constant memory. Returns what `codetta decode --json` prints.

        The extension of `target` chooses the format: WAV if there is none.
        """
        cancel = Cancel()
        options = decode_options(cancel, codebooks, ignore_weights)
        reading = _native.ReadOptions(model=self._handle.value, lenient=bool(lenient), cancel=cancel.address)
        paths = os.fsencode(source), os.fsencode(target)
        found: dict[str, Any] = cancel.run(
            lambda: json_of(library.codetta_decode_file, self._handle.value, *paths, byref(options), byref(reading)))
        return found

    def close(self) -> None:
        """Frees the model now. Its codes and streams live on."""
        self._handle.close()

    def __reduce__(self) -> tuple[Any, ...]:
        return Model, (self._source, self._threads)

    def __repr__(self) -> str:
        return f"<codetta.Model {self.name}, {self.sample_rate} Hz, {self.codebooks} codebooks, up to {self.bitrates[-1]:g} kb/s>"

    def _rate(self, sample_rate: int | None) -> int:
        return self.sample_rate if sample_rate is None else whole(sample_rate, "sample_rate", 1000, 768_000)


_LONG = 2.0
"""Seconds of audio, all channels together, from which on a call is made so that Ctrl-C ends it: tens of milliseconds of work."""


def processors() -> int:
    """Processors that this process may use, 64 at most."""
    affinity = getattr(os, "sched_getaffinity", None)
    return min(64, len(affinity(0)) if affinity else os.cpu_count() or 1)


def load(name: str | os.PathLike[str] = "codetta-24k", threads: int | None = None) -> Model:
    """Loads a model. No network is used.

    Args:
        name: Its name, the path of its folder, or "owner/name" of the hub's cache. Names are looked up in the folders of the environment
            variable CODETTA_MODELS, in this package, in `Models` of the working directory, and last in the hub's cache.
        threads: How many threads a call uses: all processors that this process may use, if it is left out.
    """
    return Model(name, threads)


def list_models() -> list[str]:
    """The names that `load` finds."""
    found: list[str] = json_of(library.codetta_list_models)
    return found


def add_models(folder: str | os.PathLike[str]) -> None:
    """Has `load` look for names in a folder of model folders too."""
    check(library.codetta_add_models(os.fsencode(folder)))
