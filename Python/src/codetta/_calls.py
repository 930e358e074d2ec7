"""Calling the library: statuses become exceptions, handles are freed, and Ctrl-C ends long calls."""

from __future__ import annotations

import ctypes
import json
import re
import threading
from collections.abc import Callable, Mapping
from ctypes import byref, c_int32, c_void_p
from typing import Any, TypeVar

from ._native import library
from .errors import UsageError, error_of

Result = TypeVar("Result")


_ABOUT = [
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"options: there is no (search|format)", r"\1: there is no \1"),
        (r"options: there is no measure", "measures: there is no measure"),
        (r"(the search )", r"search: \1"),
        (r"(\S+ kb/s asked for)", r"bitrate: \1"),
        (r"(\d+ codebooks asked for)", r"codebooks: \1"),
        (r"(\d+ frames do not hold)", r"samples: \1"),
        (r"(no model )", r"name: \1"),
        (r"(the codes come in segments)", r"segments: \1"),
    )
]
"""What the library says of an option, to be given under the name that it has here."""


def check(status: int, names: Mapping[str, str] | None = None) -> None:
    """Raises the exception for a status of the call before.

    Messages begin with the name that an argument has in C; `names` says what it is called in Python. Under "" it has the name of the
    argument that is meant by a message about channels.
    """
    if status:
        raise error_of(status, _renamed(library.codetta_last_message().decode("utf-8", "replace"), names or {}))


def _renamed(message: str, names: Mapping[str, str]) -> str:
    for ours, theirs in names.items():
        if ours and re.match(rf"{ours}\b", message):
            return theirs + message[len(ours):]
    if "" in names and message.startswith("has "):
        return f"{names['']}: {message}"
    for pattern, replacement in _ABOUT:
        found = pattern.match(message)
        if found:
            return found.expand(replacement) + message[found.end():]
    return message


class Handle:
    """An object of the library, which is freed with this one."""

    __slots__ = ("_value", "_kind")

    def __init__(self, value: int | None, kind: str) -> None:
        self._value, self._kind = value, kind

    @property
    def value(self) -> int:
        """What the library knows the object by."""
        if self._value is None:
            raise UsageError(f"{self._kind}: it is closed")
        return self._value

    def close(self) -> None:
        """Frees the object now."""
        value, self._value = self._value, None
        if value is not None:
            library.codetta_free(value)

    def __del__(self) -> None:
        self.close()


def make(kind: str, function: Callable[..., int], *arguments: Any, names: Mapping[str, str] | None = None) -> Handle:
    """The object that a function stores through its last parameter."""
    out = c_void_p()
    check(function(*arguments, byref(out)), names)
    return Handle(out.value, kind)


def text(function: Callable[..., int], *arguments: Any, names: Mapping[str, str] | None = None) -> str:
    """The text that a function stores through its last parameter."""
    handle = make("text", function, *arguments, names=names)
    return ctypes.string_at(handle.value).decode()


def json_of(function: Callable[..., int], *arguments: Any, names: Mapping[str, str] | None = None) -> Any:
    """What the JSON text says that a function stores through its last parameter."""
    return json.loads(text(function, *arguments, names=names))


class Cancel:
    """The flag that ends a call early."""

    __slots__ = ("_flag",)

    def __init__(self) -> None:
        self._flag = c_int32(0)

    @property
    def address(self) -> int:
        """For the `cancel` of options; valid as long as this object lives."""
        return ctypes.addressof(self._flag)

    def run(self, call: Callable[[], Result]) -> Result:
        """Runs a long call so that a signal handler which raises, as Ctrl-C does, ends it.

        Python runs signal handlers in the main thread, between two instructions of its own. So the call runs in a thread, while the main
        thread waits where a signal wakes it. Other threads get no signals, and call directly.
        """
        if threading.current_thread() is not threading.main_thread():
            return call()
        results: list[Result] = []
        errors: list[BaseException] = []
        done = threading.Lock()
        done.acquire()

        def work() -> None:
            try:
                results.append(call())
            except BaseException as error:  # noqa: BLE001 - raised again below
                errors.append(error)
            finally:
                done.release()

        thread = threading.Thread(target=work, name="codetta", daemon=True)
        try:
            thread.start()
            done.acquire()
        except BaseException:
            self._flag.value = 1
            _wait(done)
            # Copies of a stream go on with the same flag.
            self._flag.value = 0
            raise
        thread.join()
        if errors:
            raise errors[0]
        return results[0]


def _wait(done: threading.Lock) -> None:
    """Waits for the end of a call that was told to end, whatever signals come."""
    while True:
        try:
            done.acquire()
            return
        except BaseException:  # noqa: BLE001 - the first one is raised
            continue
