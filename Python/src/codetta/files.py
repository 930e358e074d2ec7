"""Token files, and measures."""
from __future__ import annotations

import ctypes as c
import json
import os
from typing import Any

from . import _library as lib
from ._arrays import as_audio, view
from .codes import Codes, _bytes
from .model import Model, checked_rate


def _read_options(model: Model | None, lenient: bool) -> lib.ReadOptions:
    return lib.ReadOptions(c.sizeof(lib.ReadOptions), model._handle.value if model else None, int(lenient), None)


def _write_options(format: str | None, entropy: str | None, preset: str | None, overwrite: bool, model: Model | None) -> lib.WriteOptions:
    return lib.WriteOptions(
        c.sizeof(lib.WriteOptions), format.encode() if format else None, lib.choice(entropy, lib.ENTROPY, "entropy"),
        lib.choice(preset, lib.PRESET, "preset"), int(not overwrite), model._handle.value if model else None)


def _form(handle: lib.Owned) -> Codes:
    codes = Codes([handle], "T")
    if codes.channels > 1:
        codes.form = "CT"
    return codes


def read(path: str | os.PathLike[str], *, model: Model | None = None, lenient: bool = False) -> Codes:
    """Reads a token file of any format.

    model: of files that do not name it (.npy, .dac), and whose entropy model files need; found by name if it is missing.
    lenient: conceal what is damaged, and give what was found.
    """
    return _form(lib.made("read", os.fsencode(path), c.byref(_read_options(model, lenient))))


def read_bytes(data: bytes, *, model: Model | None = None, lenient: bool = False) -> Codes:
    """Reads the bytes of a token file; see `read`."""
    return _form(lib.made("read_bytes", bytes(data), len(data), c.byref(_read_options(model, lenient))))


def write(
    codes: Codes, path: str | os.PathLike[str], *, format: str | None = None, entropy: str | None = None, preset: str | None = None,
    overwrite: bool = True, model: Model | None = None,
) -> None:
    """Writes codes of one recording to a token file, which appears whole or not at all.

    format: "codetta", "npy", "npz", "json", "safetensors", "ecdc" or "dac"; by the name if it is missing.
    entropy: "none", "adaptive" or "lm", for .codetta files. preset: "archive" or "stream".
    """
    options = _write_options(format, entropy, preset, overwrite, model)
    lib.call("write", codes._one("codes"), os.fsencode(path), c.byref(options))


def to_bytes(
    codes: Codes, *, format: str | None = None, entropy: str | None = None, preset: str | None = None, model: Model | None = None
) -> bytes:
    """The bytes of a token file; see `write`."""
    return _bytes(codes._one("codes"), _write_options(format, entropy, preset, True, model))


def evaluate(
    reference: Any, degraded: Any, sample_rate: int, degraded_rate: int | None = None, *, measures: str | None = None, max_delay: float = 0.25
) -> dict[str, Any]:
    """Compares audio with its original, [T] or [C, T], as `codetta evaluate --json` does.

    sample_rate: of the reference, in Hz; `degraded_rate` if the other has another one.
    measures: names separated by commas; "all"; all that suit the rate if it is missing.
    max_delay: seconds of delay to search for either way; negative for signals that are aligned.
    """
    flag = lib.Flag()
    first, second = as_audio(reference, "reference"), as_audio(degraded, "degraded")
    options = lib.MeasureOptions(c.sizeof(lib.MeasureOptions), measures.encode() if measures else None, max_delay, flag.address)
    pointer, rate = c.c_void_p(), checked_rate(sample_rate)
    lib.call_long(
        flag, "measure", c.byref(view(first, "reference")), rate, c.byref(view(second, "degraded")),
        checked_rate(rate if degraded_rate is None else degraded_rate, "degraded_rate"), c.byref(options), c.byref(pointer))
    try:
        return dict(json.loads(c.string_at(pointer)))
    finally:
        lib.library.codetta_free(pointer)
