"""One devkit at a time changes a project's database; several may read it. The lock ends with its process."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from devkit.project.errors import FailedError
from devkit.project.file_lock import locked

_FILE, _READERS = ".lock", ".readers"
_MODE = 0o600


@contextmanager
def changing(directory: Path, what: str) -> Iterator[None]:
    """Hold the lock alone, for `what` (`import`); FailedError, naming who has it, where another devkit works."""
    with _opened(directory) as descriptor:
        _take(descriptor, fcntl.LOCK_EX)
        _note(descriptor, what)
        yield


@contextmanager
def reading(directory: Path, recover: Callable[[], None]) -> Iterator[None]:
    """Hold the lock with others who read; FailedError where another devkit changes the database.

    Whoever is the only one there calls `recover` first; those who read and come meanwhile wait for that.
    """
    with _opened(directory) as descriptor:
        with locked(directory / _READERS, mode=_MODE):
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                _take(descriptor, fcntl.LOCK_SH)
            else:
                _note(descriptor, "tidying up")
                recover()
                _note(descriptor, "")
                _take(descriptor, fcntl.LOCK_SH)
        yield


@contextmanager
def _opened(directory: Path) -> Iterator[int]:
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(directory / _FILE, os.O_RDWR | os.O_CREAT, _MODE)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _take(descriptor: int, kind: int) -> None:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        who = os.pread(descriptor, 200, 0).decode(errors="replace").strip()
        raise FailedError(
            f"another devkit works on this database ({who or 'an export or a snapshot'})",
            "wait until it is done, then try again",
        ) from None


def _note(descriptor: int, what: str) -> None:
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{what}, process {os.getpid()}\n".encode() if what else b"", 0)
