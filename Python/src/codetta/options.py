"""Options of the library's calls, checked under the names that they have here."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from . import _native
from ._arrays import whole
from ._calls import Cancel
from .errors import UsageError

if TYPE_CHECKING:
    from .model import Model


def _choice(value: str | None, choices: dict[str | None, int], name: str) -> int:
    if value not in choices:
        raise UsageError(f"{name}: is {value!r}, and must be one of {', '.join(str(choice) for choice in choices if choice)}")
    return choices[value]


def encode_options(
    model: Model, cancel: Cancel, bitrate: float | None, codebooks: int | None, downmix: bool, search: str | None, entropy: str | None,
    preset: str | None = None,
) -> _native.EncodeOptions:
    """How audio is encoded. `cancel` must live as long."""
    kilobits = 0.0
    if bitrate is not None:
        if codebooks is not None:
            raise UsageError("bitrate: cannot be combined with codebooks")
        try:
            kilobits = float(bitrate)
        except (TypeError, ValueError):
            raise UsageError(f"bitrate: is {bitrate!r}, which is no number") from None
        if not (math.isfinite(kilobits) and kilobits > 0):
            raise UsageError(f"bitrate: is {bitrate!r}, and must be more than 0 kb/s")
    return _native.EncodeOptions(
        kilobits=kilobits,
        codebooks=0 if codebooks is None else whole(codebooks, "codebooks", 1, model.codebooks),
        downmix=bool(downmix),
        search=_text(search, "search"),
        entropy=_choice(entropy, _native.ENTROPY, "entropy"),
        preset=_choice(preset, _native.PRESET, "preset"),
        cancel=cancel.address,
    )


def decode_options(cancel: Cancel, codebooks: int | None, ignore_weights: bool, live: bool = False) -> _native.DecodeOptions:
    """How codes are decoded. `cancel` must live as long."""
    return _native.DecodeOptions(
        codebooks=0 if codebooks is None else whole(codebooks, "codebooks", 1),
        ignore_weights=bool(ignore_weights),
        live=bool(live),
        cancel=cancel.address,
    )


def write_options(
    model: Model | None, entropy: str | None, preset: str | None, format: str | None, overwrite: bool
) -> _native.WriteOptions:
    """How token files are written."""
    return _native.WriteOptions(
        format=_text(format, "format"),
        entropy=_choice(entropy, _native.ENTROPY, "entropy"),
        preset=_choice(preset, _native.PRESET, "preset"),
        keep_existing=not overwrite,
        model=None if model is None else model._handle.value,
    )


def _text(value: str | None, name: str) -> bytes | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise UsageError(f"{name}: is {value!r}, which is no text")
    return value.encode()
