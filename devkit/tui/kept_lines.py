"""The last lines of what a program writes, however much it writes."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

MOST_LINES = 20_000
MOST_BYTES = 8 * 1024 * 1024


class KeptLines:
    """Lines as they came, numbered from 0 on; of too many the first are dropped."""

    def __init__(self, most_lines: int = MOST_LINES, most_bytes: int = MOST_BYTES) -> None:
        self._most_lines = most_lines
        self._most_bytes = most_bytes
        self._lines: deque[bytes] = deque()
        self._bytes = 0
        self.dropped = 0
        """How many lines are not there any more: the number of the first one that is."""

    def append(self, line: bytes) -> None:
        """One more line."""
        self._lines.append(line)
        self._bytes += len(line)
        while len(self._lines) > self._most_lines or (self._bytes > self._most_bytes and len(self._lines) > 1):
            self._bytes -= len(self._lines.popleft())
            self.dropped += 1

    def __len__(self) -> int:
        """How many lines are there."""
        return len(self._lines)

    def __getitem__(self, index: int) -> bytes:
        """The line at a place among those that are there."""
        return self._lines[index]

    def __iter__(self) -> Iterator[bytes]:
        """Those that are there, in order."""
        return iter(self._lines)
