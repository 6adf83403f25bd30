"""The lines of one project on this machine's disk: a source each for its containers and files, within one budget."""

from __future__ import annotations

import errno
import fcntl
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from devkit.logs.spill import SEGMENT_BYTES, Spill
from devkit.logs.stored import stored, time_of

BUDGET = 2 * 1024 * 1024 * 1024
"""Bytes that a project's lines may take, where no setting says otherwise."""

_FULL = (errno.ENOSPC, errno.EDQUOT)


class Sink(Protocol):
    """Where lines are added: a source's end, or its history."""

    def append(self, lines: bytes) -> None:
        """Add whole lines."""


class LogStore:
    """Opened for one running devkit; another one that opens it meanwhile gets a directory of its own for as long.

    `on_trouble` hears what is wrong with the disk, and an empty text once it is well again.
    """

    def __init__(
        self, directory: Path, *, budget: int = BUDGET, on_trouble: Callable[[str], None] = lambda _: None
    ) -> None:
        self._budget = budget
        self._segment_bytes = max(64 * 1024, min(SEGMENT_BYTES, budget // 16))
        self._on_trouble = on_trouble
        self._missing: dict[Sink, tuple[int, str]] = {}
        self._since_check = 0
        self._own: tempfile.TemporaryDirectory[str] | None = None
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock = (directory / "lock").open("ab")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._own = tempfile.TemporaryDirectory(prefix="beside-", dir=directory)
            directory = Path(self._own.name)
        self._directory = directory / "sources"
        self._sources: dict[str, Spill] = {}
        if self._directory.is_dir():
            for path in sorted(self._directory.iterdir()):
                self.source(path.name)

    @property
    def sources(self) -> tuple[Spill, ...]:
        """All sources, by name."""
        return tuple(self._sources[name] for name in sorted(self._sources))

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return sum(source.size for source in self._sources.values())

    def source(self, name: str) -> Spill:
        """The source of that name (`app-1`, `laravel.log`), a new one if there is none."""
        if name not in self._sources:
            self._sources[name] = Spill(self._directory / name, segment_bytes=self._segment_bytes)
        return self._sources[name]

    def write(self, sink: Sink, lines: bytes) -> None:
        """Add whole lines. What the disk does not take is counted, and said at that place once it takes lines again."""
        missing, why = self._missing.get(sink, (0, ""))
        note = b""
        if missing:
            said = f"{missing:,} lines are missing here: {why}"
            note = stored("m", time_of(lines), said.encode())
        try:
            self._append(sink, note + lines)
        except OSError as error:
            why = "the disk was full" if error.errno in _FULL else f"they could not be written ({error.strerror})"
            self._missing[sink] = (missing + lines.count(b"\n"), why)
            self._on_trouble(f"new log lines cannot be kept in {self._directory}: {error.strerror}")
            return
        if missing:
            del self._missing[sink]
            if not self._missing:
                self._on_trouble("")
        self._since_check += len(lines)
        if self._since_check >= self._segment_bytes // 4:
            self._since_check = 0
            self._keep_to_budget()

    def close(self) -> None:
        """Give all files back; what another devkit has beside is deleted."""
        for source in self._sources.values():
            source.close()
        self._sources.clear()
        self._lock.close()
        if self._own is not None:
            self._own.cleanup()

    def _append(self, sink: Sink, lines: bytes) -> None:
        try:
            sink.append(lines)
        except OSError as error:
            if error.errno not in _FULL or not self._forget_oldest():
                raise
            sink.append(lines)

    def _keep_to_budget(self) -> None:
        while self.size > self._budget and self._forget_oldest():
            pass

    def _forget_oldest(self) -> bool:
        """Delete the segment with the oldest lines of all; whether there was one."""
        by_age = sorted(self._sources.values(), key=lambda source: source.oldest_time() or b"~")
        return any(source.forget_oldest() for source in by_age)
