"""Neural audio codecs: audio becomes discrete codes and audio again, on a CPU.

    import codetta

    model = codetta.load("codetta-24k")
    codes = model.encode(x, sample_rate=44_100, bitrate=3)  # x: [T], [C, T] or [B, C, T]
    codes.array                                             # [K, T], [C, K, T] or [B, C, K, T]
    y = model.decode(codes)                                 # the same rate, channels and number of samples
    codetta.write(codes, "a.codetta", entropy="lm")

Names are imported when they are first used, so that `import codetta` takes no time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .codes import Codes, join
    from .errors import (
        BadConfigError, BadDataError, BrokenOutputError, CancelledError, CannotCreateError, Error, InputOutputError, InternalError,
        NoInputError, UsageError,
    )
    from .files import read, to_bytes, write
    from .measures import evaluate
    from .model import Model, add_models, list_models, load
    from .streams import Decoder, Encoder

__version__ = "0.1.0"

_HOMES = {
    "codes": ("Codes", "join"),
    "errors": (
        "BadConfigError", "BadDataError", "BrokenOutputError", "CancelledError", "CannotCreateError", "Error", "InputOutputError",
        "InternalError", "NoInputError", "UsageError",
    ),
    "files": ("read", "to_bytes", "write"),
    "measures": ("evaluate",),
    "model": ("Model", "add_models", "list_models", "load"),
    "streams": ("Decoder", "Encoder"),
}

__all__ = [
    "BadConfigError", "BadDataError", "BrokenOutputError", "CancelledError", "CannotCreateError", "Codes", "Decoder", "Encoder", "Error",
    "InputOutputError", "InternalError", "Model", "NoInputError", "UsageError", "__version__", "add_models", "evaluate", "join",
    "list_models", "load", "read", "to_bytes", "write",
]


def __getattr__(name: str) -> Any:
    for home, names in _HOMES.items():
        if name in names:
            from importlib import import_module

            value = getattr(import_module(f".{home}", __name__), name)
            globals()[name] = value
            return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
