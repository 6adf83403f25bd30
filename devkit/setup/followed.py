"""What was done because a file was saved, kept in .devkit/: whoever follows files writes it, whoever looks reads it."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from devkit.laravel.reactions import Reaction
from devkit.project.files import write_atomically
from devkit.project.paths import ProjectPaths, give_to_owner
from devkit.project.state import remember

FILE = "followed.jsonl"
"""Of .devkit/; a line for each reaction."""

_KEPT = 100
_LARGEST = 128 * 1024


@dataclass(frozen=True)
class Followed:
    """One reaction that was made: to which files, what it came to, and after how many seconds.

    For code those are the seconds from the save to the first answer of the new code. No files mean that a person
    asked for it. `time` is in seconds since the epoch; an `offer` was made and nothing done yet.
    """

    reaction: Reaction
    files: tuple[str, ...]
    outcome: str
    seconds: float
    failed: bool = False
    offer: bool = False
    time: float = field(default_factory=time.time)

    def to_json(self) -> dict[str, Any]:
        """The object that `devkit reload --watch --json` prints, one a line."""
        return {
            "reaction": self.reaction.name.lower(),
            "files": list(self.files),
            "outcome": self.outcome,
            "seconds": self.seconds,
            "failed": self.failed,
            "offer": self.offer,
            "time": round(self.time, 3),
        }


def keep(paths: ProjectPaths, followed: Followed) -> None:
    """Add one to those that are kept; the oldest go. A disk that takes nothing loses it."""
    path = paths.state / FILE
    line = json.dumps(followed.to_json()) + "\n"
    try:
        if not path.exists():
            remember(paths, FILE, line)
        elif path.stat().st_size > _LARGEST:
            write_atomically(path, "".join([*_lines(path)[-_KEPT:], line]))
        else:
            with path.open("a", encoding="utf-8") as stream:
                stream.write(line)
        give_to_owner(path, paths.root)
    except OSError:
        return


def kept(paths: ProjectPaths) -> tuple[Followed, ...]:
    """The last ones, the oldest first; lines that cannot be read are left out."""
    found = (_read(line) for line in _lines(paths.state / FILE)[-_KEPT:])
    return tuple(one for one in found if one is not None)


def stamp(paths: ProjectPaths) -> tuple[int, int]:
    """What changes when one is added."""
    try:
        found = (paths.state / FILE).stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True)
    except OSError:
        return []


def _read(line: str) -> Followed | None:
    try:
        entry: Mapping[str, Any] = json.loads(line)
        return Followed(
            Reaction[str(entry["reaction"]).upper()],
            tuple(str(name) for name in entry["files"]),
            str(entry["outcome"]),
            float(entry["seconds"]),
            bool(entry["failed"]),
            bool(entry.get("offer", False)),
            float(entry["time"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
