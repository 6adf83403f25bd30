"""Locks on files and directories (flock(2)): one process at a time, and the kernel frees a lock with its holders."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from devkit.project.errors import FailedError

_AGAIN_SECONDS = 0.02


@contextmanager
def locked(path: Path, on_wait: Callable[[], None] = lambda: None, *, mode: int = 0o644) -> Iterator[int]:
    """Hold the lock of a file, which is made where it is missing; gives its descriptor, for a child to inherit.

    Where another process has the lock `on_wait` hears of it, and then it is waited for. OSError where the file cannot
    be opened, or its file system knows no locks.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, mode)
    try:
        lock(descriptor, on_wait)
        yield descriptor
    finally:
        os.close(descriptor)


def lock(descriptor: int, on_wait: Callable[[], None]) -> None:
    """The same for a file that is open."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        on_wait()
        fcntl.flock(descriptor, fcntl.LOCK_EX)


@contextmanager
def directory_locked(directory: Path, *, seconds: float) -> Iterator[None]:
    """Hold the lock of a directory, for changes of a file in it that is replaced and cannot carry one itself.

    Where none can be had (NFS locks only what is open for writing; a directory that cannot be read) the block runs
    without: its files are still replaced whole. FailedError where somebody else has it for as long as `seconds`, as
    in `flock . devkit ...`, which would wait for its own child for ever.
    """
    descriptor = None
    with suppress(OSError):
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        if descriptor is not None:
            _lock_within(descriptor, directory, seconds)
        yield
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _lock_within(descriptor: int, directory: Path, seconds: float) -> None:
    end = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= end:
                raise FailedError(
                    f"{directory} has been locked by another program for {seconds:.0f} s",
                    "end it (`lslocks` shows it), or start devkit without flock",
                ) from None
            time.sleep(_AGAIN_SECONDS)  # flock(2) waits for ever or not at all
        except OSError:
            return
        else:
            return
