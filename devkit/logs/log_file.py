"""A log file of the application, followed into its source: lines of Monolog, each with the time of its record.

It is looked at twice a second: that costs next to nothing, and works on every mount.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from devkit.logs.spill import Spill
from devkit.logs.store import LogStore
from devkit.logs.stored import stored, stored_time
from devkit.project.files import write_atomically

LOOK_SECONDS = 0.5
FIRST_BYTES = 4 * 1024 * 1024
"""Of a file that was never read so much is taken from its end; the file itself has the rest."""

LONGEST = 1024 * 1024
_CHUNK = 256 * 1024
_HEAD = re.compile(rb"\[(\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d+)?(?:[+-]\d\d:?\d\d|Z)?)\] ")


class LogFile:
    """One file, read into one source; where the reading stopped is remembered beside the source."""

    def __init__(self, path: Path, store: LogStore, source: Spill, on_lines: Callable[[], None]) -> None:
        self._path = path
        self._store = store
        self._source = source
        self._on_lines = on_lines
        self._memory = source.directory / "read.json"
        self._inode, self._at = self._remembered()
        self._time = b""
        self._rest = b""

    async def follow(self) -> None:
        """Read what is new, again and again, until it is cancelled."""
        while True:
            self.read_on()
            await asyncio.sleep(LOOK_SECONDS)

    def read_on(self) -> None:
        """Read what was written since the last time. A file that was made anew or cut is read from its start."""
        try:
            with self._path.open("rb") as file:
                about = os.fstat(file.fileno())
                at = self._at
                if self._inode is None and about.st_size > FIRST_BYTES:
                    at = about.st_size - FIRST_BYTES
                    file.seek(at)
                    at += len(file.readline())
                    note = f"lines before this one are in {self._path} alone".encode()
                    self._store.write(self._source, stored("m", stored_time(datetime.now(UTC)), note))
                elif self._inode != about.st_ino or at > about.st_size:
                    at, self._rest = 0, b""
                if at + len(self._rest) == about.st_size:
                    return
                file.seek(at + len(self._rest))
                while data := file.read(_CHUNK):
                    at += self._take(data)
        except OSError:
            return  # it is not there yet, or not to be read: the next look may do
        self._inode, self._at = about.st_ino, at
        with suppress(OSError):  # on a full disk; lines may be read twice then, none is lost
            write_atomically(self._memory, json.dumps({"inode": about.st_ino, "at": at}))
        self._on_lines()

    def _take(self, data: bytes) -> int:
        """Store the lines that end in `data`; how many bytes of the file that was."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        done = sum(map(len, lines)) + len(lines)
        if len(self._rest) > LONGEST:
            lines.append(self._rest)
            done, self._rest = done + len(self._rest), b""
        if lines:
            self._store.write(self._source, b"".join(map(self._stored, lines)))
        return done

    def _stored(self, line: bytes) -> bytes:
        if head := _HEAD.match(line):
            self._time = _moment(head[1]) or self._time
        return stored("f", self._time or stored_time(datetime.now(UTC)), line)

    def _remembered(self) -> tuple[int | None, int]:
        try:
            found = json.loads(self._memory.read_text(encoding="utf-8"))
            return int(found["inode"]), int(found["at"])
        except (OSError, ValueError, KeyError, TypeError):
            return None, 0


def _moment(text: bytes) -> bytes:
    """The time of a record; Laravel writes no zone, and its own is UTC by default."""
    try:
        moment = datetime.fromisoformat(text.decode("ascii"))
    except ValueError:
        return b""
    return stored_time(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
