"""Which files, when they are saved, mean that workers have to take up new code. One list for both watchers.

Never storage, vendor, bootstrap/cache or the SQLite file: the application writes them itself, and would restart
without end. A directory that is missing (lang, often) is taken up once it is there.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
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


@dataclass(frozen=True)
class ShellWatch:
    """The list for the watcher in the container: directories, and what a shell's `case` says of paths below them.

    A `*` of `case` stands for slashes too: so what is `nested` in a flat directory has to be said first.
    """

    trees: tuple[str, ...]
    flat: tuple[str, ...]
    nested: tuple[str, ...]
    patterns: tuple[str, ...]


def shell_watch() -> ShellWatch:
    """The list as docker/watch takes it."""
    trees = [PurePosixPath(entry).parts[0] for entry in WATCH_LIST if entry not in _FILES and _is_tree(entry)]
    flat = [PurePosixPath(entry).parts[0] for entry in WATCH_LIST if entry not in _FILES and not _is_tree(entry)]
    patterns = [entry if entry in _FILES or "*" in entry else f"{entry}/*" for entry in WATCH_LIST]
    return ShellWatch(
        tuple(trees),
        tuple(flat),
        tuple(f"{directory}/*/*" for directory in flat),
        tuple(pattern.replace("**/*", "*") for pattern in patterns),
    )


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
            yield directory, _is_tree(entry)


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


def _is_tree(entry: str) -> bool:
    return "**" in entry or "*" not in entry


def _matches(path: PurePosixPath, entry: str) -> bool:
    parts = PurePosixPath(entry).parts
    if "*" not in entry:
        return path.parts[: len(parts)] == parts
    if "**" in parts:
        base, pattern = parts[: parts.index("**")], parts[-1]
        return path.parts[: len(base)] == base and path.match(pattern)
    return len(path.parts) == len(parts) and path.match(entry)
