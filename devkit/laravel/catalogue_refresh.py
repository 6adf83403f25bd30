"""The catalogue kept up to date without anybody waiting: a process of its own asks artisan, and ends by itself."""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from devkit.laravel.catalogue import Catalogue, fingerprint, keep, parse
from devkit.project.paths import ProjectPaths
from devkit.project.services import APP

if TYPE_CHECKING:
    from devkit.engine.compose import Compose  # completion does without it

LIST_SECONDS = 60.0
"""What `artisan list` gets; a second is usual, on a slow mount it is ten."""

_AGAIN_SECONDS = 30.0
"""The same files are not asked about sooner: with the stack down every key press would try."""


def refresh_behind(root: Path, catalogue: Catalogue | None, command: list[str]) -> bool:
    """Start `command`, which calls `refresh`, where the catalogue is missing or its files have changed since.

    Returns at once, and says whether it was started. The process is in a group of its own, so that Ctrl-C at the
    prompt does not reach it; `refresh` ends within LIST_SECONDS.
    """
    source = fingerprint(root)
    if (catalogue is not None and catalogue.source == source) or not ProjectPaths(root).state.is_dir():
        return False
    if _tried(root, source):
        return False
    nowhere = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in (0, 1, 2)]
    with suppress(OSError):
        os.posix_spawn(command[0], command, os.environ, file_actions=nowhere, setpgroup=0)
        return True
    return False


def fetch(compose: Compose, root: Path) -> Catalogue:
    """Ask the running application for its commands, and keep the answer; takes a second or more.

    CommandError where the container does not run or artisan fails, FailedError where it says no JSON.
    """
    source = fingerprint(root)
    command = ("php", "artisan", "list", "--format=json", "--no-ansi")
    done = compose.exec(APP, *command, timeout=LIST_SECONDS)
    catalogue = parse(done.stdout.decode(errors="replace"), source)
    keep(root, catalogue)
    return catalogue


def refresh(compose: Compose, root: Path) -> Catalogue | None:
    """Fetch and keep the catalogue; None where another process is at it. Errors as `fetch` raises them."""
    state = ProjectPaths(root).state
    state.mkdir(exist_ok=True)
    with (state / "catalogue.lock").open("w") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return None
        return fetch(compose, root)


def _tried(root: Path, source: str) -> bool:
    """Whether these very files were asked about just now; if not, that is written down."""
    note = ProjectPaths(root).state / "catalogue.tried"
    with suppress(OSError):
        if note.read_text(encoding="utf-8") == source and time.time() - note.stat().st_mtime < _AGAIN_SECONDS:
            return True
    with suppress(OSError):
        note.write_text(source, encoding="utf-8")
        return False
    return True  # nothing can be kept here
