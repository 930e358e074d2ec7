"""The C library: where it is, its structs and functions (codetta.h documents them), and what its statuses become."""
from __future__ import annotations

import ctypes as c
import os
import threading
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .errors import BY_STATUS, Error, InternalError

Handle = c.c_void_p


class Audio(c.Structure):
    _fields_ = [
        ("data", c.c_void_p), ("type", c.c_int), ("channels", c.c_int32), ("samples", c.c_int64), ("sample_stride", c.c_int64),
        ("channel_stride", c.c_int64)]


class ModelInfo(c.Structure):
    _fields_ = [
        ("size", c.c_size_t), ("sample_rate", c.c_int32), ("channels", c.c_int32), ("hop_length", c.c_int32), ("codebooks", c.c_int32),
        ("frame_rate", c.c_double), ("kilobits", c.c_double), ("latency", c.c_int64), ("parameters", c.c_int64), ("is_truncatable", c.c_int32),
        ("is_streaming", c.c_int32), ("is_ragged", c.c_int32), ("has_entropy_model", c.c_int32), ("name", c.c_char_p), ("type", c.c_char_p),
        ("license", c.c_char_p)]


class Codebook(c.Structure):
    _fields_ = [("count", c.c_int64), ("stride", c.c_int32)]


class EncodeOptions(c.Structure):
    _fields_ = [
        ("size", c.c_size_t), ("kilobits", c.c_double), ("codebooks", c.c_int32), ("downmix", c.c_int32), ("search", c.c_char_p), ("entropy", c.c_int),
        ("preset", c.c_int), ("cancel", c.c_void_p)]


class DecodeOptions(c.Structure):
    _fields_ = [("size", c.c_size_t), ("codebooks", c.c_int32), ("ignore_weights", c.c_int32), ("live", c.c_int32), ("cancel", c.c_void_p)]


class CodesInfo(c.Structure):
    _fields_ = [
        ("size", c.c_size_t), ("tracks", c.c_int32), ("codebooks", c.c_int32), ("frames", c.c_int64), ("count", c.c_int64), ("segments", c.c_int64),
        ("samples", c.c_int64), ("sample_rate", c.c_int32), ("channels", c.c_int32), ("original_channels", c.c_int32), ("codec_sample_rate", c.c_int32),
        ("hop_length", c.c_int32), ("is_ragged", c.c_int32), ("frame_rate", c.c_double), ("kilobits", c.c_double), ("entropy", c.c_int),
        ("preset", c.c_int), ("model", c.c_char_p), ("type", c.c_char_p)]


class CodeArray(c.Structure):
    _fields_ = [
        ("size", c.c_size_t), ("codes", c.c_void_p), ("count", c.c_int64), ("tracks", c.c_int32), ("codebooks", c.c_int32), ("frames", c.c_int64),
        ("sample_rate", c.c_int32), ("original_channels", c.c_int32), ("samples", c.c_int64), ("segments", c.c_void_p), ("segment_count", c.c_int64)]


class ReadOptions(c.Structure):
    _fields_ = [("size", c.c_size_t), ("model", Handle), ("lenient", c.c_int32), ("cancel", c.c_void_p)]


class WriteOptions(c.Structure):
    _fields_ = [
        ("size", c.c_size_t), ("format", c.c_char_p), ("entropy", c.c_int), ("preset", c.c_int), ("keep_existing", c.c_int32), ("model", Handle)]


class MeasureOptions(c.Structure):
    _fields_ = [("size", c.c_size_t), ("measures", c.c_char_p), ("max_delay", c.c_double), ("cancel", c.c_void_p)]


ENTROPY = {None: 0, "none": 1, "adaptive": 2, "lm": 3}
PRESET = {None: 0, "archive": 1, "stream": 2}
P = c.POINTER
_TEXT = P(c.c_void_p)
_FUNCTIONS: dict[str, list[Any]] = {
    "free": [c.c_void_p], "model_load": [c.c_char_p, P(Handle)], "model_get_info": [Handle, P(ModelInfo)],
    "model_get_codebook": [Handle, c.c_int32, P(Codebook)], "model_get_kilobits": [Handle, c.c_int32, P(c.c_double)],
    "add_models": [c.c_char_p], "list_models": [_TEXT], "set_threads": [Handle, c.c_int32], "codes_make": [Handle, P(CodeArray), P(Handle)],
    "codes_get_info": [Handle, P(CodesInfo)], "codes_get_codebook": [Handle, c.c_int32, P(Codebook)], "codes_get": [Handle, c.c_void_p, c.c_int64],
    "codes_copy": [Handle, P(Handle)], "codes_append": [Handle, Handle], "codes_set_tag": [Handle, c.c_char_p, c.c_char_p],
    "codes_get_tags": [Handle, _TEXT], "encode": [Handle, P(Audio), c.c_int32, P(EncodeOptions), P(Handle)],
    "decode": [Handle, Handle, P(DecodeOptions), P(Audio)],
    "encode_batch": [Handle, P(Audio), c.c_int64, c.c_int32, P(EncodeOptions), P(Handle)],
    "decode_batch": [Handle, P(Handle), c.c_int64, P(DecodeOptions), P(Audio)],
    "encoder_create": [Handle, c.c_int32, c.c_int32, P(EncodeOptions), P(Handle)], "encoder_push": [Handle, P(Audio), P(Handle)],
    "encoder_finish": [Handle, P(Handle)], "encoder_copy": [Handle, P(Handle)], "decoder_create": [Handle, Handle, P(DecodeOptions), P(Handle)],
    "decoder_push": [Handle, Handle, P(c.c_int64)], "decoder_finish": [Handle, c.c_int64, P(c.c_int64)],
    "decoder_read": [Handle, P(Audio), P(c.c_int64)], "decoder_copy": [Handle, P(Handle)], "read": [c.c_char_p, P(ReadOptions), P(Handle)],
    "read_bytes": [c.c_char_p, c.c_size_t, P(ReadOptions), P(Handle)], "write": [Handle, c.c_char_p, P(WriteOptions)],
    "write_bytes": [Handle, P(WriteOptions), _TEXT, P(c.c_size_t)],
    "measure": [P(Audio), c.c_int32, P(Audio), c.c_int32, P(MeasureOptions), _TEXT],
}


def _open() -> c.CDLL:
    here = Path(__file__).resolve().parent
    path = os.environ.get("CODETTA_LIBRARY") or str(here / "lib" / "libcodetta.so.0")
    # What bundled libraries need in turn is found by its name once it is loaded.
    for needed in sorted((here / "lib").glob("libgomp*.so*")):
        c.CDLL(str(needed))
    library = c.CDLL(path)
    for name, arguments in _FUNCTIONS.items():
        function = getattr(library, "codetta_" + name)
        function.argtypes, function.restype = arguments, c.c_int
    for name in ("last_message", "version"):
        function = getattr(library, "codetta_" + name)
        function.argtypes, function.restype = [], c.c_char_p
    models = here / "models"
    if models.is_dir():
        library.codetta_add_models(os.fsencode(models))
    return library


library = _open()


def version() -> str:
    return bytes(library.codetta_version()).decode()


def check(status: int) -> None:
    """Raises what a status stands for, in the library's words."""
    if status:
        raise failure(status, library.codetta_last_message().decode())


def failure(status: int, message: str) -> Error:
    return BY_STATUS.get(status, InternalError)(message)


def call(name: str, *arguments: Any) -> None:
    """A function that takes little time."""
    check(getattr(library, "codetta_" + name)(*arguments))


class Flag:
    """Ends a long call early when it is set."""

    def __init__(self) -> None:
        self._value = c.c_int32(0)
        self.address = c.addressof(self._value)

    def set(self) -> None:
        self._value.value = 1


def call_long(flag: Flag, name: str, *arguments: Any, audio: str = "audio") -> None:
    """A function that may take long and looks at `flag`: an interrupt from the keyboard ends it.

    `audio` is what the caller calls the argument that the library's messages call "audio", or "items" in batches.
    """
    function = getattr(library, "codetta_" + name)
    if threading.current_thread() is not threading.main_thread():
        status = function(*arguments)
        if status:
            raise failure(status, _renamed(library.codetta_last_message().decode(), audio))
        return
    result: list[tuple[int, str]] = []

    def run() -> None:
        status = function(*arguments)
        # The message is the calling thread's.
        result.append((status, library.codetta_last_message().decode() if status else ""))

    worker = threading.Thread(target=run, daemon=True)
    worker.start()
    try:
        worker.join()
    except BaseException:
        flag.set()
        worker.join()
        raise
    status, message = result[0]
    if status:
        raise failure(status, _renamed(message, audio))


def _renamed(message: str, audio: str) -> str:
    for name in ("audio", "items"):
        if message.startswith((name + ":", name + "[")):
            return audio + message[len(name) :]
    return message


class Owned:
    """A handle that is freed with its owner."""

    def __init__(self, handle: Handle) -> None:
        if not handle.value:
            raise InternalError("no handle")
        self.value: int = handle.value
        self._free: Callable[[], Any] = weakref.finalize(self, library.codetta_free, handle.value)

    def free(self) -> None:
        self._free()


def made(name: str, *arguments: Any) -> Owned:
    """What a function stores through its last parameter."""
    handle = Handle()
    call(name, *arguments, c.byref(handle))
    return Owned(handle)


def text(name: str, *arguments: Any) -> str:
    """The text that a function stores through its last parameter."""
    pointer = c.c_void_p()
    call(name, *arguments, c.byref(pointer))
    try:
        return c.string_at(pointer).decode() if pointer else ""
    finally:
        library.codetta_free(pointer)


def choice(value: str | None, names: dict[str | None, int], argument: str) -> int:
    if value not in names:
        raise failure(64, f"{argument}: {value!r} is none of {', '.join(repr(name) for name in names if name)}")
    return names[value]
