"""Token files: `.codetta` and the formats of others."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from ctypes import byref, c_size_t, c_void_p
from typing import TYPE_CHECKING, BinaryIO, Union

from . import _native
from ._arrays import Layout
from ._calls import Cancel, Handle, check, make
from ._native import library
from .codes import Codes
from .options import write_options

if TYPE_CHECKING:
    from .model import Model

Source = Union[str, "os.PathLike[str]", bytes, bytearray, memoryview, BinaryIO]
Target = Union[str, "os.PathLike[str]", BinaryIO]


def read(source: Source, model: Model | None = None, *, lenient: bool = False) -> Codes:
    """Reads a token file that holds one recording, of any format that Codetta knows.

    Args:
        source: A path (str or PathLike), the bytes of a file, or an open binary file.
        model: The model of files that do not name it (.npy, .dac), and whose entropy model files need. Found by name if it is left out.
        lenient: Conceal what is damaged, and give what was found.

    Returns:
        Codes [K, T] of mono, else [C, K, T].
    """
    handle = handle_of(source, model, lenient)
    info = _native.CodesInfo()
    check(library.codetta_codes_get_info(handle.value, byref(info)))
    return Codes([handle], Layout(batch=False, channel=info.channels > 1))


def write(
    codes: Codes, target: Target, *, format: str | None = None, entropy: str | None = None, preset: str | None = None,
    model: Model | None = None, overwrite: bool = True,
) -> None:
    """Writes codes of one recording to a token file, which appears whole or not at all.

    Args:
        target: A path, or an open binary file.
        format: "codetta", "npy", "npz", "json", "safetensors", "ecdc" or "dac"; by the extension of the path if it is left out.
        entropy: "none", "adaptive" or "lm". If it is left out, as in the file that the codes come from, or as `encode` was told;
            of codes that were made of arrays "none".
        preset: "archive" for few bytes, "stream" for little lost with a page; as in the file that the codes come from, else "archive".
        model: Whose entropy model "lm" uses. Found by name if it is left out.
        overwrite: Whether a file that is there already is replaced.
    """
    handle = codes._single("token files")
    if isinstance(target, (str, os.PathLike)):
        options = write_options(model, entropy, preset, format, overwrite)
        check(library.codetta_write(handle.value, os.fsencode(target), byref(options)), {"path": "target"})
    else:
        target.write(bytes_of(handle, format, entropy, preset, model))


def to_bytes(
    codes: Codes, *, format: str | None = None, entropy: str | None = None, preset: str | None = None, model: Model | None = None
) -> bytes:
    """The bytes of the file that `write` would write."""
    return bytes_of(codes._single("token files"), format, entropy, preset, model)


def handle_of(source: Source, model: Model | None = None, lenient: bool = False) -> Handle:
    """The library's codes of a token file."""
    cancel = Cancel()
    options = _native.ReadOptions(model=None if model is None else model._handle.value, lenient=bool(lenient), cancel=cancel.address)
    call: Callable[[], Handle]
    if isinstance(source, (str, os.PathLike)):
        path = os.fsencode(source)
        call = lambda: make("codes", library.codetta_read, path, byref(options), names={"path": "source"})  # noqa: E731
    else:
        data = bytes(source if isinstance(source, (bytes, bytearray, memoryview)) else source.read())
        call = lambda: make(  # noqa: E731
            "codes", library.codetta_read_bytes, data, len(data), byref(options), names={"bytes": "source"})
    return cancel.run(call)


def bytes_of(
    handle: Handle, format: str | None, entropy: str | None = None, preset: str | None = None, model: Model | None = None
) -> bytes:
    """The bytes of a token file of the library's codes."""
    options = write_options(model, entropy, preset, format, True)
    out, size = c_void_p(), c_size_t()
    check(library.codetta_write_bytes(handle.value, byref(options), byref(out), byref(size)))
    data = Handle(out.value, "bytes")
    return ctypes.string_at(data.value, size.value)
