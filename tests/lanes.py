"""Several runs of pytest at once that share the tests out among themselves (`tests/run` starts them).

Each takes a group of tests, runs it, and takes the next that nobody has taken: what is left over at the end is short.
They meet in a directory, in which a file for each group says that it is taken, and a lock that `tests/run` holds says
that the images or the Kubernetes node are still to come.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path

import pytest

DIRECTORY = "DEVKIT_TEST_LANES"
"""Names the directory; where it is unset the tests run as always."""

UNIT_FIRST = "DEVKIT_TEST_UNIT_FIRST"
"""Set for the one that begins with the unit tests: so there are always some for idle moments of the others."""

SHARED = ("default_stack", "production", "shop", "cluster", "shared_stack", "running")
"""Fixtures that cost much, for several files: those that use one run in one place, by the first that a file uses."""

SECONDS = {"kubernetes": 20.0, "e2e": 6.0, "engine": 2.0, "unit": 0.1}
"""About what a test takes, by its mark: the longest groups come first."""


@dataclass
class Group:
    """Tests that run one after the other in one process."""

    name: str
    items: list[pytest.Item] = field(default_factory=list)

    @property
    def mark(self) -> str:
        return next((mark for mark in SECONDS if self.items[0].get_closest_marker(mark)), "unit")

    @property
    def needs(self) -> str | None:
        """The lock that is free once they can run."""
        return {"unit": None, "kubernetes": "kubernetes"}.get(self.mark, "images")

    @property
    def seconds(self) -> float:
        return SECONDS[self.mark] * len(self.items)


def groups(items: Sequence[pytest.Item]) -> list[Group]:
    """By file, and together where they share a fixture."""
    shared: dict[Path, str] = {}
    for item in items:
        used = [name for name in SHARED if name in getattr(item, "fixturenames", ())]
        if used and not item.get_closest_marker("unit"):
            shared.setdefault(item.path, used[0])
    found: dict[str, Group] = {}
    for item in items:
        name = shared.get(item.path, str(item.path))
        found.setdefault(name, Group(name)).items.append(item)
    return list(found.values())


class Lane:
    """What one of the runs takes, group by group."""

    def __init__(self, directory: Path, found: Sequence[Group], *, unit_first: bool) -> None:
        self._directory = directory
        self._left = sorted(found, key=lambda group: ((group.mark == "unit") is not unit_first, -group.seconds))

    def __iter__(self) -> Iterator[Group]:
        while self._left:
            group = next((one for one in self._left if self._is_there(one.needs)), None)
            if group is None:
                self._wait(self._left[0].needs)
                continue
            self._left.remove(group)
            if self._take(group):
                yield group

    def _take(self, group: Group) -> bool:
        name = hashlib.sha256(group.name.encode()).hexdigest()
        with suppress(FileExistsError):
            os.close(os.open(self._directory / name, os.O_CREAT | os.O_EXCL))
            return True
        return False

    def _is_there(self, what: str | None) -> bool:
        return what is None or self._locked(what, fcntl.LOCK_SH | fcntl.LOCK_NB)

    def _wait(self, what: str | None) -> None:
        assert what is not None
        self._locked(what, fcntl.LOCK_SH)

    def _locked(self, name: str, how: int) -> bool:
        with (self._directory / f"{name}.lock").open() as file:
            try:
                fcntl.flock(file, how)
            except BlockingIOError:
                return False
        return True


def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """As pytest's own, but for the tests that others take."""
    directory = os.environ.get(DIRECTORY)
    if directory is None or session.testsfailed or session.config.option.collectonly:
        return None
    for group in Lane(Path(directory), groups(session.items), unit_first=UNIT_FIRST in os.environ):
        # With the last of a group end the fixtures that it shares: a Kubernetes node costs as long as it runs.
        for item, following in zip_longest(group.items, group.items[1:]):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if session.shouldfail:
                raise session.Failed(session.shouldfail)
            if session.shouldstop:
                raise session.Interrupted(session.shouldstop)
    return True
