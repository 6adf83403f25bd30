"""Work that is waited for no longer than so many seconds, whatever it hangs in."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class LateError(Exception):
    """The time is over, and the work is not."""


class Deadline:
    """A moment that something has to be done at."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """The seconds until then."""
        return max(0.0, self._end - time.monotonic())


class _Outcome(Generic[T]):
    def __init__(self) -> None:
        self.there = threading.Event()
        self.value: list[T] = []
        self.error: BaseException | None = None


def within(deadline: Deadline, work: Callable[[], T], *, name: str, cut: Callable[[], None] = lambda: None) -> T:
    """Do `work` in a thread of its own and give what it gives; LateError where it is not done in time.

    Nothing limits the look-up of a name, a keyring's D-Bus, or a server that sends a letter of a header a second: only
    a thread that can be left alone can be waited for. It belongs to this call, which has it end when it leaves it too
    early for it (too late for the deadline, or by Ctrl-C): `cut` then ends what the thread waits for. What still holds
    it up after that is the system's to end. It is a daemon: such a rest must not keep the program from ending.
    """
    outcome = _Outcome[T]()

    def run() -> None:
        try:
            outcome.value.append(work())
        except BaseException as error:  # noqa: BLE001 - raised below, where somebody waits for it
            outcome.error = error
        finally:
            outcome.there.set()

    threading.Thread(target=run, name=name, daemon=True).start()
    try:
        if not outcome.there.wait(deadline.left()):
            raise LateError
    finally:
        if not outcome.there.is_set():
            cut()
    if outcome.error is not None:
        raise outcome.error
    return outcome.value[0]
