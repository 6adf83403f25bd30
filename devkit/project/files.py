"""Files written so that a crash, a full disk or a second reader never sees half of one."""

from __future__ import annotations

import fcntl
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

TEMPORARY_SUFFIX = ".devkit-tmp"
"""How a file's new text is called until it takes the file's place; git and Docker ignore it in a project."""

_TEMPORARY = re.compile(r"\..+\.[a-z0-9_]{8}" + re.escape(TEMPORARY_SUFFIX), re.DOTALL)
_NAME_BYTES = 200


def write_atomically(path: Path, content: str | bytes, *, mode: int | None = None) -> None:
    """Replace `path` in one step, with this mode, else the one that it has, else 0644. The directory must exist.

    A symbolic link stays one: the file that it points to is replaced. What writers that were killed left in the
    directory goes. OSError passes through and names `path`, with the old file untouched and no temporary one left.
    """
    with open_atomically(path, mode=mode) as stream:
        stream.write(content.encode("utf-8") if isinstance(content, str) else content)


@contextmanager
def open_atomically(path: Path, *, mode: int | None = None) -> Iterator[BinaryIO]:
    """The same for content that comes in pieces: `path` is replaced at the end, and not at all after an exception."""
    target = path.resolve() if path.is_symlink() else path
    clear_left_overs(target.parent)
    try:
        if mode is None:
            mode = target.stat().st_mode & 0o7777 if target.exists() else 0o644
        with _temporary_beside(target) as (descriptor, temporary):
            with os.fdopen(descriptor, "wb", closefd=False) as stream:
                yield stream
                stream.flush()
                os.fsync(descriptor)
            os.fchmod(descriptor, mode)
            if os.geteuid() == 0:
                owner = (target if target.exists() else target.parent).stat()
                os.fchown(descriptor, owner.st_uid, owner.st_gid)
            temporary.replace(target)
    except OSError as error:
        if error.filename is None or is_temporary(Path(str(error.filename)).name):
            error.filename = str(target)  # a full disk's error names no file, the others the temporary one
        raise


def is_temporary(name: str) -> bool:
    """Whether a file of this name is a text that has not taken its place yet, or was left by a killed writer."""
    return _TEMPORARY.fullmatch(name) is not None


def clear_left_overs(directory: Path) -> None:
    """Remove temporary files whose writers were killed. One that can be locked has no writer any more."""
    with suppress(OSError):  # what cannot be read or does not exist holds nothing to be cleared
        for name in filter(is_temporary, os.listdir(directory)):  # noqa: PTH208 - names only
            _clear(directory / name)


def _clear(left: Path) -> None:
    with suppress(OSError):  # it has just gone, or belongs to another user
        descriptor = os.open(left, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            left.unlink()
        finally:
            os.close(descriptor)


@contextmanager
def _temporary_beside(target: Path) -> Iterator[tuple[int, Path]]:
    """A new file in the same directory, for this user alone; gone at the end if it has not taken its place.

    Its lock says that the writer lives: the kernel frees it with the process. Where a file system cannot lock,
    `clear_left_overs` cannot either, and leaves the file alone.
    """
    start = os.fsencode(target.name)[:_NAME_BYTES].decode("utf-8", "ignore")
    while True:
        descriptor, name = tempfile.mkstemp(TEMPORARY_SUFFIX, f".{start}.", target.parent)
        temporary = Path(name)
        try:
            if _is_ours(descriptor):
                yield descriptor, temporary
                return
        finally:
            temporary.unlink(missing_ok=True)
            os.close(descriptor)


def _is_ours(descriptor: int) -> bool:
    """Lock a file that was just made; False where somebody took it for a left-over in the moment before."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True  # no locks here
    return os.fstat(descriptor).st_nlink > 0
