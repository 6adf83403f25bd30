"""Whether the project is still where it was when the app was opened, and whether a file is what it was."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

LOOK_SECONDS = 2.0
"""One stat() each: no event says it on every mount."""


async def watch_directory(root: Path, on_change: Callable[[str], None]) -> None:
    """Tell what has become of `root` each time that changes, with an empty text once it is back; until cancelled."""
    first = _identity(root)
    said = ""
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        found = _identity(root)
        now = ""
        if found is None:
            now = f"{root} has been moved or deleted: open devkit where the project is now"
        elif found != first:
            now = f"{root} is another directory than it was: open devkit anew"
        if now != said:
            said = now
            on_change(now)


async def watch_file(path: Path, on_change: Callable[[], None]) -> None:
    """Tell at once, and each time that the file is another one or was written, made or taken away; until cancelled."""
    seen = stamp(path)
    on_change()
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        if (now := stamp(path)) != seen:
            seen = now
            on_change()


def stamp(path: Path) -> tuple[int, int, int] | None:
    """What is otherwise once a file was written; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def _identity(root: Path) -> tuple[int, int] | None:
    try:
        found = os.stat(root)  # noqa: PTH116
    except OSError:
        return None
    return found.st_dev, found.st_ino
