"""What files look like from outside: what was made of them is out of date once they look otherwise."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path


def looks_of(root: Path, paths: Iterable[str], trees: Iterable[str]) -> str:
    """Times and sizes of these files, and of all files in these directories, as one text."""
    looks = [_look(root / path) for path in paths]
    for tree in trees:
        for directory, _, files in os.walk(root / tree):
            looks += [f"{name} {_look(Path(directory, name))}" for name in sorted(files)]
    return ";".join(looks)


def _look(path: Path) -> str:
    try:
        found = path.stat()
    except OSError:
        return "-"
    return f"{found.st_mtime_ns:x}.{found.st_size:x}"
