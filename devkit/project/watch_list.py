"""Which files, when they are saved, mean that workers have to take up new code. One list for both watchers.

Never storage, vendor, bootstrap/cache or the SQLite file: the application writes them itself, and would restart
without end. A directory that is missing (lang, often) is no error: FrankenPHP says so and goes on (1.12.6, tried).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

_FILES = (".env", "composer.lock")

WATCH_LIST = (
    "app",
    "config",
    "database/**/*.php",
    "routes",
    "lang",
    "resources/**/*.php",
    "bootstrap/*.php",
    *_FILES,
)
"""Relative to the project; a name without `*` is a file or a whole tree."""

_TEMPORARY = re.compile(r"(?:.*~|\.#.*|#.*#|.*\.sw[a-z]|4913|.*\.tmp|.*___jb_(?:old|tmp)___|\.DS_Store)")


def server_patterns(root: str) -> tuple[str, ...]:
    """The list as the `watch` lines of FrankenPHP's worker take it, for a project that is mounted at `root`.

    Files are one pattern: FrankenPHP watches the directory of a file with all below it, and filters.
    """
    entries = [entry for entry in WATCH_LIST if entry not in _FILES]
    return (*(f"{root}/{entry}" for entry in entries), f"{root}/{{{','.join(_FILES)}}}")


def is_watched(path: PurePosixPath) -> bool:
    """Whether a change of `path`, relative to the project, is new code. Editors' own files are not."""
    if not path.parts or is_temporary(path):
        return False
    return any(_matches(path, entry) for entry in WATCH_LIST)


def is_temporary(path: PurePosixPath) -> bool:
    """Whether it is a file that an editor makes for itself while it saves another."""
    return _TEMPORARY.fullmatch(path.name) is not None


def watch_roots(root: Path) -> Iterator[tuple[Path, bool]]:
    """The directories to watch, each with whether its tree belongs to it; those that are missing are left out.

    The project's root itself and bootstrap/ are watched flat: below them lie vendor, storage and node_modules.
    """
    yield root, False
    for entry in WATCH_LIST:
        first = PurePosixPath(entry).parts[0]
        directory = root / first
        if directory.is_dir():
            yield directory, "**" in entry or "*" not in entry


def last_saved(root: Path) -> tuple[str, float] | None:
    """The watched file that was saved last, relative to `root`, and when (seconds since the epoch)."""
    newest: tuple[str, float] | None = None
    for directory, whole in watch_roots(root):
        for folder, folders, names in os.walk(directory):
            if not whole:
                folders.clear()
            for name in names:
                path = Path(folder, name)
                relative = PurePosixPath(path.relative_to(root).as_posix())
                if is_watched(relative) and path.is_file():
                    moment = path.stat().st_mtime
                    if newest is None or moment > newest[1]:
                        newest = (str(relative), moment)
    return newest


def _matches(path: PurePosixPath, entry: str) -> bool:
    parts = PurePosixPath(entry).parts
    if "*" not in entry:
        return path.parts[: len(parts)] == parts
    if "**" in parts:
        base, pattern = parts[: parts.index("**")], parts[-1]
        return path.parts[: len(base)] == base and path.match(pattern)
    return len(path.parts) == len(parts) and path.match(entry)
