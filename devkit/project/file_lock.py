"""Locks on files (flock(2)): one process at a time, and the kernel frees a lock with the processes that hold it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


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
