"""Saved files, each with the moment of its save, as the ones who follow them hand them on."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from devkit.laravel.follow_switch import OFF_FILE
from devkit.laravel.reactions import FOLDERS, reaction_to
from devkit.project.watch_list import watch_roots
from devkit.setup.followed import FILE

STATE = ".devkit"
_OWN = (f"{STATE}/{OFF_FILE}", f"{STATE}/{FILE}")

_PLAUSIBLE_SECONDS = 2.0
"""A file's time that lies further back than this, when it is noticed, is one that somebody gave it (`cp -p`)."""

_NOTICED_SECONDS = 0.4
"""What it takes at most until a change is noticed, where the file cannot say when that was."""


@dataclass(frozen=True)
class Saves:
    """Names relative to the project, each with its moment in seconds since the epoch.

    `unseen`: they were saved while nobody looked. `agreed`: a person said yes to what was offered.
    """

    files: Mapping[str, float] = field(default_factory=dict)
    unseen: bool = False
    agreed: bool = False

    @classmethod
    def noticed(cls, root: Path, names: Iterable[str]) -> Saves:
        """Files whose changes were noticed just now."""
        now = time.time()
        return cls({name: _moment(root / name, now) for name in names})

    def with_more(self, more: Saves) -> Saves:
        """Both, as one."""
        return Saves({**self.files, **more.files}, self.unseen or more.unseen, self.agreed or more.agreed)


def is_followed(path: PurePosixPath) -> bool:
    """Whether a change of `path` concerns who follows: a file of the table, the switch, or what others have done."""
    return reaction_to(path) is not None or str(path) in _OWN


def saved_since(root: Path, moment: float) -> dict[str, float]:
    """The files of the table that were saved after that moment; deleted ones cannot be known."""
    times = {name: _time(root / name) for name in _names(root)}
    return {name: saved for name, saved in times.items() if saved > moment}


def _names(root: Path) -> Iterator[str]:
    flat = [(root / name, False) for name in FOLDERS]
    for directory, whole in (*watch_roots(root), *flat):
        for folder, folders, names in os.walk(directory):
            if not whole:
                folders.clear()
            for name in names:
                path = PurePosixPath(Path(folder, name).relative_to(root).as_posix())
                if reaction_to(path) is not None:
                    yield str(path)


def _moment(path: Path, noticed: float) -> float:
    saved = _time(path)
    return saved if noticed - _PLAUSIBLE_SECONDS <= saved <= noticed else noticed - _NOTICED_SECONDS


def _time(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
