"""Calling the library: statuses become exceptions, handles are freed, and Ctrl-C ends long calls."""

from __future__ import annotations

import ctypes
import json
import threading
from collections.abc import Callable, Mapping
from ctypes import byref, c_int32, c_void_p
from typing import Any, TypeVar

from ._native import library
from .errors import UsageError, error_of

Result = TypeVar("Result")


def check(status: int, names: Mapping[str, str] | None = None) -> None:
    """Raises the exception for a status of the call before.

    Messages begin with the name that an argument has in C; `names` says what it is called in Python.
    """
    if status == 0:
        return
    message: str = library.codetta_last_message().decode("utf-8", "replace")
    for ours, theirs in (names or {}).items():
        if message.startswith(ours) and not message[len(ours):len(ours) + 1].isalnum():
            message = theirs + message[len(ours):]
            break
    raise error_of(status, message)


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
        except KeyboardInterrupt:
            continue
