"""The library's structs and functions, as `codetta.h` declares them."""

from __future__ import annotations

import ctypes
import os
from ctypes import POINTER, c_char_p, c_double, c_float, c_int32, c_int64, c_size_t, c_void_p
from pathlib import Path
from typing import Any

from .errors import NoInputError

FLOAT32, INT16 = 0, 1
ENTROPY = {None: 0, "none": 1, "adaptive": 2, "lm": 3}
PRESET = {None: 0, "archive": 1, "stream": 2}


class Audio(ctypes.Structure):
    _fields_ = [
        ("data", c_void_p), ("type", c_int32), ("channels", c_int32), ("samples", c_int64), ("sample_stride", c_int64),
        ("channel_stride", c_int64),
    ]


class Sized(ctypes.Structure):
    """A struct that begins with its size."""

    def __init__(self, **values: Any) -> None:
        super().__init__(ctypes.sizeof(type(self)), **values)


class ModelInfo(Sized):
    _fields_ = [
        ("size", c_size_t), ("sample_rate", c_int32), ("channels", c_int32), ("hop_length", c_int32), ("codebooks", c_int32),
        ("frame_rate", c_double), ("kilobits", c_double), ("latency", c_int64), ("parameters", c_int64),
        ("is_truncatable", c_int32), ("is_streaming", c_int32), ("is_ragged", c_int32), ("has_entropy_model", c_int32),
        ("name", c_char_p), ("type", c_char_p), ("license", c_char_p),
    ]


class Codebook(ctypes.Structure):
    _fields_ = [("count", c_int64), ("stride", c_int32)]


class EncodeOptions(Sized):
    _fields_ = [
        ("size", c_size_t), ("kilobits", c_double), ("codebooks", c_int32), ("downmix", c_int32), ("search", c_char_p),
        ("entropy", c_int32), ("preset", c_int32), ("cancel", c_void_p),
    ]


class DecodeOptions(Sized):
    _fields_ = [
        ("size", c_size_t), ("codebooks", c_int32), ("ignore_weights", c_int32), ("live", c_int32), ("cancel", c_void_p),
    ]


class CodesInfo(Sized):
    _fields_ = [
        ("size", c_size_t), ("tracks", c_int32), ("codebooks", c_int32), ("frames", c_int64), ("count", c_int64),
        ("segments", c_int64), ("samples", c_int64), ("sample_rate", c_int32), ("channels", c_int32),
        ("original_channels", c_int32), ("codec_sample_rate", c_int32), ("hop_length", c_int32), ("is_ragged", c_int32),
        ("frame_rate", c_double), ("kilobits", c_double), ("entropy", c_int32), ("preset", c_int32), ("model", c_char_p),
        ("type", c_char_p),
    ]


class CodeArray(Sized):
    _fields_ = [
        ("size", c_size_t), ("codes", c_void_p), ("count", c_int64), ("tracks", c_int32), ("codebooks", c_int32),
        ("frames", c_int64), ("sample_rate", c_int32), ("original_channels", c_int32), ("samples", c_int64),
        ("segments", c_void_p), ("segment_count", c_int64),
    ]


class Segment(ctypes.Structure):
    _fields_ = [("frame", c_int64), ("track", c_int32), ("scale", c_float)]


class ReadOptions(Sized):
    _fields_ = [("size", c_size_t), ("model", c_void_p), ("lenient", c_int32), ("cancel", c_void_p)]


class WriteOptions(Sized):
    _fields_ = [
        ("size", c_size_t), ("format", c_char_p), ("entropy", c_int32), ("preset", c_int32), ("keep_existing", c_int32),
        ("model", c_void_p),
    ]


class MeasureOptions(Sized):
    _fields_ = [("size", c_size_t), ("measures", c_char_p), ("max_delay", c_double), ("cancel", c_void_p)]


_OBJECT, _OUT, _AUDIO = c_void_p, POINTER(c_void_p), POINTER(Audio)

_ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "codetta_free": (_OBJECT,),
    "codetta_model_load": (c_char_p, _OUT),
    "codetta_model_get_info": (_OBJECT, POINTER(ModelInfo)),
    "codetta_model_get_codebook": (_OBJECT, c_int32, POINTER(Codebook)),
    "codetta_model_get_kilobits": (_OBJECT, c_int32, POINTER(c_double)),
    "codetta_add_models": (c_char_p,),
    "codetta_list_models": (_OUT,),
    "codetta_set_threads": (_OBJECT, c_int32),
    "codetta_codes_make": (_OBJECT, POINTER(CodeArray), _OUT),
    "codetta_codes_get_info": (_OBJECT, POINTER(CodesInfo)),
    "codetta_codes_get_codebook": (_OBJECT, c_int32, POINTER(Codebook)),
    "codetta_codes_get": (_OBJECT, c_void_p, c_int64),
    "codetta_codes_get_segments": (_OBJECT, c_void_p, c_int64),
    "codetta_codes_copy": (_OBJECT, _OUT),
    "codetta_codes_append": (_OBJECT, _OBJECT),
    "codetta_codes_set_tag": (_OBJECT, c_char_p, c_char_p),
    "codetta_codes_get_tags": (_OBJECT, _OUT),
    "codetta_encode": (_OBJECT, _AUDIO, c_int32, POINTER(EncodeOptions), _OUT),
    "codetta_decode": (_OBJECT, _OBJECT, POINTER(DecodeOptions), _AUDIO),
    "codetta_encode_batch": (_OBJECT, _AUDIO, c_int64, c_int32, POINTER(EncodeOptions), _OUT),
    "codetta_decode_batch": (_OBJECT, _OUT, c_int64, POINTER(DecodeOptions), _AUDIO),
    "codetta_encoder_create": (_OBJECT, c_int32, c_int32, POINTER(EncodeOptions), _OUT),
    "codetta_encoder_push": (_OBJECT, _AUDIO, _OUT),
    "codetta_encoder_finish": (_OBJECT, _OUT),
    "codetta_encoder_copy": (_OBJECT, _OUT),
    "codetta_decoder_create": (_OBJECT, _OBJECT, POINTER(DecodeOptions), _OUT),
    "codetta_decoder_push": (_OBJECT, _OBJECT, POINTER(c_int64)),
    "codetta_decoder_finish": (_OBJECT, c_int64, POINTER(c_int64)),
    "codetta_decoder_read": (_OBJECT, _AUDIO, POINTER(c_int64)),
    "codetta_decoder_copy": (_OBJECT, _OUT),
    "codetta_read": (c_char_p, POINTER(ReadOptions), _OUT),
    "codetta_read_bytes": (c_char_p, c_size_t, POINTER(ReadOptions), _OUT),
    "codetta_write": (_OBJECT, c_char_p, POINTER(WriteOptions)),
    "codetta_write_bytes": (_OBJECT, POINTER(WriteOptions), _OUT, POINTER(c_size_t)),
    "codetta_measure": (_AUDIO, c_int32, _AUDIO, c_int32, POINTER(MeasureOptions), _OUT),
    "codetta_measure_files": (c_char_p, c_char_p, POINTER(MeasureOptions), _OUT),
    "codetta_encode_file": (_OBJECT, c_char_p, c_char_p, POINTER(EncodeOptions), POINTER(WriteOptions), _OUT),
    "codetta_decode_file": (_OBJECT, c_char_p, c_char_p, POINTER(DecodeOptions), POINTER(ReadOptions), _OUT),
}

PACKAGE = Path(__file__).resolve().parent
MODELS = PACKAGE / "share" / "codetta" / "Models"
"""The models that come with the package. They are found before others of the same name, but for those of CODETTA_MODELS."""


def _open() -> ctypes.CDLL:
    """Opens the library of the environment variable CODETTA_LIBRARY, else the one in this package, else the system's."""
    chosen = os.environ.get("CODETTA_LIBRARY")
    inside = sorted((PACKAGE / "lib").glob("libcodetta.so.[0-9]*"))
    path = chosen or (str(inside[-1]) if inside else "libcodetta.so.0")
    try:
        library = ctypes.CDLL(path)
    except OSError as error:
        raise NoInputError(f"{error}; the environment variable CODETTA_LIBRARY can name the file of libcodetta") from None
    for name, arguments in _ARGUMENTS.items():
        function = getattr(library, name)
        function.argtypes, function.restype = arguments, c_int32
    library.codetta_last_message.argtypes, library.codetta_last_message.restype = (), c_char_p
    library.codetta_version.argtypes, library.codetta_version.restype = (), c_char_p
    if MODELS.is_dir():
        library.codetta_add_models(str(MODELS).encode())
    return library


library = _open()
"""The library. Its functions release the interpreter's lock while they run."""
