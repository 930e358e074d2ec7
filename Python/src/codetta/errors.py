"""What can go wrong: one class for each status of the library, with the command's words."""

from __future__ import annotations


class Error(Exception):
    """Something went wrong. The text is one line that names the argument or the file."""

    status: int = 1
    """The exit code of the command for this kind of error."""


class UsageError(Error, ValueError):
    """An argument makes no sense, or the model cannot do what is asked for."""

    status: int = 64


class BadDataError(Error, ValueError):
    """The input is not what it should be: damaged files, codes out of range, samples that are not numbers."""

    status: int = 65


class NoInputError(Error, FileNotFoundError):
    """There is no input, it cannot be opened, or a library that it needs is not installed."""

    status: int = 66


class InternalError(Error, RuntimeError):
    """The library broke a promise to itself. Please report it."""

    status: int = 70


class CannotCreateError(Error, FileExistsError):
    """The output exists and is to be kept, or cannot be made."""

    status: int = 73


class InputOutputError(Error, OSError):
    """Reading or writing failed half-way."""

    status: int = 74


class BadConfigError(Error, ValueError):
    """A model's config holds a value that no model can have."""

    status: int = 78


class CancelledError(Error):
    """The call was ended early."""

    status: int = 130


class BrokenOutputError(Error, BrokenPipeError):
    """The reader of the output went away."""

    status: int = 141


_CLASSES: dict[int, type[Error]] = {
    kind.status: kind
    for kind in (
        UsageError, BadDataError, NoInputError, InternalError, CannotCreateError, InputOutputError, BadConfigError, CancelledError,
        BrokenOutputError,
    )
}


def error_of(status: int, message: str) -> Error:
    """The exception for a status of the library."""
    return _CLASSES.get(status, Error)(message)
