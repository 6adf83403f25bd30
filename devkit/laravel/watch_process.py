"""The host's watcher as a process of its own: one for each project, found by others through a locked file.

.devkit/watcher.pid is locked (flock) as long as the process lives and says which it is; the kernel frees the lock, so
one that was killed hinders nobody. What it does stands in .devkit/watcher.log.
"""

from __future__ import annotations

import fcntl
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import devkit
from devkit.project.errors import FailedError
from devkit.project.paths import ProjectPaths, give_to_owner

READY = b"ready"
"""What the process writes to the pipe that it was given, once it watches."""

_MODULE = "devkit.laravel.watch_main"
_START_SECONDS = 20.0
_STOP_SECONDS = 5.0


@dataclass(frozen=True)
class Watcher:
    """The process that watches a project; `since` is in seconds since the epoch."""

    pid: int
    since: float


def log_of(paths: ProjectPaths) -> Path:
    """Where the watcher says what it saw and did; begun anew with each start."""
    return paths.state / "watcher.log"


def running(paths: ProjectPaths) -> Watcher | None:
    """The project's watcher if one runs. Never waits."""
    try:
        descriptor = os.open(_pid_file(paths), os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _read(descriptor)
    except OSError:
        return None  # a file system without locks has no watcher: it would not have started
    finally:
        os.close(descriptor)
    return None


def start(paths: ProjectPaths, project: str) -> Watcher:
    """Start the watcher of a project that has none, and return once it watches. The caller holds the project's lock.

    It lives in a session of its own, with none of this process' descriptors, and ends by itself when the app of the
    Compose project stops. FailedError with its last words where it does not come up.
    """
    log = log_of(paths)
    ready, theirs = os.pipe()
    try:
        with log.open("wb") as output:
            give_to_owner(log, paths.root)
            # The same devkit as this one; the project's own directory is no place to import modules from.
            flag, place = ("-I", {}) if sys.flags.isolated else ("-P", {"PYTHONPATH": _where_devkit_is()})
            process = subprocess.Popen(
                [sys.executable, flag, "-m", _MODULE, str(paths.root), project, str(theirs)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd="/",
                env={**os.environ, **place},
                start_new_session=True,
                pass_fds=(theirs,),
            )
        os.close(theirs)
        theirs = -1
        said = b""
        if select.select([ready], [], [], _START_SECONDS)[0]:
            said = os.read(ready, len(READY))
        found = running(paths) if said == READY else None
        if found is None:
            process.kill()
            process.wait()
            words = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
            raise FailedError(
                f"the host's watcher did not start: {words[-1] if words else 'it said nothing'}",
                f"see {log}; until it runs, devkit restart app takes up what was saved",
            )
        return found
    finally:
        os.close(ready)
        if theirs >= 0:
            os.close(theirs)


def end(paths: ProjectPaths) -> bool:
    """End the project's watcher and wait until it is gone; False where none runs, or it is another user's."""
    found = running(paths)
    if found is None:
        return False
    try:
        os.kill(found.pid, signal.SIGTERM)
    except (ProcessLookupError, PermissionError):
        return False  # it ends by itself with the app
    killer = threading.Timer(_STOP_SECONDS, _kill, (found.pid,))
    killer.start()
    try:
        with _pid_file(paths).open("r+b") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)  # had as soon as the process has ended
            _pid_file(paths).unlink(missing_ok=True)
    finally:
        killer.cancel()
    return True


@contextmanager
def registered(paths: ProjectPaths) -> Iterator[None]:
    """Be the project's watcher for the block: for the process itself. OSError where the file cannot be locked."""
    path = _pid_file(paths)
    with path.open("a+b") as stream:
        give_to_owner(path, paths.root)
        fcntl.flock(stream, fcntl.LOCK_EX)  # free, but for a moment in which somebody asks whether a watcher runs
        stream.truncate(0)
        stream.write(json.dumps(asdict(Watcher(os.getpid(), time.time()))).encode())
        stream.flush()
        yield


def _pid_file(paths: ProjectPaths) -> Path:
    return paths.state / "watcher.pid"


def _read(descriptor: int) -> Watcher | None:
    """What the file says; None in the moment before its owner has written it."""
    try:
        entry = json.loads(os.read(descriptor, 1000))
        return Watcher(int(entry["pid"]), float(entry["since"]))
    except (ValueError, KeyError, TypeError):
        return None


def _where_devkit_is() -> str:
    """A PYTHONPATH for a child that starts elsewhere: this devkit's place before all that is searched anyway."""
    place = str(Path(devkit.__file__).resolve().parent.parent)
    return os.pathsep.join([place, *filter(None, [os.environ.get("PYTHONPATH")])])


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
