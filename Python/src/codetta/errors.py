"""What goes wrong, by kind. Every error has the words of the command `codetta` and, as `status`, its exit code."""
from __future__ import annotations


class Error(Exception):
    """Anything that the library refuses."""

    status = 70


class UsageError(Error, ValueError):
    """An argument makes no sense, or the model cannot do what is asked for."""

    status = 64


class BadDataError(Error, ValueError):
    """The input is there, but not what it should be: damaged files, codes out of range, samples that are not numbers."""

    status = 65


class NoInputError(Error, FileNotFoundError):
    """There is no input, it cannot be opened, or a library that it needs is not installed."""

    status = 66


class InternalError(Error, RuntimeError):
    """The library broke a promise to itself."""


class CannotCreateError(Error, FileExistsError):
    """The output exists and is to be kept, or cannot be made."""

    status = 73


class InputOutputError(Error, OSError):
    """Reading or writing failed half-way."""

    status = 74


class BadConfigError(Error, ValueError):
    """A model's config holds a value that no model can have."""

    status = 78


class CancelledError(Error):
    """The call was ended early."""

    status = 130


BY_STATUS: dict[int, type[Error]] = {
    kind.status: kind
    for kind in (UsageError, BadDataError, NoInputError, InternalError, CannotCreateError, InputOutputError, BadConfigError, CancelledError)
}
