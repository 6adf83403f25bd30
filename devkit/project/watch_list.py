"""Which files, when they are saved, mean that workers have to take up new code. One list for both watchers.

Never storage, vendor, bootstrap/cache or the SQLite file: the application writes them itself, and would restart
without end. A directory that is missing (lang, often) is no error: FrankenPHP says so and goes on (1.12.6, tried).
"""

from __future__ import annotations

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
    if not path.parts or _TEMPORARY.fullmatch(path.name):
        return False
    return any(_matches(path, entry) for entry in WATCH_LIST)


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


def _matches(path: PurePosixPath, entry: str) -> bool:
    parts = PurePosixPath(entry).parts
    if "*" not in entry:
        return path.parts[: len(parts)] == parts
    if "**" in parts:
        base, pattern = parts[: parts.index("**")], parts[-1]
        return path.parts[: len(base)] == base and path.match(pattern)
    return len(path.parts) == len(parts) and path.match(entry)
