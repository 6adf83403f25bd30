"""One command at a time changes a project; those that only read never wait.

The lock is a file in .devkit/ under flock(2): the kernel frees it with the process that holds it. Children that
change the project hold it too (`held_locks`): what a killed run left running is waited for.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from devkit.project.errors import FailedError
from devkit.project.file_lock import lock
from devkit.project.paths import ProjectPaths, give_to_owner

_FILE = "lock"
_LONGEST = 1000
_WORKED_ON = "DEVKIT_WORKS_ON"
"""Holder and project, in the environment of what the holder starts: a devkit among it must not wait for its parent."""

_held: list[int] = []


@dataclass(frozen=True)
class Holder:
    """Who holds a project's lock, as it wrote itself down: `since` is in seconds since the epoch."""

    command: str
    pid: int
    since: float

    @property
    def lives(self) -> bool:
        """Whether the process is there still."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            pass
        return True

    def __str__(self) -> str:
        began = datetime.fromtimestamp(self.since, UTC).astimezone()
        today = began.date() == datetime.now(UTC).astimezone().date()
        return f"devkit {self.command} (pid {self.pid}, since {began:{'%H:%M:%S' if today else '%Y-%m-%d %H:%M:%S'}})"


@contextmanager
def project_lock(
    paths: ProjectPaths, command: str, on_wait: Callable[[str], None], *, create: bool = False
) -> Iterator[None]:
    """Hold the project's lock for the block; where another command has it, say so in one line, then wait.

    `command` is what others are told. With `create` the directory is made where it is missing, and goes again if no
    project came of it. A project that cannot be locked (its file system knows no locks, or it cannot be written) is
    worked on without, and that is said only where another command seems to be at work.

    FailedError where this command was started by the one that has the lock: both would wait for ever.
    """
    if _is_held_by_parent(paths):
        raise FailedError(
            f"devkit {command} was started by a devkit command that works on this project, and would wait for it",
            "run it after that command has ended",
        )
    made: list[Path] = []
    try:
        descriptor = _acquire(paths, on_wait, made, create=create)
    except OSError as error:
        descriptor = None
        holder = _read_holder(paths.state / _FILE)
        if holder is not None and holder.lives:
            on_wait(f"{holder} works on this project too, and no lock can be had here ({error.strerror})")
    if descriptor is None:
        yield
        return
    try:
        _write_holder(descriptor, Holder(command, os.getpid(), time.time()))
        _held.append(descriptor)
        os.environ[_WORKED_ON] = f"{os.getpid()} {paths.root}"
        yield
    finally:
        os.environ.pop(_WORKED_ON, None)
        with suppress(ValueError):
            _held.remove(descriptor)
        _release(paths, descriptor, made)


@contextmanager
def only_one(paths: ProjectPaths, name: str, command: str) -> Iterator[Holder | None]:
    """Be the one process that does something for a project: None for the block, or who does it already. Never waits.

    `name` is a file of .devkit/, `command` what others are told. Where no lock can be had it is done without.
    """
    descriptor = holder = None
    try:
        paths.state.mkdir(exist_ok=True)
        descriptor = os.open(paths.state / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        give_to_owner(paths.state / name, paths.root)
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _write_holder(descriptor, Holder(command, os.getpid(), time.time()))
    except BlockingIOError:  # it may not have written yet who it is
        holder = _read_holder(paths.state / name) or Holder("in another process", 0, time.time())
    except OSError:
        pass
    try:
        yield holder
    finally:
        if descriptor is not None:
            os.close(descriptor)


def at_work(paths: ProjectPaths) -> Holder | None:
    """The command that changes the project now, if there is one. Never waits."""
    path = paths.state / _FILE
    holder = _read_holder(path)
    if holder is None or not holder.lives:
        return None
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)  # had: it was killed, and its number is another's now
    except BlockingIOError:
        return holder
    except OSError:
        return None
    finally:
        os.close(descriptor)
    return None


def held_locks() -> tuple[int, ...]:
    """The descriptors that a child has to inherit (`pass_fds`) which changes the project and could outlive devkit."""
    return tuple(_held)


def _acquire(paths: ProjectPaths, on_wait: Callable[[str], None], made: list[Path], *, create: bool) -> int:
    """The lock file's descriptor, locked; directories that had to be made are added to `made`, the deepest first.

    A file that was removed while it was waited for is no lock any more: then once more.
    """
    path = paths.state / _FILE
    told = False

    def waiting() -> None:
        nonlocal told
        if not told:
            on_wait(_waiting_for(_read_holder(path)))
            told = True

    while True:
        missing = [directory for directory in (paths.state, paths.root, *paths.root.parents) if not directory.exists()]
        if missing:
            paths.state.mkdir(parents=create, exist_ok=True)
            give_to_owner(paths.state, paths.root)
            made += missing
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            lock(descriptor, waiting)
            if _is_still(path, descriptor):
                give_to_owner(path, paths.root)
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _release(paths: ProjectPaths, descriptor: int, made: list[Path]) -> None:
    """Free the lock, also where a child holds its descriptor still; where no project came to be, nothing stays."""
    with suppress(OSError):
        os.ftruncate(descriptor, 0)
        if not paths.settings.exists():
            (paths.state / _FILE).unlink(missing_ok=True)
            for directory in made:
                directory.rmdir()
    fcntl.flock(descriptor, fcntl.LOCK_UN)
    os.close(descriptor)


def _is_held_by_parent(paths: ProjectPaths) -> bool:
    """The variable alone says nothing: what the holder started may live on after it."""
    holder = _read_holder(paths.state / _FILE)
    return holder is not None and holder.lives and os.environ.get(_WORKED_ON) == f"{holder.pid} {paths.root}"


def _is_still(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _write_holder(descriptor: int, holder: Holder) -> None:
    with suppress(OSError):  # a full disk: the lock holds all the same
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(asdict(holder)).encode(), 0)


def _read_holder(path: Path) -> Holder | None:
    """None where nobody has written down who it is, or not yet to the end."""
    try:
        entry = json.loads(path.read_bytes()[:_LONGEST])
        return Holder(str(entry["command"]), int(entry["pid"]), float(entry["since"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _waiting_for(holder: Holder | None) -> str:
    if holder is None:
        return "waiting for another devkit command, which works on this project"
    if holder.lives:
        return f"waiting for {holder}, which works on this project"
    return f"waiting for what {holder} left running when it was ended"
