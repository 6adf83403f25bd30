"""One file of stored lines: appended to at its end, read in chunks from any place, in both directions.

Nothing of it is kept in memory: a place is found by halving the file, which takes some twenty small reads. Mapped
memory would count as the program's own.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from devkit.logs.stored import time_of

CHUNK = 64 * 1024
"""Bytes that are read at a time."""

_PROBE = 4 * 1024


class Segment:
    """The file of one segment; `number` orders it among those of its source. Close it when it is needed no more.

    `counted` is a size that it had, at a line's end, and how many lines that were: only what came behind is counted.
    """

    def __init__(self, path: Path, number: int, counted: tuple[int, int] = (0, 0)) -> None:
        self.path = path
        self.number = number
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self.size = os.fstat(self._file).st_size
        self.lines = 0
        if self.size:
            self._recover(*(counted if counted[0] <= self.size else (0, 0)))

    def append(self, lines: bytes) -> None:
        """Add whole lines at the end. OSError (a full disk) leaves the file as it was."""
        done = 0
        try:
            while done < len(lines):
                done += os.write(self._file, lines[done:] if done else lines)
        except OSError:
            if done:
                os.ftruncate(self._file, self.size)
            raise
        self.size += done
        self.lines += lines.count(b"\n")

    def close(self) -> None:
        """Give the file back."""
        os.close(self._file)

    def remove(self) -> None:
        """Close it and delete its file."""
        self.close()
        self.path.unlink(missing_ok=True)

    def after(self, start: int) -> Iterator[tuple[int, bytes]]:
        """The lines from the place `start` on, each with its place and without its end; those that are there now."""
        end, rest = self.size, b""
        at = start
        while at < end:
            data = self._read(at, min(CHUNK, end - at))
            if not data:
                return
            at += len(data)
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                yield start, line
                start += len(line) + 1

    def before(self, end: int) -> Iterator[tuple[int, bytes]]:
        """The lines that end at the place `end` or before it, the last one first."""
        carry = b""
        while end > 0:
            start = max(0, end - CHUNK)
            data = self._read(start, end - start) + carry
            *lines, _ = data.split(b"\n")
            place = start + len(data)
            for line in reversed(lines[1:] if start else lines):
                place -= len(line) + 1
                yield place, line
            carry = lines[0] + b"\n" if start else b""  # it may have begun before this chunk
            end = start

    def seek(self, time: bytes) -> int:
        """The place of the first line that is not before `time`; the end where all are."""
        low, high = 0, self.size
        while low < high:
            middle = (low + high) // 2
            found = self._line_from(middle)
            if found is None or found[1] >= time:
                high = middle
            else:
                low = found[0] + 1
        found = self._line_from(low)
        return self.size if found is None else found[0]

    def first_time(self) -> bytes | None:
        """The time of its first line."""
        return next((time_of(line) for _, line in self.after(0)), None)

    def last_time(self) -> bytes | None:
        """The time of its last line."""
        return next((time_of(line) for _, line in self.before(self.size)), None)

    def block_after(self, start: int, size: int) -> bytes:
        """Whole lines from a place on, about `size` bytes of them; empty at the end."""
        data = self._read(start, size)
        while data and b"\n" not in data:  # one line is longer than that
            data += self._read(start + len(data), size)
        return data[: data.rfind(b"\n") + 1]

    def block_before(self, end: int, size: int) -> bytes:
        """Whole lines up to a place, about `size` bytes of them; empty at the start."""
        start = max(0, end - size)
        data = self._read(start, end - start)
        while start and data.find(b"\n", 0, -1) < 0:
            former = max(0, start - size)
            data = self._read(former, start - former) + data
            start = former
        return data[data.find(b"\n") + 1 :] if start else data

    def _line_from(self, place: int) -> tuple[int, bytes] | None:
        """Place and time of the first line that begins at `place` or behind it."""
        if place:
            at = place - 1  # a line end right before it means that a line begins here
            while True:
                data = self._read(at, _PROBE)
                if not data:
                    return None
                cut = data.find(b"\n")
                if cut >= 0:
                    place = at + cut + 1
                    break
                at += len(data)
        head = self._read(place, 64)
        return (place, time_of(head)) if head else None

    def _read(self, place: int, size: int) -> bytes:
        return os.pread(self._file, min(size, max(0, self.size - place)), place)

    def _recover(self, whole: int, lines: int) -> None:
        """Count the lines behind the first `whole` bytes, and cut off one that was not written to its end."""
        self.lines = lines
        at = whole
        while data := os.pread(self._file, 1024 * 1024, at):
            self.lines += data.count(b"\n")
            if (cut := data.rfind(b"\n")) >= 0:
                whole = at + cut + 1
            at += len(data)
        if whole != self.size:
            os.ftruncate(self._file, whole)
            self.size = whole
