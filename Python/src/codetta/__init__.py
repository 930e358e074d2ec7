"""Audio as discrete tokens and back: exact neural audio codecs on the CPU.

    model = codetta.load("codetta-24k")
    codes = model.encode(x, sample_rate=44_100, bitrate=3)
    codes.array                     # [K, T], int32
    y = model.decode(codes)         # rate, channels and number of samples as they came
"""
from ._library import version
from .codes import Codes
from .errors import (
    BadConfigError, BadDataError, CancelledError, CannotCreateError, Error, InputOutputError, InternalError, NoInputError, UsageError,
)
from .files import evaluate, read, read_bytes, to_bytes, write
from .model import Model, list_models, load
from .streams import StreamDecoder, StreamEncoder

__version__: str = version()

__all__ = [
    "BadConfigError", "BadDataError", "CancelledError", "CannotCreateError", "Codes", "Error", "InputOutputError", "InternalError", "Model",
    "NoInputError", "StreamDecoder", "StreamEncoder", "UsageError", "evaluate", "list_models", "load", "read", "read_bytes", "to_bytes", "write",
]
